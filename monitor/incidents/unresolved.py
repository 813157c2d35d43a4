"""The unresolved incidents of one transaction, found by component. One transaction may decide a
storm: if each fall went through all of them, that would be quadratic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.correlation import Relations, Tie
from monitor.domain.incidents.incident import Affected, Incident, IncidentId


class OpenIncidents:
    """In the order in which they are read and opened: the first of several explains a fall."""

    def __init__(self, incidents: Iterable[Incident], relations: Relations) -> None:
        self._all = {i.id: i for i in incidents}
        self._relations = relations
        self._places = {found: place for place, found in enumerate(self._all)}
        self._opened = len(self._all)
        self._owner: dict[ComponentId, IncidentId] = {}
        self._observed = {i.id for i in self if i.monitoring_at is not None}
        self._tied: dict[Tie, set[IncidentId]] = {}
        self._are_tied = False
        for incident in self:
            for part in incident.open_parts:
                self._owner.setdefault(part.component, incident.id)

    def __iter__(self) -> Iterator[Incident]:
        return iter(tuple(self._all.values()))

    @property
    def components(self) -> frozenset[ComponentId]:
        """Those that are down in any of them."""
        return frozenset(self._owner)

    @property
    def observed(self) -> list[Incident]:
        """Those whose components are all back."""
        return self._in_order(self._observed)

    def of(self, component: ComponentId) -> Incident | None:
        """The one in which the component is down."""
        owner = self._owner.get(component)
        return None if owner is None else self._all.get(owner)

    def tied_to(self, component: ComponentId) -> list[Incident]:
        """Those in which the component is or was, or whatever may explain its fall."""
        tied = self._ties()
        found = {i for tie in self._relations.ties(component) for i in tied.get(tie, ())}
        return self._in_order(found)

    def put(self, saved: Incident, part: Affected | None) -> None:
        """Take in one that was written. `part` is the part that changed; None where none did."""
        if part is not None:
            self._own(saved.id, part)
        if not saved.is_unresolved:
            self._drop(saved.id)
            return
        if saved.id not in self._places:
            self._places[saved.id] = self._opened
            self._opened += 1
        self._all[saved.id] = saved
        self._observed.discard(saved.id)
        if saved.monitoring_at is not None:
            self._observed.add(saved.id)

    def _own(self, incident: IncidentId, part: Affected) -> None:
        if part.is_open:
            self._owner[part.component] = incident
        elif self._owner.get(part.component) == incident:
            del self._owner[part.component]
        if self._are_tied:
            self._tie(incident, [part.component])

    def _drop(self, incident: IncidentId) -> None:
        self._all.pop(incident, None)
        self._places.pop(incident, None)
        self._observed.discard(incident)

    def _ties(self) -> dict[Tie, set[IncidentId]]:
        """Built at the first fall, for most ticks have none."""
        if not self._are_tied:
            self._are_tied = True
            for incident in self:
                self._tie(incident.id, incident.components)
        return self._tied

    def _tie(self, incident: IncidentId, components: Iterable[ComponentId]) -> None:
        for component in components:
            for tie in self._relations.ties(component):
                self._tied.setdefault(tie, set()).add(incident)

    def _in_order(self, wanted: Iterable[IncidentId]) -> list[Incident]:
        here = (i for i in wanted if i in self._all)
        return [self._all[i] for i in sorted(here, key=self._places.__getitem__)]
