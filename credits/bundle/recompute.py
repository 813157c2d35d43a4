"""A bundle computed again, from nothing but itself: no journal, no configuration, no network.

What it claims has to follow from what it holds: the rows and their evidence from what the checks
saw, the credit from the rows, each step from the one before.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from credits.assess import Status
from credits.bundle.document import FORM, Document, bundle_text, hashes_of, record_of
from credits.contract_form import contract_of
from credits.life.credit import CreditRecord, CreditStep, LineKey
from credits.life.settlement import Figure, settle
from credits.life.states import CreditState, next_states
from credits.period.assessed import Assessed, assessed_parts
from credits.period.kept import catalogues_of, facts_of
from credits.period.month import Month
from credits.period.period_data import PeriodData
from credits.report.claims import Claim, claims_of
from credits.report.report import Report
from credits.report.rows import Body, canonical, crowd_of, rows_of
from credits.terms import terms_of
from monitor.runtime.frozen_json import to_json

_UNFIT = (
    KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, ArithmeticError,
    OSError,
)  # fmt: skip
"""What JSON that does not fit raises."""
_CLAIMED = ("client_id", "service_id", "product", "components", "evidence_hash")


class NoBundle(Exception):
    """It is not a bundle that this version reads; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Differs(Exception):
    """The first thing that a bundle claims and that does not follow from it. `path` begins at the
    bundle's top."""

    path: str
    claimed: object
    computed: object

    def __str__(self) -> str:
        return f"{self.path}: the bundle says {_said(self.claimed)}, got {_said(self.computed)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """A bundle that holds: its document, and the bytes that were computed, which are its own."""

    document: Document
    text: str


def recompute(text: str) -> Recomputed:
    """Compute a bundle again. Raises NoBundle, Differs."""
    document = _read(text)
    try:
        claims, computed = document["figures"], _figures(document)
        _compare("figures", claims, computed)
        record = record_of(document["credit"], document["steps"])
        claim = claims_of({"credits": computed["rows"], "evidence": computed["evidence"]}).get(
            record.credit.key
        )
        _compare("credit.lines", document["credit"]["lines"], _lines(document, claim))
        for name in _CLAIMED if claim is not None else ():
            # The hash is what a reader holds against the report.
            _compare(f"credit.{name}", document["credit"][name], to_json(getattr(claim, name)))
        _compare("steps", *_first_illegal(record))
        hashes = hashes_of(document)
        _compare("hashes", document["hashes"], hashes)
    except _UNFIT as error:
        raise NoBundle(f"{type(error).__name__}: {error}") from error
    made = bundle_text({**document, "figures": computed, "hashes": hashes})
    if made != text:
        raise Differs(path="the file", claimed="other bytes", computed="the same values")
    return Recomputed(document=document, text=made)


def _read(text: str) -> Document:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoBundle(f"no JSON: {error}") from error
    form = found.get("form") if isinstance(found, Mapping) else None
    if form != FORM:
        raise NoBundle(f"wanted the form {FORM!r}, got {form!r}")
    document: Document = found
    return document


def _figures(document: Document) -> dict[str, Any]:
    """The report's rows about the credit's window, and their evidence."""
    evidence: dict[str, Body] = {}
    report = _report(document)
    rows: list[Body] = []
    for found in report.assessed:
        rows += rows_of(report, found, evidence, crowd_of(_id_of(document)))
    # As the report was stored, with lists for tuples.
    plain: dict[str, Any] = json.loads(canonical({"rows": rows, "evidence": evidence}))
    return plain


def _id_of(document: Document) -> str:
    rows = document["figures"]["rows"]
    return str(rows[0]["credit_id"]) if rows else ""


def _report(document: Document) -> Report:
    """The month's report, about this credit alone."""
    past = document["past"]
    period_data = PeriodData.of(facts_of(past["facts"]), catalogues_of(past["configuration"]))
    return Report(
        month=Month.read(past["period"]),
        zone=ZoneInfo(past["zone"]),
        window=period_data.window,
        is_provisional=False,
        period_data=period_data,
        components=(),
        assessed=tuple(_assessed(document, period_data)),
        statuses=Counter(),
    )


def _assessed(document: Document, period_data: PeriodData) -> Iterator[Assessed]:
    """The assessment of the credit's window and terms, where anything is due or undecided."""
    terms = {name: terms_of(fields) for name, fields in document["terms"].items()}
    contract = contract_of(document["contract"], terms)
    credited = {
        LineKey(contract.id, invoice, line): minor for invoice, line, minor in document["credited"]
    }
    wanted = document["credit"]
    for found in assessed_parts(contract, period_data, credited):
        is_it = [found.window.start, found.window.end] == wanted[
            "window"
        ] and found.terms_period.terms.hash == wanted["terms_hash"]
        if is_it and found.assessment.status is not Status.NOT_ELIGIBLE:
            yield found


def _lines(document: Document, claim: Claim | None) -> list[Any]:
    """What the credit is due for: the figure, less what there had been of it before."""
    figure = Figure() if claim is None else claim.figure
    earlier = [record_of(one["credit"], one["steps"]) for one in document["earlier"]]
    return [to_json(line) for line in settle(figure, earlier).lines]


def _first_illegal(record: CreditRecord) -> tuple[list[str], list[str]]:
    """The states as they are, and as far as each follows from the one before."""
    said = [step.after.value for step in record.steps]
    state: CreditState | None = None
    for number, step in enumerate(record.steps, 1):
        if not _follows(step, state, number):
            return said, said[: number - 1]
        state = step.after
    return said, said


def _follows(step: CreditStep, state: CreditState | None, number: int) -> bool:
    joins = step.after is state and bool(step.ticket)
    return (
        step.seq == number and step.before is state and (joins or step.after in next_states(state))
    )


def _compare(path: str, claimed: object, computed: object) -> None:
    """Raises Differs at the first difference, in the order of canonical JSON."""
    if isinstance(claimed, Mapping) and isinstance(computed, Mapping):
        for key in sorted(claimed.keys() | computed.keys()):
            _compare(f"{path}.{key}", claimed.get(key), computed.get(key))
    elif _is_list(claimed) and _is_list(computed):
        _compare_lists(path, claimed, computed)  # type: ignore[arg-type]
    elif type(claimed) is not type(computed) or claimed != computed:
        raise Differs(path=path, claimed=claimed, computed=computed)


def _compare_lists(path: str, claimed: Sequence[object], computed: Sequence[object]) -> None:
    for place, (one, other) in enumerate(zip(claimed, computed, strict=False)):
        _compare(f"{path}[{place}]", one, other)
    if len(claimed) != len(computed):
        raise Differs(path=path, claimed=f"{len(claimed)}", computed=f"{len(computed)}")


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _said(value: object) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"
