"""What waits, and rulings, as people and programs read them; times are local."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from credits.assess import total
from credits.classified import evidence_fields
from credits.life.credit import Assumed, CreditRecord
from credits.life.ruling import Chosen, RulingRecord, RulingStep
from credits.money import Money, minor_units
from credits.stamps import local_text
from credits.unknown.commands import Ruled
from credits.unknown.sources import Episode, Source
from monitor.domain.time.interval import Interval

MOST_LISTED = 100
"""Credits, checks and names that are listed; all are counted."""


def source_fields(source: Source, zone: ZoneInfo) -> dict[str, Any]:
    """`chosen` is how a proposal names all of it; null where it has several causes."""
    return {
        "month": str(source.month),
        "causes": sorted(source.causes),
        "episodes": [_episode(one, zone) for one in source.episodes],
        "checks": list(source.checks[:MOST_LISTED]),
        "checks_count": len(source.checks),
        "components": list(source.components[:MOST_LISTED]),
        "contracts": source.contracts,
        "credits": len(source.waiting),
        "asked_before": source.asked_before,
        "totals": _totals([one.record for one in source.waiting], None),
        "chosen": None if source.chosen is None else _chosen(source.chosen, zone),
        "listed": [one.record.id for one in source.waiting[:MOST_LISTED]],
    }


def ruling_fields(record: RulingRecord, zone: ZoneInfo) -> dict[str, Any]:
    """How it stands, and its newest step."""
    return {
        "reference": record.reference,
        "status": record.status.value,
        **_step(record.newest, zone),
    }


def ruled_fields(found: Ruled, sources: Sequence[Source], zone: ZoneInfo) -> dict[str, Any]:
    """With every step, where the unknown time came from, and the money before and after."""
    former = {one.record.id: one.former for source in sources for one in source.waiting}
    return {
        **ruling_fields(found.record, zone),
        "steps": [_step(step, zone) for step in found.record.steps],
        "sources": [source_fields(source, zone) for source in sources],
        "contracts": len({one.credit.key.contract for one in found.credits}),
        "totals": _totals(found.credits, found.record.proposal.assumed),
        "listed": [
            _credit(one, former.get(one.id, ()), zone) for one in found.credits[:MOST_LISTED]
        ],
        "unfit": list(found.unfit[:MOST_LISTED]),
        "unfit_count": len(found.unfit),
        "overlaps": list(found.overlaps),
    }


def _step(step: RulingStep, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "revision": step.revision,
        "state": step.state.value,
        "assumed": step.assumed.value,
        "credits": step.credits,
        "chosen": None if step.chosen is None else _chosen(step.chosen, zone),
        "evidence": evidence_fields(step.evidence),
        "proposed_by": step.proposed_by,
        "decided_by": step.decided_by,
        "reason": step.reason,
        "at": local_text(step.at, zone),
    }


def _chosen(chosen: Chosen, zone: ZoneInfo) -> dict[str, Any]:
    return {"month": chosen.month, **_span(chosen.span, zone), "cause": chosen.cause}


def _episode(one: Episode, zone: ZoneInfo) -> dict[str, Any]:
    return {**_span(one.span, zone), "seconds": one.span.seconds, "cause": one.cause}


def _span(span: Interval | None, zone: ZoneInfo) -> dict[str, str | None]:
    if span is None:
        return {"start": None, "end": None}
    return {"start": local_text(span.start, zone), "end": local_text(span.end, zone)}


def _totals(records: Sequence[CreditRecord], assumed: Assumed | None) -> list[dict[str, str]]:
    """By currency: what it comes to either way, and where somebody has said which, what is due
    before and after that: nothing is, until it is decided."""
    sides = {
        "if_up": _sums(records, Assumed.UP),
        "if_down": _sums(records, Assumed.DOWN),
        **({} if assumed is None else {"before": {}, "after": _sums(records, assumed)}),
    }
    found = {currency for sums in sides.values() for currency in sums}
    return [
        {"currency": one} | {side: _amount(sums.get(one), one) for side, sums in sides.items()}
        for one in sorted(found)
    ]


def _sums(records: Iterable[CreditRecord], assumed: Assumed) -> Mapping[str, Money]:
    amounts = (line.under(assumed) for one in records for line in one.credit.lines)
    return {money.currency: money for money in total(amounts)}


def _amount(money: Money | None, currency: str) -> str:
    amount = 0 if money is None else money.amount
    return f"{amount:.{minor_units(currency)}f}"


def _credit(one: CreditRecord, former: Sequence[CreditRecord], zone: ZoneInfo) -> dict[str, Any]:
    credit = one.credit
    return {
        "credit_id": one.id,
        "contract_id": credit.key.contract,
        "client_id": credit.client_id,
        "product": credit.product,
        "state": one.state.value,
        **_span(credit.key.window, zone),
        "totals": _totals([one], None),
        "former": [
            {
                "credit_id": other.id,
                "assumed": str(other.assumed),
                "state": other.state.value,
                "reason": next(s.reason for s in reversed(other.steps) if s.assumed is not None),
                "totals": _totals([other], other.assumed),
            }
            for other in former
        ],
    }
