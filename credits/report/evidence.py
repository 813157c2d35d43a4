"""What a month's report rests on, as it is stored beside it: so that each of its credits can be
computed again when log, store and configuration are long gone.

One part holds what all of them share; the others hold contracts, some hundred each.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from credits.contract import Contract
from credits.contract_form import contract_document
from credits.life.credit import LineKey
from credits.period.kept import catalogues_document, checks_of, facts_document
from credits.period.period_data import PeriodData
from credits.ports import EvidencePart
from credits.report.report import MonthData
from credits.report.rows import canonical
from monitor.domain.checks.fold import Transition
from monitor.domain.checks.observation import ComponentId, Outcome, Result
from monitor.domain.time.interval import Second
from monitor.results.log.ports import ResultKey

_EDGE = (Outcome.DOWN, Outcome.UNKNOWN)


class LoggedResults(Protocol):
    """What the log still has of single results."""

    def found(self, wanted: Collection[ResultKey]) -> Mapping[ResultKey, Result]:
        """Those that count, of two eras that saw a slot; one that is gone is left out."""
        ...


class NoResults:
    """Where there is no log: nothing is copied, and what was decided stands all the same."""

    def found(self, wanted: Collection[ResultKey]) -> Mapping[ResultKey, Result]:
        return {}


def contracts_part(contracts: Sequence[Contract], credited: Mapping[LineKey, int]) -> EvidencePart:
    """Some hundred contracts in the order of their ids; the month that it belongs to numbers it."""
    return _part(contracts[0].id, _contracts(contracts, credited))


def shared_part(
    read: MonthData, components: Collection[ComponentId], results: LoggedResults, program: str
) -> EvidencePart:
    """What all credits of a month share, which rest on these components."""
    return _part("", _shared(read, components, results, program))


def unpacked(body: bytes) -> dict[str, Any]:
    """What a part holds. Raises what a body that is damaged raises."""
    found: dict[str, Any] = json.loads(zlib.decompress(body))
    return found


def _part(first: str, document: Mapping[str, Any]) -> EvidencePart:
    text = canonical(document).encode()
    return EvidencePart(
        number=0,
        first=first,
        hash=hashlib.sha256(text).hexdigest(),
        body=zlib.compress(text),
    )


def _shared(
    read: MonthData, components: Collection[ComponentId], results: LoggedResults, program: str
) -> dict[str, Any]:
    period_data = read.period_data
    catalogues = period_data.catalogues
    facts = period_data.facts.about(components, checks_of(catalogues, components))
    return {
        "period": str(read.month),
        "zone": read.zone.key,
        "program": program,
        "facts": facts_document(facts),
        "configuration": catalogues_document(catalogues, components, period_data.window.end),
        "results": results_of(results, bounding(period_data, components)),
    }


def bounding(period_data: PeriodData, components: Iterable[ComponentId]) -> set[ResultKey]:
    """The results that bound what was down or unknown in the window: the last before it, its first
    and its last, the first after it, and those that confirmed it."""
    return {
        ResultKey(*key, slot)
        for component in components
        for key, one in period_data.keyed_transitions(component)
        if one.source is not one.to and (one.source in _EDGE or one.to in _EDGE)
        for slot in _slots(one)
    }


def _slots(one: Transition) -> Iterator[Second]:
    if one.previous_at is not None:
        yield one.previous_at
    yield one.effective_at
    yield one.decided_by


def results_of(results: LoggedResults, wanted: Collection[ResultKey]) -> list[dict[str, Any]]:
    """In order of checks and slots. A transition takes effect in a slot, or where the coverage of a
    result ends: there is no result then."""
    found = results.found(wanted)
    return [_result(found[key]) for key in sorted(found)]


def _result(result: Result) -> dict[str, Any]:
    return {
        "check": result.check,
        "location": result.location,
        "slot": result.slot,
        "revision": result.revision,
        "outcome": result.outcome.value,
        "failure": result.failure,
        "message": result.message,
        "phases_ms": dict(result.phases_ms),
        "evidence": dict(result.evidence),
    }


def _contracts(some: Sequence[Contract], credited: Mapping[LineKey, int]) -> dict[str, Any]:
    terms = {one.terms.hash: one.terms for contract in some for one in contract.terms}
    return {
        "terms": {name: json.loads(found.text) for name, found in terms.items()},
        "contracts": {
            contract.id: {
                "contract": contract_document(contract),
                "credited": [
                    [*segment.key, credited[key]]
                    for segment in contract.segments
                    if (key := LineKey(contract.id, *segment.key)) in credited
                ],
            }
            for contract in some
        },
    }
