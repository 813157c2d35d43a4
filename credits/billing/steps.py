"""The steps that applying takes, each in a transaction with what it moves and what the feed says.

Everything here runs on the journal's thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credits.billing.brake import brake_of, require_released
from credits.billing.payment import SearchResult, own_standing
from credits.billing.ports import Standing
from credits.journal import BillingJournal, BillingTransaction
from credits.life.applying import Found, after_call, before_call
from credits.life.credit import By, CreditId, CreditRecord, CreditStep, advance
from credits.life.states import CreditState
from monitor.domain.change import MACHINE, Actor
from monitor.domain.checks.observation import Json
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.journal.ports import WantedChanges

BY_HAND = "csv"
"""The kind of panel that is people: what is applied by it is confirmed by them."""
_SEARCHED = "credit.searched"
_PAGE = 200
_S = CreditState


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyingSteps:
    """Each method raises JournalError; those that take a step raise Stale where somebody else was
    first, and nothing has changed then."""

    journal: BillingJournal
    clock: Clock

    def page(
        self, state: CreditState, after: CreditId, month: str = ""
    ) -> tuple[Sequence[CreditId], CreditId | None]:
        """Some credits that stand so behind that one, of one month where it is given, and behind
        which to go on; None: there are no more."""
        with self.journal.transaction() as tx:
            page = tx.credits.page(after, _PAGE, state)
        found = [record.id for record in page if month in ("", record.credit.period)]
        return found, page[-1].id if len(page) == _PAGE else None

    def read(self, wanted: CreditId) -> tuple[CreditRecord, Standing]:
        """A credit, and what our own contracts say of it now."""
        with self.journal.transaction() as tx:
            record = tx.credits.get(wanted)
            contract = tx.contracts.get(record.credit.key.contract)
        return record, own_standing(record, contract)

    def claim(self, record: CreditRecord, panel: str, actor: Actor) -> CreditRecord:
        """Say that the panel is being asked, before it is. Raises Refused while the brake is on: it
        may have been pulled since the customer was read."""
        with self.journal.transaction() as tx:
            require_released(tx)
            return self._claimed(tx, record, panel, actor)

    def claim_done(
        self, record: CreditRecord, panel: str, actor: Actor, search: SearchResult
    ) -> CreditRecord:
        """The same, of what is there already or comes to nothing: nobody is asked."""
        with self.journal.transaction() as tx:
            claimed = self._claimed(tx, record, panel, actor)
            done = advance(
                claimed, _S.APPLIED, self._machine, reference=search.reference,
                reason=search.detail,
            )  # fmt: skip
            return take(tx, claimed, done, MACHINE)

    def close(self, record: CreditRecord, after: CreditState, reference: str, reason: str) -> None:
        """What came of the call, or of a search. A ticket may have joined meanwhile: what the panel
        said holds all the same."""
        with self.journal.transaction() as tx:
            record = tx.credits.get(record.id)
            step = advance(record, after, self._machine, reference=reference, reason=reason)
            take(tx, record, step, MACHINE)

    def stop(self, record: CreditRecord, standing: Standing) -> CreditState:
        """Block, hold or end what waits. What stands so already takes no step."""
        after = before_call(standing.account)
        if record.state is after:
            return after
        with self.journal.transaction() as tx:
            waiting = self._back(tx, record)
            step = advance(waiting, after, self._machine, reason=standing.detail)
            take(tx, waiting, step, MACHINE)
        return after

    def searched(self, record: CreditRecord, search: SearchResult, settle_s: int) -> bool:
        """Record what a search brought that did not prove it; once, while it brings the same.
        Returns whether a person may decide now."""
        now = self.clock.now()
        is_settled = now - record.steps[-1].at >= settle_s
        said: dict[str, Json] = {
            "found": str(search.found), "is_settled": is_settled, "revision": record.revision,
            "detail": search.detail,
        }  # fmt: skip
        with self.journal.transaction() as tx:
            if last_search(tx, record.id) != said:
                tx.changes.append([MACHINE.change(now, _SEARCHED, record.id, after=said)])
        return is_settled

    def recover(self, wanted: CreditId) -> bool:
        """What a process that has died was asking for becomes unknown; what people carry stays
        theirs. Returns whether it was one."""
        with self.journal.transaction() as tx:
            record = tx.credits.get(wanted)
            if record.state is not _S.APPLYING or asked_panel(record) == BY_HAND:
                return False
            step = advance(
                record, after_call(is_answered=False), self._machine,
                reason="the process that asked has ended",
            )  # fmt: skip
            take(tx, record, step, MACHINE)
        return True

    def is_paused(self) -> bool:
        """Whether the brake is on."""
        with self.journal.transaction() as tx:
            return brake_of(tx).is_on

    def still_unknown(self, wanted: Sequence[CreditId]) -> frozenset[CreditId]:
        """Those of these, a few hundred, that nobody has decided about yet."""
        with self.journal.transaction() as tx:
            found = tx.credits.some(wanted)
        return frozenset(one for one in found if found[one].state is _S.APPLY_UNKNOWN)

    def since(self, wanted: CreditId) -> Second:
        """When a credit took its newest step."""
        with self.journal.transaction() as tx:
            return tx.credits.get(wanted).steps[-1].at

    def _claimed(
        self, tx: BillingTransaction, record: CreditRecord, panel: str, actor: Actor
    ) -> CreditRecord:
        waiting = self._back(tx, record)
        by = By(actor=actor.id, at=self.clock.now(), via=actor.via)
        return take(tx, waiting, advance(waiting, _S.APPLYING, by, reason=panel), actor)

    def _back(self, tx: BillingTransaction, record: CreditRecord) -> CreditRecord:
        """What was blocked or held is approved again once that has ended."""
        if record.state not in (_S.BLOCKED_SUSPENDED, _S.HELD_CHARGEBACK):
            return record
        return take(tx, record, advance(record, _S.APPROVED, self._machine), MACHINE)

    @property
    def _machine(self) -> By:
        return By(actor=MACHINE.id, at=self.clock.now(), via=MACHINE.via)


def take(
    tx: BillingTransaction, record: CreditRecord, step: CreditStep, actor: Actor
) -> CreditRecord:
    """Store a step, and say in the feed what changed. Raises Stale."""
    after = record.with_step(step)
    tx.credits.append([after])
    said: dict[str, Json] = {"state": str(step.after), "revision": step.seq}
    for name in ("reason", "reference"):
        if getattr(step, name):
            said[name] = getattr(step, name)
    before: dict[str, Json] = {"state": str(record.state)}
    tx.changes.append([actor.change(step.at, f"credit.{step.after}", record.id, before, said)])
    return after


def last_search(tx: BillingTransaction, wanted: CreditId) -> Mapping[str, Json] | None:
    """What the newest search of the panel for a credit brought; None where there was none."""
    asked = WantedChanges(is_newest_first=True, kind=_SEARCHED, subject=wanted)
    newest = next(iter(tx.changes.matching(asked, 1)), None)
    return None if newest is None else newest.after


def is_absent(tx: BillingTransaction, record: CreditRecord) -> bool:
    """Whether the panel was searched once `apply_settle` was over, and does not have it."""
    newest = last_search(tx, record.id) or {}
    return (
        newest.get("found") == Found.ABSENT
        and newest.get("is_settled") is True
        and newest.get("revision") == record.revision
    )


def asked_panel(record: CreditRecord) -> str:
    """The kind of panel that was asked last; empty where none was."""
    asked = (
        step.reason
        for step in reversed(record.steps)
        # A ticket that joins meanwhile is a step too, and asks nobody.
        if step.after is _S.APPLYING and step.before is not _S.APPLYING
    )
    return next(asked, "")
