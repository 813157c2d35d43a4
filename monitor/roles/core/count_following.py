"""The core goes by the prober's count of the time where the prober does not believe the clock."""

from __future__ import annotations

from credits.journal import BillingJournal
from monitor.domain.catalogue import Catalogue
from monitor.results.log.counted_clock import CountedClock
from monitor.results.log.ports import ResultReader
from monitor.self_monitoring.clock_doubt import is_doubted, report_doubt
from monitor.self_monitoring.log_losses import report_losses

COUNT_EVERY_S = 5.0
"""How long the prober's doubt of the clock may go unnoticed: the prober writes it as often."""


class CountFollowing:
    """Follows the count with `clock`. Operators are told of a clock that is doubted, and of what
    the log has lost."""

    def __init__(self, journal: BillingJournal, log: ResultReader, clock: CountedClock) -> None:
        self._journal = journal
        self._log = log
        self._clock = clock
        self._read_at = -COUNT_EVERY_S
        self._found: object = None
        """What was found last: no transaction is begun to find the same."""
        clock.follow(log.anchor())

    def follow(self, catalogue: Catalogue) -> bool:
        """Whether operators are to be told of something. Raises JournalError."""
        if 0 <= self._clock.monotonic() - self._read_at < COUNT_EVERY_S:
            return False
        self._read_at = self._clock.monotonic()
        anchor, losses = self._log.anchor(), self._log.losses()
        self._clock.follow(anchor)
        found = (is_doubted(anchor), losses)
        if found == self._found:
            return False
        with self._journal.transaction() as tx:
            now = self._clock.now()
            has_reported = report_losses(tx, losses, catalogue, now)
            has_reported = report_doubt(tx, anchor, catalogue, now) or has_reported
        self._found = found
        return has_reported
