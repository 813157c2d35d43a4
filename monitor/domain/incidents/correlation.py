"""From component statuses to incidents: the pure rules of joining, ending, resolving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId, Outcome, ServiceId
from monitor.domain.incidents.incident import (
    Affected,
    ComponentStatus,
    Incident,
    IncidentChange,
    Phase,
    change_part,
    end_part,
    join,
    open_incident,
    resume,
)
from monitor.domain.time.interval import Second

Tie = tuple[str, str]
"""Something that components may have in common: its kind and its id."""

_FALLEN = (Outcome.DOWN, Outcome.DEGRADED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """Which component explains which: services, hosts, and what each depends on (transitively)."""

    service: Mapping[ComponentId, ServiceId]
    hosts: Mapping[ComponentId, frozenset[str]]
    depends_on: Mapping[ComponentId, frozenset[ComponentId]] = field(default_factory=dict)

    def explains(self, fallen: ComponentStatus, other: Affected) -> bool:
        """Whether a fall belongs in the incident of another component's part. Members of one
        service on hosts of their own fail independently, unless they fail of the same cause."""
        one, other_id = fallen.component, other.component
        if one == other_id or self.depends(one, other_id) or self.depends(other_id, one):
            return True
        if self._share_host(one, other_id):
            return True
        if one not in self.service or self.service[one] != self.service.get(other_id):
            return False
        return fallen.cause == other.cause or not (self._has_host(one) and self._has_host(other_id))

    def depends(self, one: ComponentId, other: ComponentId) -> bool:
        return other in self.depends_on.get(one, frozenset())

    def ties(self, component: ComponentId) -> frozenset[Tie]:
        """Two components of which one may explain the other have one of these in common."""
        above = self.depends_on.get(component, frozenset())
        found: set[Tie] = {("component", c) for c in (component, *above)}
        found |= {("host", h) for h in self.hosts.get(component, frozenset())}
        service = self.service.get(component)
        return frozenset(found if service is None else found | {("service", service)})

    def _share_host(self, one: ComponentId, other: ComponentId) -> bool:
        none: frozenset[str] = frozenset()
        return bool(self.hosts.get(one, none) & self.hosts.get(other, none))

    def _has_host(self, component: ComponentId) -> bool:
        """Whether the configuration names its machine."""
        return bool(self.hosts.get(component))


def relations_of(catalogue: Catalogue) -> Relations:
    """Read the relations off a catalogue, whose `depends_on` has no cycles."""
    direct = {c.id: c.depends_on for c in catalogue.components}
    return Relations(
        service={c.id: c.service for c in catalogue.components},
        hosts={
            c.id: frozenset(k.host for k in catalogue.checks_of(c.id) if k.host)
            for c in catalogue.components
        },
        depends_on={c: _closure(c, direct) for c in direct},
    )


def correlate(
    incidents: Sequence[Incident],
    component_status: ComponentStatus,
    relations: Relations,
    now: Second,
    *,
    is_held_back: bool,
    unfinished: Incident | None = None,
) -> IncidentChange | None:
    """What one component's confirmed status changes in the unresolved incidents. `incidents` need
    to hold only those that it is in, and those whose components have one of its `ties`.

    `is_held_back` (maintenance) opens nothing and joins nothing; what is open goes on and ends.
    `unfinished` is the incident whose end nobody saw, for the component was no longer watched.
    """
    own = next((i for i in incidents if i.open_part(component_status.component)), None)
    if component_status.status is Outcome.UP:
        return end_part(own, component_status.component, component_status.since) if own else None
    if component_status.status not in _FALLEN:
        return None
    if own is not None:
        return change_part(own, component_status)
    if is_held_back:
        return None
    if unfinished is not None:
        return resume(unfinished, component_status)
    return _attribute(incidents, component_status, relations, now)


def unfinished(
    incidents: Sequence[Incident], component: ComponentId, since: Second
) -> Incident | None:
    """The newest incident in which a component was last seen down and whose end nobody saw, for
    watching ended (no earlier than `since`). One that a person closed stays closed."""
    found = [
        (part.end, incident)
        for incident in incidents
        if component in incident.unwatched
        for part in incident.affected
        if part.component == component and part.end is not None and part.end >= since
        if not incident.was_closed(part)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _attribute(
    incidents: Sequence[Incident],
    component_status: ComponentStatus,
    relations: Relations,
    now: Second,
) -> IncidentChange:
    """Join the incident that explains the fall, else open one. What it depends on comes first, then
    one in which it has been down: resolved beside another, that would say that all is well."""
    fallen = component_status.component
    open_ones = sorted(
        (i for i in incidents if i.phase is not Phase.RESOLVED),
        key=lambda incident: fallen not in incident.components,
    )
    above = relations.depends_on.get(fallen, frozenset())
    for incident in open_ones:
        if any(incident.open_part(c) for c in above):
            return join(incident, component_status, is_dependent=True)
    for incident in open_ones:
        if any(relations.explains(component_status, part) for part in incident.affected):
            return join(incident, component_status)
    return open_incident(component_status, now)


def _closure(
    start: ComponentId, direct: Mapping[ComponentId, tuple[ComponentId, ...]]
) -> frozenset[ComponentId]:
    found: set[ComponentId] = set()
    ahead = list(direct.get(start, ()))
    while ahead:
        nearest = ahead.pop()
        if nearest not in found:
            found.add(nearest)
            ahead.extend(direct.get(nearest, ()))
    return frozenset(found)
