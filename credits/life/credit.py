"""A credit: what is due for one window under one set of terms, and every step of its life.

Nothing of it is edited. How it stands, who asked and what it comes to follow from its steps.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, NewType

from credits.contract import ContractId
from credits.life.states import FIRST, JOINABLE, OVER, REPLACEABLE, CreditState, next_states
from credits.money import Money
from monitor.domain.change import Via
from monitor.domain.refusals import Refused
from monitor.domain.time.interval import Interval, Second

CreditId = NewType("CreditId", str)


class CreditKey(NamedTuple):
    """What there is one credit for, however often it is computed or asked for."""

    contract: ContractId
    window: Interval
    terms_hash: str


class LineKey(NamedTuple):
    """An invoice line as one contract has it: a bundle's line belongs to several."""

    contract: ContractId
    invoice_id: str
    line_id: str


class Assumed(StrEnum):
    """What two people take the unknown seconds for. The value is stored."""

    UP = "up"
    DOWN = "down"
    CLOSED = "closed"
    """Whatever they were, nothing is due and nothing is taken back: no invoice will ever price
    them, or the customer has been given more already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDue:
    """What is due for one invoice line. `if_down` is what it comes to where the unknown seconds
    were down; None where nobody has to decide about them."""

    invoice_id: str
    line_id: str
    amount: Money
    if_down: Money | None = None

    def under(self, assumed: Assumed | None) -> Money:
        """The amount once somebody has said what the unknown seconds were."""
        if assumed is Assumed.CLOSED:
            return Money(self.amount.amount * 0, self.amount.currency)
        if assumed is Assumed.DOWN and self.if_down is not None:
            return self.if_down
        return self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What was computed. `ordinal` is 0 for the credit of its key and counts its adjustments, which
    name it in `adjusts` (None where there was no credit before). `period` is the month whose close
    made it; `evidence_hash` names the bundle that it rests on; `components` are those that the
    terms required."""

    id: CreditId
    key: CreditKey
    client_id: str
    service_id: str
    product: str
    period: str
    lines: tuple[LineDue, ...]
    components: tuple[str, ...]
    evidence_hash: str
    ordinal: int = 0
    adjusts: CreditId | None = None

    def line_key(self, line: LineDue) -> LineKey:
        return LineKey(self.key.contract, line.invoice_id, line.line_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditStep:
    """One arrow, or a ticket that joins and leaves the state as it is. `before` is None in the
    first step alone. `reason` and `clause` are of a rejection; `assumed` of a decision about
    unknown seconds; `reference` is the billing panel's own, of what was applied."""

    credit: CreditId
    seq: int
    before: CreditState | None
    after: CreditState
    at: Second
    actor: str
    via: Via = Via.NONE
    ticket: str = ""
    reason: str = ""
    clause: str = ""
    assumed: Assumed | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CreditRecord:
    """A credit and its steps, oldest first; there is at least one."""

    credit: Credit
    steps: tuple[CreditStep, ...]

    @property
    def id(self) -> CreditId:
        return self.credit.id

    @property
    def state(self) -> CreditState:
        return self.steps[-1].after

    @property
    def revision(self) -> int:
        """The number of its newest step."""
        return self.steps[-1].seq

    @property
    def tickets(self) -> tuple[str, ...]:
        """In the order in which they came, each once."""
        return tuple(dict.fromkeys(step.ticket for step in self.steps if step.ticket))

    @property
    def assumed(self) -> Assumed | None:
        return next((s.assumed for s in reversed(self.steps) if s.assumed is not None), None)

    @property
    def amounts(self) -> tuple[tuple[LineKey, Money], ...]:
        """What it comes to, by invoice line. While nobody has decided about unknown seconds that
        is what is due without them."""
        return tuple(
            (self.credit.line_key(line), line.under(self.assumed)) for line in self.credit.lines
        )

    @property
    def was_sent(self) -> bool:
        """Whether a billing panel, or people, were ever told to apply it. What they gave no answer
        about may still arrive, also after somebody has released it."""
        return any(step.after is CreditState.APPLYING for step in self.steps)

    @property
    def may_give_way(self) -> bool:
        """Whether a new figure may take its place: the customer surely does not have it."""
        return self.state in REPLACEABLE and not self.was_sent

    @property
    def may_be_given(self) -> bool:
        """Whether the customer has it, or may have it: it counts as given."""
        is_under_way = self.was_sent and self.state not in OVER
        return is_under_way or self.state is CreditState.APPLIED

    @property
    def requesters(self) -> frozenset[str]:
        return frozenset(step.actor for step in self.steps if step.ticket)

    @property
    def deciders(self) -> frozenset[str]:
        """Who said what the unknown seconds were."""
        return frozenset(step.actor for step in self.steps if step.assumed is not None)

    def may_approve(self, account: str, proposers: Collection[str]) -> bool:
        """Neither whoever asked for it, nor who decided about its unknown seconds, nor a proposer
        of any exclusion on which it rests."""
        return account not in self.requesters | self.deciders and account not in proposers

    def with_step(self, step: CreditStep) -> CreditRecord:
        return CreditRecord(self.credit, (*self.steps, step))


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who takes a step, when, and by which door."""

    actor: str
    at: Second
    via: Via = Via.NONE


def begin(credit: Credit, state: CreditState, by: By) -> CreditRecord:
    """A credit with its first step. Raises ValueError for a state with which none begins, or where
    a credit that adjusts nothing would take money away."""
    if state not in FIRST:
        raise ValueError(f"no credit begins as {state}")
    is_negative = any(line.amount.amount < 0 for line in credit.lines)
    if is_negative and (not credit.ordinal or state is CreditState.ELIGIBLE):
        raise ValueError(f"{credit.id} would take money away as {state}")
    first = CreditStep(
        credit=credit.id, seq=1, before=None, after=state, at=by.at, actor=by.actor, via=by.via
    )
    return CreditRecord(credit, (first,))


def advance(
    record: CreditRecord,
    after: CreditState,
    by: By,
    *,
    ticket: str = "",
    reason: str = "",
    clause: str = "",
    assumed: Assumed | None = None,
    reference: str = "",
) -> CreditStep:
    """The step along an arrow. Raises Refused where there is no such arrow, or where it lacks what
    it needs: a request its ticket, a rejection its reason and clause. What a panel was ever asked
    for is superseded by nothing."""
    is_given_up = after is CreditState.SUPERSEDED and record.was_sent
    if is_given_up or after not in next_states(record.state):
        raise Refused("credit.no_arrow", id=record.id, state=str(record.state), wanted=str(after))
    if after is CreditState.REQUESTED and not ticket:
        raise Refused("credit.ticket_required", id=record.id)
    if after is CreditState.REJECTED and not (reason and clause):
        raise Refused("credit.reason_required", id=record.id)
    return CreditStep(
        credit=record.id,
        seq=record.revision + 1,
        before=record.state,
        after=after,
        at=by.at,
        actor=by.actor,
        via=by.via,
        ticket=ticket,
        reason=reason,
        clause=clause,
        assumed=assumed,
        reference=reference,
    )


def request(record: CreditRecord, ticket: str, by: By) -> CreditStep | None:
    """Ask for it by a ticket. Another ticket joins the same credit, the same one again changes
    nothing: None. Raises Refused."""
    if not ticket:
        raise Refused("credit.ticket_required", id=record.id)
    if ticket in record.tickets:
        return None
    if record.state not in JOINABLE:
        return advance(record, CreditState.REQUESTED, by, ticket=ticket)
    return CreditStep(
        credit=record.id,
        seq=record.revision + 1,
        before=record.state,
        after=record.state,
        at=by.at,
        actor=by.actor,
        via=by.via,
        ticket=ticket,
    )


def approve(
    record: CreditRecord, proposers: Collection[str], by: By, *, reason: str = ""
) -> CreditStep:
    """The approval by somebody who has not asked for it, nor proposed or decided what it rests on.
    Raises Refused."""
    step = advance(record, CreditState.APPROVED, by, reason=reason)
    if not record.may_approve(by.actor, proposers):
        raise Refused("credit.two_people", id=record.id, name=by.actor)
    return step


def decide(record: CreditRecord, assumed: Assumed, by: By, *, reason: str) -> CreditStep:
    """Say what the unknown seconds were: what that comes to is due, or is to be taken back, or is
    nothing. Raises Refused, also where no invoice line prices it and it is not to be closed."""
    if not record.credit.lines and assumed is not Assumed.CLOSED:
        raise Refused("credit.unpriced", id=record.id)
    amounts = [line.under(assumed).amount for line in record.credit.lines]
    after = CreditState.CLOSED_NO_BREACH
    if any(amounts):
        is_negative = min(amounts) < 0
        after = CreditState.PENDING_HUMAN_APPROVAL if is_negative else CreditState.ELIGIBLE
    return advance(record, after, by, reason=reason, assumed=assumed)
