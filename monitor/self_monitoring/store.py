"""Whether results reach the store: one alert when a person has to act, one when it is over."""

from __future__ import annotations

import math

from monitor.domain.catalogue import Catalogue
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.age import ClockReading, age_s
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction
from monitor.results.stores.ports import StoreMetrics
from monitor.self_monitoring.system_alert import raise_alert

PATIENCE = 120
"""A pause that a restart or a reload ends by itself wakes nobody."""
_CURSOR = "store_stuck_since"
_DAY = 86_400


class StoreWatch:
    """Stored in the journal across restarts."""

    def __init__(self, stuck_since: Second | None) -> None:
        self.stuck_since = stuck_since
        self._paused_since: ClockReading | None = None

    @classmethod
    def restored(cls, tx: JournalTransaction) -> StoreWatch:
        return cls(Second(tx.cursors.get(_CURSOR)) or None)

    def is_turning(self, metrics: StoreMetrics, catalogue: Catalogue, now: ClockReading) -> bool:
        """Whether there is something to report: call this before a transaction is begun."""
        return self._is_stuck(metrics, catalogue, now) != (self.stuck_since is not None)

    def report(self, tx: JournalTransaction, catalogue: Catalogue, now: Second) -> None:
        """Raise the system alert, or the one that it is over."""
        if self.stuck_since is None:
            self.stuck_since = self._paused_since.at if self._paused_since else now
            tx.cursors.set(_CURSOR, self.stuck_since)
            raise_alert(tx, SystemAlert.STORE_STUCK, self.stuck_since, catalogue, now)
            return
        tx.cursors.set(_CURSOR, 0)
        raise_alert(tx, SystemAlert.STORE_BACK, self.stuck_since, catalogue, now)
        self.stuck_since = None

    def _is_stuck(self, metrics: StoreMetrics, catalogue: Catalogue, now: ClockReading) -> bool:
        """Paused for a while; or so far behind, or silent for so long, that half the log's days
        are gone: a role that is dead reports no result that waits."""
        if not metrics.paused:
            self._paused_since = None
        elif self._paused_since is None:
            self._paused_since = now
        is_paused = self._paused_since is not None and age_s(self._paused_since, now) >= PATIENCE
        if metrics.paused and self.stuck_since is not None:
            return True
        silent = age_s(metrics.taken, now)
        # The age of a future time, as another boot had it, is not known: it raises no alert.
        behind = max(metrics.lag_s(now.at), 0.0 if silent == math.inf else silent)
        return is_paused or 2 * behind > catalogue.operations.result_days * _DAY
