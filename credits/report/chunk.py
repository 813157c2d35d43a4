"""A part of a month's report: some hundred contracts, computed by themselves and set aside.

A chunk is named by all that it rests on. So whoever computes a month again, after a kill or because
something was found out meanwhile, repeats those alone of which anything differs.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from credits.contract import Contract
from credits.life.credit import LineKey
from credits.money import Money
from credits.period.kept import checks_of, facts_document
from credits.period.period_data import PeriodData
from credits.ports import EvidencePart
from credits.report.body import sums_of
from credits.report.evidence import contracts_part
from credits.report.report import MonthData, Report, assess_all
from credits.report.rows import (
    Body,
    beginning,
    canonical,
    content_hash,
    more_than_one,
    rows_of,
)
from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Second

CONTRACTS = 500
_FORM = "1"
"""Of a chunk as it is set aside: one of another form is computed again."""
_LEVEL = 1
"""A chunk is read back within minutes: what packs fast is enough."""


class CannotSetAside(Exception):
    """There is no room for a chunk, or no right to put it there; the message says where."""


class SetAside(Protocol):
    """Where chunks lie until their month is issued. What is lost there is computed again."""

    def get(self, name: str) -> bytes | None:
        """None where there is none, or where it cannot be read."""
        ...

    def put(self, name: str, packed: bytes) -> None:
        """Raises CannotSetAside."""
        ...

    def clear(self) -> None:
        """Forget all of them, and what months before have left. Never fails."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the month's head needs of a chunk. `sums` are what is due by status and currency,
    `beginnings` those of its credits' keys. `billed` are components that an assessed contract
    requires, `rested` those on which its evidence rests."""

    contracts: int
    statuses: Mapping[str, int]
    sums: Sequence[tuple[str, Money]]
    beginnings: Sequence[str]
    billed: Sequence[ComponentId]
    rested: Sequence[ComponentId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """`rows` and `evidence` are canonical JSON, as they stand in the report; evidence is by its
    hash, and `components` names what each bundle is about. `part` is what the month's evidence
    keeps of its contracts; None where nobody has to act on any."""

    summary: Summary
    rows: str
    evidence: Sequence[tuple[str, str]]
    components: Mapping[str, Sequence[str]]
    part: EvidencePart | None


def computed(read: MonthData, contracts: Sequence[Contract], shared: Collection[str]) -> Chunk:
    """The rows of these contracts; `shared` are beginnings of keys that several credits of the
    month have."""
    assessed, statuses = assess_all(contracts, read.period_data, read.credited)
    report = Report(
        month=read.month, zone=read.zone, window=read.period_data.window,
        is_provisional=read.is_provisional, period_data=read.period_data, components=(),
        assessed=tuple(assessed), statuses=statuses,
    )  # fmt: skip
    evidence: dict[str, Body] = {}
    rows = [row for one in assessed for row in rows_of(report, one, evidence, shared)]
    acted_on = {one.contract.id for one in assessed} | read.with_credits
    kept = [contract for contract in contracts if contract.id in acted_on]
    terms = {one.terms_period.terms.hash: one.terms_period.terms for one in assessed}
    billed = {c for one in terms.values() for c in read.period_data.required(one)}
    return Chunk(
        summary=Summary(
            contracts=len(contracts),
            statuses={status.value: count for status, count in statuses.items()},
            sums=sums_of(report),
            beginnings=[beginning(one) for one in assessed],
            billed=sorted(billed),
            rested=required_of(kept, read.period_data),
        ),
        rows=",".join(map(canonical, rows)),
        evidence=[(name, canonical(one)) for name, one in evidence.items()],
        components={name: list(_listed(one["components"])) for name, one in evidence.items()},
        part=contracts_part(kept, read.credited) if kept else None,
    )


def required_of(contracts: Iterable[Contract], period_data: PeriodData) -> list[ComponentId]:
    """What any terms of these contracts require in the window, by id."""
    terms = {
        one.terms.hash: one.terms
        for contract in contracts
        for _, one in contract.parts(period_data.window)
    }
    return sorted({c for one in terms.values() for c in period_data.required(one)})


class Names:
    """Names the chunks of a month by what they rest on."""

    def __init__(self, read: MonthData, program: str) -> None:
        self._data = read.period_data
        window = read.period_data.window
        ruling = read.period_data.catalogues.ruling
        self._base = [
            _FORM, program, str(read.month), read.zone.key, str(window), str(read.is_provisional),
            *(f"{r.number} {r.hash} {p.start}" for r, p in ruling if p.start < window.end),
        ]  # fmt: skip
        self._known: dict[ComponentId, str] = {}

    def name(self, read: MonthData, contracts: Sequence[Contract], shared: Collection[str]) -> str:
        """`read` is the month with what these contracts' lines were credited."""
        parts = [
            *self._base,
            *map(str, sorted(shared)),
            *(self._past_of(component) for component in required_of(contracts, self._data)),
            *(_contract_text(one, read) for one in contracts),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _past_of(self, component: ComponentId) -> str:
        """A hash of what is known of a component in the month."""
        if component not in self._known:
            data, own = self._data, {component}
            facts = data.facts.about(own, checks_of(data.catalogues, own))
            states = {key: _until(state, data.window.end) for key, state in facts.states.items()}
            document = facts_document(replace(facts, states=states))
            self._known[component] = content_hash(canonical(document))
        return self._known[component]


def _until(state: FoldState, end: Second) -> FoldState:
    """What of a check's state the month's figures rest on: not what goes on with every result."""
    covered = state.covered_until
    if covered is None or covered <= end:
        return FoldState(status=state.status, covered_until=covered)
    return FoldState(covered_until=Second(end + 1))


def _contract_text(one: Contract, read: MonthData) -> str:
    """All of a contract that the figures rest on: equal contracts give equal texts."""
    return repr(
        (
            one.id, one.client_id, one.service_id, one.product, one.is_suspended,
            [(s.start, s.end) for s in one.active], [(s.start, s.end) for s in one.suspended],
            [(t.period.start, t.period.end, t.label, t.terms.hash) for t in one.terms],
            [
                (
                    *s.key, s.period.start, s.period.end, str(s.net.amount), s.net.currency,
                    str(s.weight), str(s.already_credited),
                    read.credited.get(LineKey(one.id, *s.key)),
                )
                for s in one.segments
            ],
            one.names, one.id in read.with_credits,
        )
    )  # fmt: skip


def packed(chunk: Chunk) -> bytes:
    summary, part = chunk.summary, chunk.part
    document = {
        "contracts": summary.contracts,
        "statuses": dict(summary.statuses),
        "sums": [[status, str(m.amount), m.currency] for status, m in summary.sums],
        "beginnings": list(summary.beginnings),
        "billed": list(summary.billed),
        "rested": list(summary.rested),
        "rows": chunk.rows,
        "evidence": list(chunk.evidence),
        "components": chunk.components,
        "part": part and [part.first, part.hash, b64encode(part.body).decode()],
    }
    return zlib.compress(json.dumps(document, ensure_ascii=False).encode(), _LEVEL)


def unpacked(body: bytes) -> Chunk:
    """The inverse of `packed`. Raises what a damaged body raises."""
    found = json.loads(zlib.decompress(body))
    part = found["part"]
    return Chunk(
        summary=Summary(
            contracts=found["contracts"],
            statuses=found["statuses"],
            sums=[(status, Money(Decimal(text), code)) for status, text, code in found["sums"]],
            beginnings=found["beginnings"],
            billed=found["billed"],
            rested=found["rested"],
        ),
        rows=found["rows"],
        evidence=[(name, text) for name, text in found["evidence"]],
        components=found["components"],
        part=part and EvidencePart(number=0, first=part[0], hash=part[1], body=b64decode(part[2])),
    )


def crowded_of(summaries: Iterable[Summary]) -> frozenset[str]:
    """Beginnings that several credits of the month share."""
    return more_than_one(start for one in summaries for start in one.beginnings)


def _listed(components: object) -> Iterator[str]:
    if isinstance(components, list):
        yield from map(str, components)
