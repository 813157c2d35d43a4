"""The core looks each minute at what the month under way will come to, and tells people of it.

A thread of its own reads the journal by a connection of its own and computes: no decision waits for
it. The contracts are counted once, and again when they change.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial

import structlog

from credits.forecast.alerts import report_budgets
from credits.forecast.alike import Contracts
from credits.forecast.forecast import Forecast, present_forecast
from credits.journal import BillingJournal
from monitor.catalogues.in_force import Catalogues
from monitor.domain.time.clock import Clock
from monitor.journal.ports import Deposed, JournalDamaged, JournalError
from monitor.runtime.rest import Closed, Rest
from monitor.runtime.tasks import OnThread

EVERY_S = 60.0
_QUIET_S = 600
_REST = 4
"""Of each second that it took it rests so many: it takes a fifth of a CPU at most."""


class Forecasting:
    """`last` is what was found last; None where nothing is known yet, or nothing was sold."""

    def __init__(
        self,
        reading: Callable[[], BillingJournal],
        writing: BillingJournal,
        clock: Clock,
        catalogues: Callable[[], Catalogues],
        is_current: Callable[[], bool],
        wake: Callable[[], None],
    ) -> None:
        """`reading` opens the connection of the thread. While the core is not `is_current`, for it
        has results to read or its clock has leapt, nothing is told. `wake` is called where
        something is to be sent."""
        self._reading = reading
        self._writing = writing
        self._clock = clock
        self._catalogues = catalogues
        self._is_current = is_current
        self._wake = wake
        self._opened: BillingJournal | None = None
        self._contracts: Contracts | None = None
        self._found: Forecast | None = None
        self._place = (0, 0)
        """How far the journal had got when that was computed."""
        self._closed = threading.Event()
        self._log = structlog.get_logger()
        self.last: Forecast | None = None

    async def run(self, on_thread: OnThread) -> None:
        """For ever. Raises Deposed, JournalDamaged."""
        try:
            while True:
                spent = await self._follow_safely(on_thread)
                await asyncio.sleep(max(EVERY_S, _REST * spent))
        finally:
            self._closed.set()

    async def _follow_safely(self, on_thread: OnThread) -> float:
        """How many seconds of CPU it took."""
        try:
            return await self.follow(on_thread)
        except (Deposed, JournalDamaged):
            raise
        except JournalError as error:
            self._log.error("forecast.journal_failed", error=str(error))
        except Exception as error:  # noqa: BLE001 - a fault here must not end who decides
            self._log.error("forecast.failed", error=repr(error), exc_info=True)
        return 0.0

    async def follow(self, on_thread: OnThread) -> float:
        """One round. Raises JournalError."""
        if not self._is_current():
            return 0.0
        try:
            found, spent = await asyncio.to_thread(self._compute)
        except Closed:
            return 0.0
        self.last = found if found.contracts else None
        # What has been found meanwhile of the clock counts: nothing is told of a time that may be
        # wrong.
        if self.last is not None and self._is_current():
            is_news = await on_thread(partial(self._report, found))
            if is_news:
                self._wake()
        return spent

    def _compute(self) -> tuple[Forecast, float]:
        began = time.thread_time()
        if self._opened is None:
            self._opened = self._reading()
        with self._opened.transaction() as tx:
            place = (tx.changes.last(), tx.transitions.newest())
        found = self._found
        if found is None or place != self._place or not self._is_still_so(found):
            found, self._contracts = present_forecast(
                self._opened, self._catalogues(), self._clock.now(), self._contracts,
                Rest(self._closed).take, listed=0,
            )  # fmt: skip
            self._found, self._place = found, place
        return found, time.thread_time() - began

    def _is_still_so(self, found: Forecast) -> bool:
        """While nothing is down and nothing was written, nothing is used up either. A maintenance
        window may begin and end without a word, and contracts begin: now and then it is looked
        at all the same."""
        now = self._clock.now()
        return not found.going_on and now in found.month and 0 <= now - found.at < _QUIET_S

    def _report(self, found: Forecast) -> bool:
        now = self._clock.now()
        catalogue = self._catalogues().present(now).catalogue
        with self._writing.transaction() as tx:
            return report_budgets(tx, found, catalogue, now)
