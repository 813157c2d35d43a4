"""Incidents that are over, by component: read once a transaction, if at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Incident, IncidentId
from monitor.domain.time.interval import Interval, Second


class ResolvedIncidents:
    """`read` gives those that were unresolved at some moment of a window, all or some of them."""

    def __init__(self, read: Callable[[Interval], Sequence[Incident]], now: Second) -> None:
        self._incidents = read
        self._now = now
        self._since: Second | None = None
        self._known: dict[ComponentId, dict[IncidentId, Incident]] = {}

    def of(self, components: Iterable[ComponentId], since: Second) -> list[Incident]:
        """Those in which any of these components was, and that were resolved since then; older
        ones may be among them."""
        self._read(min(since, self._now))
        found = {i.id: i for c in components for i in self._known.get(c, {}).values()}
        return list(found.values())

    def take(self, saved: Incident) -> None:
        """Take in one that was written in this transaction."""
        if self._since is None:
            return
        for component in saved.components:
            known = self._known.setdefault(component, {})
            if saved.is_unresolved:
                known.pop(saved.id, None)
            else:
                known[saved.id] = saved

    def _read(self, since: Second) -> None:
        if self._since is not None and self._since <= since:
            return
        self._since = since
        for incident in self._incidents(Interval(since, Second(self._now + 1))):
            self.take(incident)
