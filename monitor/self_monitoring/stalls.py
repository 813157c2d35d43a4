"""Whether the prober stands still again and again: one alert when it does, one when it is over."""

from __future__ import annotations

from monitor.domain.catalogue import Catalogue
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import MOST_STALLS, ProberMetrics
from monitor.self_monitoring.system_alert import raise_alert

FRESH = 30
"""Metrics that are older are of a prober that is gone, which is another fault."""
_CURSOR = "stalling_since"


class StallWatch:
    """Stored in the journal across restarts."""

    def __init__(self, stalling_since: Second | None) -> None:
        self.stalling_since = stalling_since

    @classmethod
    def restored(cls, tx: JournalTransaction) -> StallWatch:
        return cls(Second(tx.cursors.get(_CURSOR)) or None)

    def is_turning(self, metrics: ProberMetrics | None, now: Second) -> bool:
        """Whether there is something to report: call this before a transaction is begun."""
        if metrics is None or now - metrics.at > FRESH:
            return False
        if self.stalling_since is None:
            return metrics.recent_stalls > MOST_STALLS
        return metrics.recent_stalls == 0

    def report(
        self, tx: JournalTransaction, catalogue: Catalogue, now: Second, culprit: str = ""
    ) -> None:
        """Raise the system alert, or the one that it is over. `culprit` is the check whose runs
        take the time."""
        if self.stalling_since is None:
            self.stalling_since = now
            tx.cursors.set(_CURSOR, now)
            raise_alert(tx, SystemAlert.STALLING, now, catalogue, now, about=culprit)
            return
        tx.cursors.set(_CURSOR, 0)
        raise_alert(tx, SystemAlert.STEADY, self.stalling_since, catalogue, now)
        self.stalling_since = None
