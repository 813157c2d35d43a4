"""The core closes months, and ends credits that nobody asked for in time. The journal's thread
reads and issues months and another thread computes them, so that a long report delays no decision.
"""

from __future__ import annotations

import asyncio
from functools import partial

import structlog

from credits.handling.expiry import expire_page, shortest_within
from credits.journal import BillingJournal
from credits.life.credit import CreditId
from credits.period.month import Month
from credits.report.close import Closed, close_month, due_months
from credits.report.closing import ClosingBodies, ClosingData, closing_bodies, read_closing
from credits.report.evidence import LoggedResults, NoResults
from monitor.catalogues.in_force import Catalogues
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalError
from monitor.runtime.tasks import OnThread
from monitor.runtime.version import version_line

_EXPIRY_EVERY_S = 3_600.0


class MonthCloser:
    """A background task: each call closes whatever is due by then."""

    def __init__(
        self, journal: BillingJournal, clock: Clock, results: LoggedResults | None = None
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._results = results or NoResults()
        self._log = structlog.get_logger()
        self._expiry_due = clock.monotonic()

    async def close_due(self, catalogues: Catalogues, on_thread: OnThread) -> None:
        """Close every month that is due, oldest first; what fails is due again next time."""
        try:
            for month in await on_thread(lambda: self._due(catalogues)):
                await self._close(month, catalogues, on_thread)
        except JournalError as error:
            self._log.error("report.not_closed", error=str(error))

    async def expire_due(self, catalogues: Catalogues, on_thread: OnThread) -> None:
        """End what nobody asked for within the time of its terms: looked at each hour, where any
        terms have such a time."""
        within = shortest_within(catalogues)
        if within is None or self._clock.monotonic() < self._expiry_due:
            return
        self._expiry_due = self._clock.monotonic() + _EXPIRY_EVERY_S
        after: CreditId | None = CreditId("")
        try:
            while after is not None:
                page = partial(self._expire, self._clock.now(), within, after)
                ended, after = await on_thread(page)
                if ended:
                    self._log.info("credits.expired", count=ended)
        except JournalError as error:
            self._log.error("credits.not_expired", error=str(error))

    async def _close(self, month: Month, catalogues: Catalogues, on_thread: OnThread) -> None:
        now = self._clock.now()
        read = await on_thread(lambda: self._read(month, catalogues, now))
        bodies = await asyncio.to_thread(
            lambda: closing_bodies(read, self._results, version_line())
        )
        closed, detail = await on_thread(lambda: self._issue(read, bodies, now))
        log = self._log.warning if closed is Closed.WITHHELD else self._log.info
        log("report.closed", month=str(month), outcome=str(closed), detail=detail)

    def _expire(self, now: Second, within: int, after: CreditId) -> tuple[int, CreditId | None]:
        with self._journal.transaction() as tx:
            return expire_page(tx, Second(now - within), after, now)

    def _due(self, catalogues: Catalogues) -> list[Month]:
        with self._journal.transaction() as tx:
            return due_months(tx, catalogues, self._clock.now())

    def _read(self, month: Month, catalogues: Catalogues, now: Second) -> ClosingData:
        with self._journal.transaction() as tx:
            return read_closing(tx, catalogues, month, now)

    def _issue(self, read: ClosingData, bodies: ClosingBodies, now: Second) -> tuple[Closed, str]:
        with self._journal.transaction() as tx:
            return close_month(tx, read, bodies, now)
