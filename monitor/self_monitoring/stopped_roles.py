"""Whether a role of the product is stopped: one alert when it is, one when it goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from monitor.domain.catalogue import Catalogue
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction
from monitor.self_monitoring.system_alert import raise_alert

_CURSOR = "role_stopped:"


class StoppedRolesWatch:
    """Stored in the journal across restarts."""

    def __init__(self, stopped_since: Mapping[str, Second]) -> None:
        self._stopped_since = dict(stopped_since)

    @classmethod
    def restored(cls, tx: JournalTransaction, roles: Collection[str]) -> StoppedRolesWatch:
        since = {role: Second(tx.cursors.get(_CURSOR + role)) for role in roles}
        return cls({role: at for role, at in since.items() if at})

    def is_turning(self, stopped: Mapping[str, int]) -> bool:
        """Whether there is something to report: call this before a transaction is begun."""
        return stopped.keys() != self._stopped_since.keys()

    def report(
        self, tx: JournalTransaction, catalogue: Catalogue, now: Second, stopped: Mapping[str, int]
    ) -> None:
        """Raise what is new of these roles, which are given with their processes."""
        for role in sorted(stopped.keys() - self._stopped_since.keys()):
            tx.cursors.set(_CURSOR + role, now)
            about = f"{role}={stopped[role]}"
            kind = SystemAlert.ROLE_STOPPED
            raise_alert(tx, kind, now, catalogue, now, about=about, event=role)
            self._stopped_since[role] = now
        for role in sorted(self._stopped_since.keys() - stopped.keys()):
            tx.cursors.set(_CURSOR + role, 0)
            since = self._stopped_since.pop(role)
            kind = SystemAlert.ROLE_RUNS
            raise_alert(tx, kind, since, catalogue, now, about=f"{role}=0", event=role)
