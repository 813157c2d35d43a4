"""Credits that differ in what a test is about alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from credits.contract import ContractId
from credits.life.credit import (
    By,
    Credit,
    CreditId,
    CreditKey,
    CreditRecord,
    LineDue,
    advance,
    begin,
)
from credits.life.states import CreditState
from credits.money import Money
from monitor.domain.change import Via
from monitor.domain.time.interval import Interval, Second

NIGHT = Second(1_000)
KEY = CreditKey(ContractId("C-1"), Interval(Second(0), Second(2_592_000)), "ab" * 32)


def by(actor: str = "ana", at: int = NIGHT) -> By:
    return By(actor=actor, at=Second(at), via=Via.CONSOLE)


def due(amount: str, *, line: str = "L1", currency: str = "USD", worst: str = "") -> LineDue:
    return LineDue(
        invoice_id="F-1",
        line_id=line,
        amount=Money(Decimal(amount), currency),
        if_down=Money(Decimal(worst), currency) if worst else None,
    )


def credit(*lines: LineDue, ordinal: int = 0, client: str = "77") -> Credit:
    return Credit(
        id=CreditId(f"BON-2026-04-{client}-{ordinal}"),
        key=KEY,
        client_id=client,
        service_id="501",
        product="Hosting",
        period="2026-04",
        lines=lines or (due("6.86"),),
        components=("web-1",),
        evidence_hash="cd" * 32,
        ordinal=ordinal,
        adjusts=CreditId(f"BON-2026-04-{client}-0") if ordinal else None,
    )


_WAY_TO = {
    CreditState.NEEDS_REVIEW: [CreditState.NEEDS_REVIEW],
    CreditState.PENDING_HUMAN_APPROVAL: [CreditState.PENDING_HUMAN_APPROVAL],
    CreditState.ELIGIBLE: [CreditState.ELIGIBLE],
    CreditState.REQUESTED: [CreditState.ELIGIBLE, CreditState.REQUESTED],
}
_WAY_TO[CreditState.UNDER_REVIEW] = [*_WAY_TO[CreditState.REQUESTED], CreditState.UNDER_REVIEW]
_WAY_TO[CreditState.APPROVED] = [*_WAY_TO[CreditState.UNDER_REVIEW], CreditState.APPROVED]
for _blocked in (CreditState.BLOCKED_SUSPENDED, CreditState.HELD_CHARGEBACK, CreditState.APPLYING):
    _WAY_TO[_blocked] = [*_WAY_TO[CreditState.APPROVED], _blocked]
for _late in (CreditState.APPLIED, CreditState.APPLY_UNKNOWN):
    _WAY_TO[_late] = [*_WAY_TO[CreditState.APPLYING], _late]
_WAY_TO[CreditState.CLOSED_NO_BREACH] = [CreditState.NEEDS_REVIEW, CreditState.CLOSED_NO_BREACH]
_WAY_TO[CreditState.REJECTED] = [*_WAY_TO[CreditState.REQUESTED], CreditState.REJECTED]
for _ended in (CreditState.EXPIRED, CreditState.SUPERSEDED, CreditState.LAPSED):
    _WAY_TO[_ended] = [CreditState.ELIGIBLE, _ended]


def standing(state: CreditState, *lines: LineDue, ordinal: int = 0) -> CreditRecord:
    """A credit that has come to a state by the shortest way."""
    way = _WAY_TO[state]
    return walked(way, *lines, ordinal=ordinal)


def walked(way: Sequence[CreditState], *lines: LineDue, ordinal: int = 0) -> CreditRecord:
    record = begin(credit(*lines, ordinal=ordinal), way[0], by("estado"))
    for state in way[1:]:
        needs: dict[str, Any] = {"ticket": "TCK-1"} if state is CreditState.REQUESTED else {}
        if state is CreditState.REJECTED:
            needs = {"reason": "No corresponde", "clause": "10a"}
        record = record.with_step(advance(record, state, by(), **needs))
    return record
