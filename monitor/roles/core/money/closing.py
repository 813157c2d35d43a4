"""The core closes months, and ends credits that nobody asked for in time. Months are computed and
issued beside it, in a process of their own, so that a long report delays no decision.
"""

from __future__ import annotations

from functools import partial
from typing import Protocol

import structlog

from credits.handling.expiry import expire_page, shortest_within
from credits.journal import BillingJournal
from credits.life.credit import CreditId
from credits.period.month import Month
from credits.report.close import Closed, Closing, due_months
from monitor.catalogues.in_force import Catalogues
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalError
from monitor.runtime.tasks import OnThread

_EXPIRY_EVERY_S = 3_600.0


class ClosesMonths(Protocol):
    async def close(self, month: Month, now: Second) -> Closing:
        """Close a month that is over, under the configurations that the journal holds. Raises
        ClosingFailed where it has to be tried again."""
        ...


class ClosingFailed(Exception):
    """The month was not closed; what was computed of it lies ready for the next time."""


class MonthCloser:
    """A background task: each call closes whatever is due by then."""

    def __init__(self, journal: BillingJournal, clock: Clock, closes: ClosesMonths) -> None:
        self._journal = journal
        self._clock = clock
        self._closes = closes
        self._log = structlog.get_logger()
        self._expiry_due = clock.monotonic()

    async def close_due(self, catalogues: Catalogues, on_thread: OnThread) -> None:
        """Close every month that is due, oldest first; what fails is due again next time."""
        try:
            for month in await on_thread(lambda: self._due(catalogues)):
                await self._close(month)
        except (JournalError, ClosingFailed) as error:
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

    async def _close(self, month: Month) -> None:
        done = await self._closes.close(month, self._clock.now())
        log = self._log.warning if done.outcome is Closed.WITHHELD else self._log.info
        log("report.closed", month=str(month), outcome=str(done.outcome), detail=done.detail)

    def _expire(self, now: Second, within: int, after: CreditId) -> tuple[int, CreditId | None]:
        with self._journal.transaction() as tx:
            return expire_page(tx, Second(now - within), after, now)

    def _due(self, catalogues: Catalogues) -> list[Month]:
        with self._journal.transaction() as tx:
            return due_months(tx, catalogues, self._clock.now())
