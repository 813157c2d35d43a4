"""Incidents that were resolved lately, by component: read once a transaction, if at all."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.domain.incident import Incident, IncidentId
from monitor.domain.interval import Interval, Second
from monitor.domain.observation import ComponentId
from monitor.ports.journal import JournalTransaction


class PastIncidents:
    """`reach_s` is how far back from a moment of asking they matter."""

    def __init__(self, tx: JournalTransaction, now: Second, reach_s: int) -> None:
        self._tx = tx
        self._now = now
        self._reach_s = reach_s
        self._since: Second | None = None
        self._known: dict[ComponentId, dict[IncidentId, Incident]] = {}

    def of(self, components: Iterable[ComponentId], at: Second) -> list[Incident]:
        """Those in which any of these components was, and that were resolved within reach."""
        self._read(Second(min(at, self._now) - self._reach_s))
        found = {i.id: i for c in components for i in self._known.get(c, {}).values()}
        return list(found.values())

    def take(self, saved: Incident) -> None:
        """One was written in this transaction."""
        if self._since is None or saved.is_unresolved:
            return
        for component in saved.components:
            self._known.setdefault(component, {})[saved.id] = saved

    def _read(self, since: Second) -> None:
        if self._since is not None and self._since <= since:
            return
        self._since = since
        for incident in self._tx.incidents.touching(Interval(since, Second(self._now + 1))):
            self.take(incident)
