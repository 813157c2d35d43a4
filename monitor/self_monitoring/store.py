"""Whether results reach the store: told once when a person has to act, taken back when they do."""

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
    """Kept in the journal across restarts."""

    def __init__(self, stuck_since: Second | None) -> None:
        self.stuck_since = stuck_since
        self._paused_since: ClockReading | None = None

    @classmethod
    def restored(cls, tx: JournalTransaction) -> StoreWatch:
        return cls(Second(tx.cursors.get(_CURSOR)) or None)

    def is_turning(self, figures: StoreMetrics, catalogue: Catalogue, now: ClockReading) -> bool:
        """Whether there is something to tell: ask this before a transaction is begun."""
        return self._is_stuck(figures, catalogue, now) != (self.stuck_since is not None)

    def report(self, tx: JournalTransaction, catalogue: Catalogue, now: Second) -> None:
        """Give the notice, or take it back."""
        if self.stuck_since is None:
            self.stuck_since = self._paused_since.at if self._paused_since else now
            tx.cursors.set(_CURSOR, self.stuck_since)
            raise_alert(tx, SystemAlert.STORE_STUCK, self.stuck_since, catalogue, now)
            return
        tx.cursors.set(_CURSOR, 0)
        raise_alert(tx, SystemAlert.STORE_BACK, self.stuck_since, catalogue, now)
        self.stuck_since = None

    def _is_stuck(self, figures: StoreMetrics, catalogue: Catalogue, now: ClockReading) -> bool:
        """Paused for a while; or so far behind, or silent for so long, that half the log's days
        are gone: a role that is dead tells of no result that waits."""
        if not figures.paused:
            self._paused_since = None
        elif self._paused_since is None:
            self._paused_since = now
        is_paused = self._paused_since is not None and age_s(self._paused_since, now) >= PATIENCE
        if figures.paused and self.stuck_since is not None:
            return True
        silent = age_s(figures.taken, now)
        # A time that is still to come, as another boot had it, alarms nobody: its age is not known.
        behind = max(figures.lag_s(now.at), 0.0 if silent == math.inf else silent)
        return is_paused or 2 * behind > catalogue.operations.result_days * _DAY
