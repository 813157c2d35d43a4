"""Approved credits on their way into the billing panel, one after the other, by one process.

Whoever holds the journal's lease applies, and nobody else. So a credit that is found `applying`
where no call is under way belongs to a process that has died: nobody knows what came of its call.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Protocol, TypeVar

from credits.assess import total
from credits.billing.payment import SearchResult, judge, payment_of
from credits.billing.ports import BillingPanel, PanelSilent, Payment, Standing
from credits.billing.steps import BY_HAND, ApplyingSteps, asked_panel
from credits.life.applying import Account, Found, after_call, after_search, before_call
from credits.life.credit import CreditId, CreditRecord
from credits.life.states import CreditState
from credits.money import Money
from monitor.domain.change import MACHINE, Actor
from monitor.domain.refusals import Refused

_T = TypeVar("_T")
MOST_SILENT = 3
"""After so many credits in a row about which the panel is silent a pass ends: it is away."""
_S = CreditState
_FIRST = CreditId("")
_WAITING = (_S.APPROVED, _S.BLOCKED_SUSPENDED, _S.HELD_CHARGEBACK)


class OnThread(Protocol):
    """Run work on the journal's own thread."""

    def __call__(self, work: Callable[[], _T], /) -> Awaitable[_T]: ...


class Came(StrEnum):
    """What came of one credit in a pass."""

    APPLIED = "applied"
    WOULD_APPLY = "would_apply"
    """A rehearsal: everything was read, and nothing speaks against it."""
    HANDED_OUT = "handed_out"
    """People carry it there: it waits in the file until they confirm it."""
    UNKNOWN = "apply_unknown"
    """The panel was asked and gave no answer: it is searched for."""
    BLOCKED = "blocked_suspended"
    HELD = "held_chargeback"
    LAPSED = "lapsed"
    REFUSED = "refused"
    """Nothing was asked: owner, currency or amount do not fit what is said there."""
    NOT_READ = "not_read"
    """The panel could not be read before: nothing was asked."""
    CHANGED = "changed"
    """Somebody else took a step meanwhile."""
    NOT_REACHED = "not_reached"
    """The pass ended before: by the brake, by another configuration, or because the panel is
    away. The next one begins here."""
    ABSENT = "absent"
    """Searched for, and not there; that is no proof before `apply_settle` is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`client` and `due` say whose the credit is and what it comes to."""

    credit: CreditId
    came: Came
    detail: str = ""
    client: str = ""
    due: tuple[Money, ...] = ()

    def of(self, record: CreditRecord) -> Outcome:
        due = total(money for _, money in record.amounts)
        return replace(self, client=record.credit.client_id, due=due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applier:
    """`on_thread` runs what uses the journal; `reached` names the points between the steps;
    `halted` says why nothing more is to be done, and is asked between two credits. Every method
    raises JournalError; what was done until then stays."""

    steps: ApplyingSteps
    panel: BillingPanel
    settle_s: int
    on_thread: OnThread
    description: str = ""
    reached: Callable[[str], None] = lambda _: None
    halted: Callable[[], str] = lambda: ""

    async def apply(
        self,
        actor: Actor = MACHINE,
        month: str = "",
        *,
        is_rehearsal: bool = False,
        behind: CreditId = _FIRST,
    ) -> Sequence[Outcome]:
        """Take everything that waits as far as it goes now: of one month where it is given. It
        begins behind a credit and comes round to it last, so that customers who cannot be read
        never keep those behind them waiting."""
        waiting = await standing(self.steps, self.on_thread, _WAITING, month)
        work = partial(self._apply, actor=actor, is_rehearsal=is_rehearsal)
        halted = self._halted if is_rehearsal else self._halted_or_paused
        return await _each(_from(waiting, behind), work, halted)

    async def reconcile(self, only: Sequence[CreditId] | None = None) -> Sequence[Outcome]:
        """Search the panel for what it gave no answer about: for all of it, or for these."""
        if only is None:
            only = await standing(self.steps, self.on_thread, (_S.APPLY_UNKNOWN,))
        return await _each(only, self._search, self._halted)

    async def _halted(self) -> str:
        return self.halted()

    async def _halted_or_paused(self) -> str:
        is_paused = not self.halted() and await self.on_thread(self.steps.is_paused)
        return "the brake is on" if is_paused else self.halted()

    async def _apply(self, wanted: CreditId, *, actor: Actor, is_rehearsal: bool) -> Outcome:
        record, own = await self.on_thread(partial(self.steps.read, wanted))
        if record.state not in _WAITING:
            return Outcome(credit=wanted, came=Came.CHANGED).of(record)
        done = await self._brought(record, own, actor=actor, is_rehearsal=is_rehearsal)
        return done.of(record)

    async def _brought(
        self, record: CreditRecord, own: Standing, *, actor: Actor, is_rehearsal: bool
    ) -> Outcome:
        wanted = record.id
        try:
            payment = payment_of(record, self.description)
            standing = await self._standing(payment, own)
            search = await self._before(payment, standing)
        except Refused as error:
            return Outcome(credit=wanted, came=Came.REFUSED, detail=error.code)
        except PanelSilent as error:
            return Outcome(credit=wanted, came=Came.NOT_READ, detail=str(error))
        if standing.refused:
            detail = f"{standing.refused}: {standing.detail}"
            return Outcome(credit=wanted, came=Came.REFUSED, detail=detail)
        if search.found is Found.SILENT:
            return Outcome(credit=wanted, came=Came.REFUSED, detail=search.detail)
        if is_rehearsal or self.panel.is_rehearsal:
            return _rehearsed(wanted, standing)
        try:
            return await self._go(record, payment, standing, search, actor)
        except Refused as error:
            return Outcome(credit=wanted, came=Came.CHANGED, detail=error.code)

    async def _standing(self, payment: Payment, own: Standing) -> Standing:
        """What either side objects to: our own contracts first, which cost no call."""
        if own.refused or own.account is not Account.GOOD:
            return own
        return await self.panel.standing(payment)

    async def _before(self, payment: Payment, standing: Standing) -> SearchResult:
        """It may be there already: a call that was given up may have arrived since."""
        if standing.refused or standing.account is not Account.GOOD or not payment.amount.amount:
            return SearchResult(found=Found.ABSENT)
        return judge(payment, await self.panel.find(payment))

    async def _go(
        self,
        record: CreditRecord,
        payment: Payment,
        standing: Standing,
        search: SearchResult,
        actor: Actor,
    ) -> Outcome:
        """Take the steps. Raises Refused where somebody else has taken one meanwhile."""
        steps, kind = self.steps, self.panel.kind
        if standing.account is not Account.GOOD:
            after = await self.on_thread(partial(steps.stop, record, standing))
            return Outcome(credit=record.id, came=Came(after), detail=standing.detail)
        if search.found is Found.PRESENT or not payment.amount.amount:
            await self.on_thread(partial(steps.claim_done, record, kind, actor, search))
            return Outcome(credit=record.id, came=Came.APPLIED, detail=search.detail)
        self.reached("billing.claim.before")
        claimed = await self.on_thread(partial(steps.claim, record, kind, actor))
        self.reached("billing.send.before")
        if self.panel.is_by_hand:
            return Outcome(credit=record.id, came=Came.HANDED_OUT)
        return await self._call(claimed, payment)

    async def _call(self, claimed: CreditRecord, payment: Payment) -> Outcome:
        """The one call. Whatever ends it, this process included, leaves what is found later."""
        reference, reason = "", ""
        try:
            reference = await self.panel.apply(payment)
        except PanelSilent as error:
            reason = str(error)
        self.reached("billing.answer.before")
        after = after_call(is_answered=not reason)
        await self.on_thread(partial(self.steps.close, claimed, after, reference, reason))
        return Outcome(credit=claimed.id, came=Came(after), detail=reason)

    async def _search(self, wanted: CreditId) -> Outcome:
        record, _ = await self.on_thread(partial(self.steps.read, wanted))
        if record.state is not _S.APPLY_UNKNOWN:
            return Outcome(credit=wanted, came=Came.CHANGED).of(record)
        return (await self._searched(record)).of(record)

    async def _searched(self, record: CreditRecord) -> Outcome:
        wanted = record.id
        if self.panel.is_by_hand or asked_panel(record) == BY_HAND:
            return Outcome(credit=wanted, came=Came.NOT_READ, detail="people say what came of it")
        if asked_panel(record) != self.panel.kind:
            # That it is not there proves nothing about the one that was asked.
            said = f"it was asked of {asked_panel(record)}"
            return Outcome(credit=wanted, came=Came.NOT_READ, detail=said)
        try:
            payment = payment_of(record, self.description)
            search = judge(payment, await self.panel.find(payment))
        except PanelSilent as error:
            return Outcome(credit=wanted, came=Came.NOT_READ, detail=str(error))
        try:
            return await self._found(record, search)
        except Refused as error:
            return Outcome(credit=wanted, came=Came.CHANGED, detail=error.code)

    async def _found(self, record: CreditRecord, search: SearchResult) -> Outcome:
        steps = self.steps
        if after_search(search.found) is _S.APPLIED:
            close = partial(steps.close, record, _S.APPLIED, search.reference, search.detail)
            await self.on_thread(close)
            return Outcome(credit=record.id, came=Came.APPLIED, detail=search.detail)
        is_settled = await self.on_thread(partial(steps.searched, record, search, self.settle_s))
        said = "a person may release it" if is_settled else "it may still arrive"
        came = Came.ABSENT if search.found is Found.ABSENT else Came.REFUSED
        return Outcome(credit=record.id, came=came, detail=search.detail or said)


async def recovered(steps: ApplyingSteps, on_thread: OnThread) -> Sequence[CreditId]:
    """What a process that has died was asking for: unknown from now on. To be called before
    anything is applied."""
    found = await standing(steps, on_thread, (_S.APPLYING,))
    return [one for one in found if await on_thread(partial(steps.recover, one))]


async def standing(
    steps: ApplyingSteps, on_thread: OnThread, states: Sequence[CreditState], month: str = ""
) -> Sequence[CreditId]:
    """Credits that stand so, by id. A month has thousands: the thread is free between two pages,
    for decisions wait on it."""
    found: list[CreditId] = []
    for state in states:
        after: CreditId | None = CreditId("")
        while after is not None:
            some, after = await on_thread(partial(steps.page, state, after, month))
            found += some
    return sorted(found)


async def _each(
    wanted: Sequence[CreditId],
    work: Callable[[CreditId], Awaitable[Outcome]],
    halted: Callable[[], Awaitable[str]],
) -> Sequence[Outcome]:
    """One after the other; no further where something has halted it, or where the panel is silent
    again and again."""
    found: list[Outcome] = []
    for number, one in enumerate(wanted):
        why = await halted() or _silence(found)
        if why:
            rest = wanted[number:]
            found += [Outcome(credit=left, came=Came.NOT_REACHED, detail=why) for left in rest]
            break
        found.append(await work(one))
    return found


def _silence(found: Sequence[Outcome]) -> str:
    last = [outcome.came for outcome in found[-MOST_SILENT:]]
    is_away = len(last) == MOST_SILENT and set(last) <= {Came.NOT_READ, Came.UNKNOWN}
    return f"the panel was silent about {MOST_SILENT} in a row" if is_away else ""


def _from(waiting: Sequence[CreditId], behind: CreditId) -> Sequence[CreditId]:
    """Those behind it first, and then the others.

    >>> _from([CreditId("A"), CreditId("B"), CreditId("C")], CreditId("A"))
    ['B', 'C', 'A']
    """
    return [one for one in waiting if one > behind] + [one for one in waiting if one <= behind]


def _rehearsed(wanted: CreditId, standing: Standing) -> Outcome:
    if standing.account is Account.GOOD:
        return Outcome(credit=wanted, came=Came.WOULD_APPLY)
    came = Came(before_call(standing.account))
    return Outcome(credit=wanted, came=came, detail=standing.detail)
