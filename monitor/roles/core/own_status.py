"""How the product itself stands: whether its prober stands still, and whether anybody is told."""

from __future__ import annotations

from monitor.domain.catalogue import Catalogue
from monitor.domain.incidents.delivery import is_unheard
from monitor.domain.time.interval import Second
from monitor.journal.ports import Journal
from monitor.results.log.ports import ResultReader
from monitor.self_monitoring.stalls import StallWatch

_EVERY = 5
_NEWEST = 200
"""So many messages back it is known of each route whether it works."""


class OwnStatus:
    """Looked at every few seconds, on the journal's thread. `unheard_since` is None while any route
    takes what it is given, and while nothing has been sent yet."""

    def __init__(self, journal: Journal, log: ResultReader) -> None:
        self._journal = journal
        self._log = log
        self._due = Second(0)
        with journal.transaction() as tx:
            self._stalls = StallWatch.restored(tx)
        self.unheard_since: Second | None = None

    def follow(self, catalogue: Catalogue, now: Second) -> None:
        """Raises JournalError."""
        if 0 < self._due - now <= _EVERY:
            return
        self._due = Second(now + _EVERY)
        figures = self._log.metrics()
        is_turning = self._stalls.is_turning(figures, now)
        with self._journal.transaction() as tx:
            if is_turning:
                self._stalls.report(tx, catalogue, now, figures.stalled_by if figures else "")
            unheard = is_unheard(tx.outbox.tried(_NEWEST), catalogue.alerting)
        self.unheard_since = (self.unheard_since or now) if unheard else None
