"""The core's share of what customers say: it takes it up, and has a check run look, seldom."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

import structlog

from monitor.customers.ports import CustomersJournal, CustomersTransaction
from monitor.customers.problems import note_seen, take_up
from monitor.domain.catalogue import Catalogue, Check
from monitor.domain.checks.observation import ComponentId, Json, Observation
from monitor.domain.customers.problems import KEPT_S, ProblemKind
from monitor.domain.refusals import Refused
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalError
from monitor.runtime.tasks import OnThread

LOOK_EVERY_S = 60.0
"""At most one look at a component in so many seconds, however many customers write."""
MOST_CHECKS = 3
MOST_S = 30.0
MOST_WAITING = 100
FORGET_EVERY_S = 3_600.0


class ProbeRunner(Protocol):
    async def run(self, check: Check, catalogue: Catalogue, timeout_s: float) -> Observation:
        """What the check sees now, by the address guard of its configuration. Raises Refused."""
        ...


class CoreProblems:
    """`take` is called on the journal's thread, within the transaction that moves the inbox's
    cursor; `look_forever` runs on the loop."""

    def __init__(self, journal: CustomersJournal, runner: ProbeRunner, clock: Clock) -> None:
        self._journal = journal
        self._runner = runner
        self._clock = clock
        self._wanted: dict[ComponentId, Catalogue] = {}
        self._looked_at: dict[ComponentId, float] = {}
        self._forgot_at: float | None = None
        self._log = structlog.get_logger()

    def take(
        self, tx: CustomersTransaction, body: Mapping[str, Json], catalogue: Catalogue
    ) -> None:
        """Raises KeyError, TypeError, ValueError where the row means nothing."""
        taken = take_up(tx, body, catalogue, self._clock.now())
        if taken is None or taken.said.kind is not ProblemKind.FAILS:
            return
        component = taken.said.component
        if component is not None and len(self._wanted) < MOST_WAITING:
            self._wanted[component] = catalogue

    def forget(self) -> None:
        """What is older than ninety days. Raises JournalError."""
        moment = self._clock.monotonic()
        if self._forgot_at is not None and moment - self._forgot_at < FORGET_EVERY_S:
            return
        self._forgot_at = moment
        with self._journal.transaction() as tx:
            tx.problems.forget(Second(self._clock.now() - KEPT_S))

    async def look_forever(self, on_thread: OnThread) -> None:
        """One component after the other."""
        while True:
            await asyncio.sleep(1.0)
            await self.look(on_thread)

    async def look(self, on_thread: OnThread) -> None:
        """At each component that somebody wrote about and whose turn it is."""
        for component in list(self._wanted):
            moment = self._clock.monotonic()
            last = self._looked_at.get(component)
            if last is not None and moment - last < LOOK_EVERY_S:
                continue
            catalogue = self._wanted.pop(component)
            self._looked_at[component] = moment
            seen = await self._seen(component, catalogue)
            try:
                await on_thread(lambda c=component, s=seen: self._note(c, s))  # type: ignore[misc]
            except JournalError as error:
                self._log.error("problem.look_not_noted", error=str(error))

    def _note(self, component: ComponentId, seen: str) -> None:
        with self._journal.transaction() as tx:
            note_seen(tx, component, seen, self._clock.now())

    async def _seen(self, component: ComponentId, catalogue: Catalogue) -> str:
        """`web-https: up, web-ping: down (conn_refused)`."""
        checks = [c for c in catalogue.checks if c.component == component][:MOST_CHECKS]
        return ", ".join([f"{c.id}: {await self._run(c, catalogue)}" for c in checks])

    async def _run(self, check: Check, catalogue: Catalogue) -> str:
        try:
            found = await self._runner.run(check, catalogue, min(check.timeout_s, MOST_S))
        except (Refused, OSError) as error:
            self._log.warning("problem.look_failed", check=check.id, error=str(error))
            return "not looked at"
        why = f" ({found.failure})" if found.failure is not None else ""
        return f"{found.outcome.value}{why}"
