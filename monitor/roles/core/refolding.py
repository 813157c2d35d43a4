"""Between its ticks the core folds again what is dirty: a slice at a time."""

from __future__ import annotations

import structlog

from credits.journal import BillingJournal
from monitor.domain.time.clock import Clock
from monitor.evaluation.reprocess import Reprocessing
from monitor.evaluation.tick import Core
from monitor.journal.ports import JournalError
from monitor.results.log.ports import ResultReader

SLICE = 0.05
"""How many seconds a decision may wait while the past is folded again."""
SETTLED_WITHIN = 3_600
"""How many seconds a month that is to be closed waits for what is still to be folded again."""


class Refolding:
    """All of it on the journal's thread."""

    def __init__(self, journal: BillingJournal, log: ResultReader, clock: Clock) -> None:
        self._journal = journal
        self._log = log
        self._clock = clock
        self._job: Reprocessing | None = None
        self._unsettled_since: float | None = None
        """Since when months have waited for what is dirty, on the monotonic clock."""

    @property
    def is_under_way(self) -> bool:
        return self._job is not None

    def step(self) -> bool:
        """One slice; whether the last one is done and the past is another than before. Raises
        JournalError."""
        job, until = self._job, self._clock.monotonic() + SLICE
        while job is not None and not job.is_done and self._clock.monotonic() < until:
            job.step()
        if job is None or not job.is_done:
            return False
        self._job = None
        return bool(job.corrected)

    def forget(self) -> None:
        """What is under way would go on from what a former core held."""
        self._job = None

    def is_settled(self, core: Core) -> bool:
        """Whether nothing is dirty, or something has been dirty for too long. What is dirty is
        folded again from now on."""
        now = self._clock.monotonic()
        if self._job is None:
            if not self._is_dirty():
                self._unsettled_since = None
                return True
            self._job = Reprocessing(
                core=core, journal=self._journal, log=self._log, clock=self._clock
            )
        if self._unsettled_since is None:
            self._unsettled_since = now
        return now - self._unsettled_since > SETTLED_WITHIN

    def _is_dirty(self) -> bool:
        try:
            with self._journal.transaction() as tx:
                return bool(tx.folds.dirty(folds=1))
        except JournalError as error:
            structlog.get_logger().error("core.correction_failed", error=str(error))
            return False
