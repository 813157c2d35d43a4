"""The core's share of billing: it alone asks the billing panel, beside its decisions.

One task of the loop asks one question at a time; the journal's thread is used for the steps alone,
each a short transaction. A panel that hangs keeps nobody but the next credit waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import structlog

from credits.billing.applier import Applier, Came, Outcome, recovered, standing
from credits.billing.requests import Asked, Task, answer_pass, outcome_fields, pending_pass
from credits.billing.steps import ApplyingSteps
from credits.journal import BillingJournal
from credits.life.credit import CreditId
from credits.life.states import CreditState
from monitor.alerting.channels.kind import ChannelDependencies
from monitor.billing.registry import PANELS
from monitor.domain.catalogue import Billing, Catalogue
from monitor.domain.change import MACHINE
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.journal.ports import Deposed, JournalDamaged, JournalError
from monitor.net.egress_guard import egress_guard
from monitor.registry import KindUnusable
from monitor.runtime.kill_points import reached
from monitor.runtime.tasks import OnThread

EVERY_S = 2.0
BY_ITSELF_EVERY_S = 300.0
AFTER_A_FAULT_S = 60.0
LAST_CALL_S = 10.0
"""How long a role that ends waits for the answer to the one call that is under way: less than its
supervisor waits for it. A call that is given up costs its customer an hour and a person."""
_LOOK_AGAIN_S = 60.0
_PAGE = 200
_DAY = 86_400


class CoreBilling:
    """Follows the configuration in force: `catalogue` is called before each round."""

    def __init__(
        self, journal: BillingJournal, clock: Clock, catalogue: Callable[[], Catalogue]
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._catalogue = catalogue
        self._steps = ApplyingSteps(journal=journal, clock=clock)
        self._made: tuple[Billing, Applier | None] | None = None
        self._is_recovered = False
        self._by_itself_due = clock.monotonic()
        self._unknown: dict[CreditId, Second] = {}
        """What the panel gave no answer about, and since when: read once, for this core alone adds
        to it, and a ledger of years is not searched every minute."""
        self._searched: dict[CreditId, Second] = {}
        self._search_due = self._looked_at = clock.monotonic()
        self._behind = CreditId("")
        """Behind which the next pass begins: the last credit that the one before reached."""
        self._is_ending = False
        self._log = structlog.get_logger()

    @property
    def unanswered(self) -> int:
        """How many credits the panel gave no answer about."""
        return len(self._unknown)

    async def run(self, on_thread: OnThread) -> None:
        """Raises Deposed, JournalDamaged."""
        while True:
            try:
                await self._to_its_end(on_thread)
            except (Deposed, JournalDamaged):
                raise
            except JournalError as error:
                # What came of a call may not have been written: it is found by searching.
                self._is_recovered = False
                self._log.error("billing.journal_failed", error=str(error))
            except Exception as error:  # noqa: BLE001 - a fault here must not end who decides
                self._is_recovered = False
                self._log.error("billing.failed", error=repr(error), exc_info=True)
                await asyncio.sleep(AFTER_A_FAULT_S)
            await asyncio.sleep(EVERY_S)

    async def _to_its_end(self, on_thread: OnThread) -> None:
        """A round; where the role ends meanwhile, up to the next credit."""
        working = asyncio.create_task(self.follow(on_thread))
        try:
            await asyncio.shield(working)
        except asyncio.CancelledError:
            self._is_ending = True
            await asyncio.wait([working], timeout=LAST_CALL_S)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            raise

    async def follow(self, on_thread: OnThread) -> None:
        """One round: what people have asked for, what goes by itself, what is searched for. Raises
        JournalError."""
        if not self._is_recovered:
            await self._recover(on_thread)
            self._is_recovered = True
        await self._forget_decided(on_thread)
        asked = await on_thread(self._pending)
        billing = self._catalogue().billing
        applier = self._applier(billing, on_thread)
        if asked is not None:
            await self._answer(asked, applier, on_thread)
        if applier is None:
            return
        if billing.by_itself and self._clock.monotonic() >= self._by_itself_due:
            self._by_itself_due = self._clock.monotonic() + BY_ITSELF_EVERY_S
            found = await applier.apply(MACHINE, behind=self._behind)
            self._take_note("by_itself", found)
            self._go_on_behind(found)
        await self._reconcile_due(applier, billing.settle_s)

    async def _recover(self, on_thread: OnThread) -> None:
        for lost in await recovered(self._steps, on_thread):
            self._log.warning("billing.call_lost", credit=lost)
        unknown = await standing(self._steps, on_thread, (CreditState.APPLY_UNKNOWN,))
        self._unknown = {one: await on_thread(partial(self._steps.since, one)) for one in unknown}

    async def _forget_decided(self, on_thread: OnThread) -> None:
        """What people have confirmed or released meanwhile is not unanswered any more."""
        now = self._clock.monotonic()
        if not self._unknown or now - self._looked_at < _LOOK_AGAIN_S:
            return
        self._looked_at = now
        known = list(self._unknown)
        for start in range(0, len(known), _PAGE):
            some = known[start : start + _PAGE]
            left = await on_thread(partial(self._steps.still_unknown, some))
            self._forget(one for one in some if one not in left)

    def _forget(self, decided: Iterable[CreditId]) -> None:
        for one in decided:
            self._unknown.pop(one, None)
            self._searched.pop(one, None)

    def _go_on_behind(self, found: Sequence[Outcome]) -> None:
        """A pass that ended early goes on where it ended; a whole one begins anew."""
        reached = [one for one in found if one.came is not Came.NOT_REACHED]
        if len(reached) == len(found):
            self._behind = CreditId("")
        elif reached:
            self._behind = reached[-1].credit

    async def _answer(self, asked: Asked, applier: Applier | None, on_thread: OnThread) -> None:
        if applier is None:
            found: Sequence[Outcome] = ()
            failed = "the billing panel of the configuration cannot be used"
        else:
            found, failed = await self._carried_out(asked, applier)
        self._take_note(str(asked.task), found)
        await on_thread(partial(self._write_answer, asked.id, found, failed))

    async def _carried_out(self, asked: Asked, applier: Applier) -> tuple[Sequence[Outcome], str]:
        """What came of it, and what went wrong. A request that fails is answered too: else the next
        core would fail on it again. Raises JournalError."""
        try:
            found = await _carry_out(asked, applier, self._behind)
        except JournalError:
            raise
        except Exception as error:  # noqa: BLE001 - a panel of a plugin may raise anything
            self._is_recovered = False
            self._log.error("billing.failed", error=repr(error), exc_info=True)
            return (), f"the billing panel failed: {type(error).__name__}; see the core's log"
        if asked.task is not Task.RECONCILE:
            self._go_on_behind(found)
        return found, ""

    async def _reconcile_due(self, applier: Applier, settle_s: int) -> None:
        """What is unknown is searched for each minute until it should have arrived, then each ten
        minutes; after a day only where somebody asks. What was not searched for the longest time is
        first: a panel that is away ends a round early, and then rests for a minute."""
        now = self._clock.now()
        if applier.panel.is_by_hand or self._clock.monotonic() < self._search_due:
            return
        due = []
        for one, since in self._unknown.items():
            rest = 60 if now - since <= settle_s else 600
            is_due = now - self._searched.get(one, Second(0)) >= rest
            if is_due and now - since <= settle_s + _DAY:
                due.append(one)
        due.sort(key=lambda one: self._searched.get(one, Second(0)))
        found = await applier.reconcile(due)
        reached = [one.credit for one in found if one.came is not Came.NOT_REACHED]
        self._searched |= {one: now for one in reached if one in self._unknown}
        if len(reached) < len(found):
            self._search_due = self._clock.monotonic() + _LOOK_AGAIN_S
        self._take_note("reconcile", found)

    def _applier(self, billing: Billing, on_thread: OnThread) -> Applier | None:
        """By the panel of the configuration in force; None where its kind cannot be used."""
        if self._made is None or self._made[0] != billing:
            self._made = (billing, self._make(billing, on_thread))
        return self._made[1]

    def _make(self, billing: Billing, on_thread: OnThread) -> Applier | None:
        admit = egress_guard(lambda: self._catalogue().operations.allow_private)
        given = ChannelDependencies(clock=self._clock, admit=admit)
        try:
            kind = PANELS[billing.kind]
            spec = kind.spec() if billing.spec is None else billing.spec
            panel = kind.build(spec, given, asyncio.sleep)
        except (KeyError, KindUnusable, TypeError) as error:
            self._log.error("billing.panel_unusable", kind=billing.kind, error=str(error))
            return None
        return Applier(
            steps=self._steps, panel=panel, settle_s=billing.settle_s, on_thread=on_thread,
            description=billing.description, reached=reached,
            halted=partial(self._halted, billing),
        )  # fmt: skip

    def _halted(self, billing: Billing) -> str:
        """A pass goes on only by the configuration with which it began: `dry_run` means now."""
        if self._is_ending:
            return "the core is ending"
        return "" if self._catalogue().billing == billing else "the configuration has changed"

    def _take_note(self, task: str, found: Sequence[Outcome]) -> None:
        for one in found:
            if one.came is Came.UNKNOWN:
                self._unknown[one.credit] = self._clock.now()
            elif one.came in (Came.APPLIED, Came.CHANGED):
                self._forget([one.credit])
        if not found:
            return
        self._log.info("billing.pass", task=task, counts=outcome_fields(found)["counts"])
        for one in found:
            if one.detail and one.came is not Came.NOT_REACHED:
                self._log.warning(
                    "billing.outcome", credit=one.credit, came=str(one.came), detail=one.detail
                )

    # On the journal's thread.

    def _pending(self) -> Asked | None:
        with self._journal.transaction() as tx:
            return pending_pass(tx)

    def _write_answer(self, asked: int, found: Sequence[Outcome], failed: str) -> None:
        with self._journal.transaction() as tx:
            answer_pass(tx, asked, found, self._clock.now(), failed)


async def _carry_out(asked: Asked, applier: Applier, behind: CreditId) -> Sequence[Outcome]:
    match asked.task:
        case Task.APPLY:
            return await applier.apply(asked.actor, asked.month, behind=behind)
        case Task.REHEARSE:
            return await applier.apply(asked.actor, asked.month, is_rehearsal=True, behind=behind)
        case Task.RECONCILE:
            return await applier.reconcile()
