"""The state of the product itself: whether its prober stands still or a role is stopped, and
whether alerts arrive."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitor.domain.catalogue import Catalogue
from monitor.domain.incidents.delivery import reaches_nobody
from monitor.domain.time.interval import Second
from monitor.journal.ports import Journal
from monitor.results.log.ports import ResultReader
from monitor.roles.supervisor import ROLES
from monitor.self_monitoring.stalls import StallWatch
from monitor.self_monitoring.stopped_roles import StoppedRolesWatch

_EVERY = 5
_NEWEST = 200
"""How many of the newest messages show of each route whether it works."""


class OwnStatus:
    """Checked every few seconds, on the journal's thread. `unheard_since` is None while any route
    takes what it is sent, and while nothing has been sent yet."""

    def __init__(
        self,
        journal: Journal,
        log: ResultReader,
        stopped_roles: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        """`stopped_roles` are those that the supervisor found stopped, with their processes."""
        self._journal = journal
        self._log = log
        self._stopped_roles = stopped_roles
        self._due = Second(0)
        with journal.transaction() as tx:
            self._stalls = StallWatch.restored(tx)
            self._stopped = StoppedRolesWatch.restored(tx, ROLES)
        self.undelivered_since: Second | None = None

    def follow(self, catalogue: Catalogue, now: Second) -> None:
        """Raises JournalError."""
        if 0 < self._due - now <= _EVERY:
            return
        self._due = Second(now + _EVERY)
        metrics = self._log.metrics()
        is_turning = self._stalls.is_turning(metrics, now)
        stopped = self._stopped_roles()
        with self._journal.transaction() as tx:
            if is_turning:
                self._stalls.report(tx, catalogue, now, metrics.stalled_by if metrics else "")
            if self._stopped.is_turning(stopped):
                self._stopped.report(tx, catalogue, now, stopped)
            undelivered = reaches_nobody(tx.outbox.tried(_NEWEST), catalogue.alerting)
        self.undelivered_since = (self.undelivered_since or now) if undelivered else None
