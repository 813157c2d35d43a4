"""The core's share of billing: it alone asks the billing panel, beside its decisions.

One task of the loop asks one question at a time; the journal's thread is used for the steps alone,
each a short transaction. A panel that hangs keeps nobody but the next credit waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
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
        self._log = structlog.get_logger()

    @property
    def unanswered(self) -> int:
        """How many credits the panel gave no answer about."""
        return len(self._unknown)

    async def run(self, on_thread: OnThread) -> None:
        """Raises Deposed, JournalDamaged."""
        while True:
            try:
                await self.follow(on_thread)
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

    async def follow(self, on_thread: OnThread) -> None:
        """One round: what people have asked for, what goes by itself, what is searched for. Raises
        JournalError."""
        if not self._is_recovered:
            await self._recover(on_thread)
            self._is_recovered = True
        asked = await on_thread(self._pending)
        billing = self._catalogue().billing
        applier = self._applier(billing, on_thread)
        if asked is not None:
            await self._answer(asked, applier, on_thread)
        if applier is None:
            return
        if billing.by_itself and self._clock.monotonic() >= self._by_itself_due:
            self._by_itself_due = self._clock.monotonic() + BY_ITSELF_EVERY_S
            self._take_note("by_itself", await applier.apply(MACHINE))
        await self._reconcile_due(applier, billing.settle_s)

    async def _recover(self, on_thread: OnThread) -> None:
        for lost in await recovered(self._steps, on_thread):
            self._log.warning("billing.call_lost", credit=lost)
        unknown = await standing(self._steps, on_thread, (CreditState.APPLY_UNKNOWN,))
        self._unknown = {one: await on_thread(partial(self._steps.since, one)) for one in unknown}

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
            return await _carry_out(asked, applier), ""
        except JournalError:
            raise
        except Exception as error:  # noqa: BLE001 - a panel of a plugin may raise anything
            self._is_recovered = False
            self._log.error("billing.failed", error=repr(error), exc_info=True)
            return (), f"the billing panel failed: {type(error).__name__}; see the core's log"

    async def _reconcile_due(self, applier: Applier, settle_s: int) -> None:
        """What is unknown is searched for each minute until it should have arrived, then each ten
        minutes; after a day only where somebody asks."""
        now = self._clock.now()
        due = []
        for one, since in self._unknown.items():
            rest = 60 if now - since <= settle_s else 600
            is_due = now - self._searched.get(one, Second(0)) >= rest
            if is_due and now - since <= settle_s + _DAY:
                due.append(one)
        if due and not applier.panel.is_by_hand:
            self._searched |= dict.fromkeys(due, now)
            self._take_note("reconcile", await applier.reconcile(due))

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
        )  # fmt: skip

    def _take_note(self, task: str, found: Sequence[Outcome]) -> None:
        for one in found:
            if one.came is Came.UNKNOWN:
                self._unknown[one.credit] = self._clock.now()
            elif one.came in (Came.APPLIED, Came.CHANGED):
                self._unknown.pop(one.credit, None)
                self._searched.pop(one.credit, None)
        if not found:
            return
        self._log.info("billing.pass", task=task, counts=outcome_fields(found)["counts"])
        for one in found:
            if one.detail:
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


async def _carry_out(asked: Asked, applier: Applier) -> Sequence[Outcome]:
    match asked.task:
        case Task.APPLY:
            return await applier.apply(asked.actor, asked.month)
        case Task.REHEARSE:
            return await applier.apply(asked.actor, asked.month, is_rehearsal=True)
        case Task.RECONCILE:
            return await applier.reconcile()
