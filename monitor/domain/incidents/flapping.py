"""Components that fail and come back again and again (flapping): reported once, and kept open.

A component that changed more than `flap_changes` times within `flap_window` is unstable. One update
says so. After it the component's swings are recorded without an update, and its incident is
resolved when it has been quiet: no more than so many changes lie within the window, and it is
observed as usual. One that then stays down swings no more: that is reported, as any outage is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from monitor.domain.catalogue import Alerting
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Affected, Incident, IncidentChange, IncidentEvent
from monitor.domain.time.interval import Second

_FALLS = (IncidentEvent.JOINED, IncidentEvent.RELAPSED)
_RISES = (IncidentEvent.PARTLY_BACK, IncidentEvent.OBSERVING)


def changes(component: ComponentId, incidents: Iterable[Incident]) -> list[Second]:
    """When a component was seen to fall or to come back, in order. The end of watching is no
    change of its own."""
    parts = [p for i in incidents for p in i.affected if p.component == component]
    ends = (p.end for p in parts if p.end is not None and not p.is_unwatched)
    return sorted([*(p.start for p in parts), *ends])


def silenced(
    step: IncidentChange, past: Sequence[Incident], alerting: Alerting, now: Second
) -> IncidentChange:
    """A step as it is reported, where its component may be unstable: once that it is, and then
    nothing but what became of a fall that lasted. `past` are other incidents in which the component
    was, as far back as the window."""
    part, incident = step.part, step.incident
    if part is None or not may_be_unstable(step):
        return step
    is_fall = step.event in _FALLS
    if not is_fall and _has_lasted(part, incident, alerting, now):
        return step
    swings = changes(part.component, _all(incident, past))
    moment = now if step.event is IncidentEvent.WORSENED else _moment(part)
    own = [p for p in incident.affected[1:] if p.component == part.component]
    lately = (p.start for p in (own[:-1] if is_fall else own))
    was_reported = any(
        at > moment - alerting.flap_window and _is_unstable(swings, at, alerting) for at in lately
    )
    is_unstable = _is_unstable(swings, moment, alerting)
    if is_fall and is_unstable and not was_reported:
        return replace(step, event=IncidentEvent.UNSTABLE)
    if not (is_unstable and was_reported):
        return step
    is_swing = step.event in (*_FALLS, *_RISES)
    return replace(step, event=IncidentEvent.SWUNG if is_swing else step.event, is_silenced=True)


def longest_swing(alerting: Alerting) -> int:
    """What is down for so many seconds does not flap: as long as an incident is observed, but
    no less than an unstable component keeps one status on average, and no more than the window."""
    average = alerting.flap_window // max(1, alerting.flap_changes)
    return min(alerting.flap_window, max(alerting.observe, average))


def fell_again(incident: Incident) -> frozenset[ComponentId]:
    """The components that fell more than once in an incident: only these are ever silenced."""
    falls = Counter(part.component for part in incident.affected)
    return frozenset(component for component, count in falls.items() if count > 1)


def unannounced(
    incident: Incident, past: Sequence[Incident], alerting: Alerting, now: Second
) -> list[Affected]:
    """The open parts that began as swings of an unstable component but last; without those that an
    update of the incident was about."""
    again, everything = fell_again(incident), _all(incident, past)
    lasting = [
        part
        for part in sorted(incident.open_parts, key=lambda p: p.start)
        if part.component in again
        and _due(part, alerting) <= now
        and _is_unstable(changes(part.component, everything), part.start, alerting)
    ]
    said = announced_as_lasting(incident, alerting).values()
    return [part for part in lasting if part not in said]


def announced_as_lasting(incident: Incident, alerting: Alerting) -> dict[int, Affected]:
    """The part that each such update is about, by the update's number. An update does not name its
    part, but it is written once the part has lasted so long: it is the last that had by then."""
    again = fell_again(incident)
    lasted = [p for p in incident.affected if p.component in again and _may_last(p, alerting)]
    found: dict[int, Affected] = {}
    for update in incident.updates:
        if update.event is not IncidentEvent.LASTING:
            continue
        then = [p for p in lasted if _due(p, alerting) <= update.at and p not in found.values()]
        if then:
            found[update.number] = max(then, key=lambda p: p.start)
    return found


def may_be_unstable(step: IncidentChange) -> bool:
    """Whether the past has to be read: the component has been in the incident before."""
    if step.part is None or step.event not in (*_FALLS, *_RISES, IncidentEvent.WORSENED):
        return False
    return sum(p.component == step.part.component for p in step.incident.affected) > 1


def observation(incident: Incident, past: Sequence[Incident], alerting: Alerting) -> int:
    """How long an incident is observed: longer than usual until none of its components has changed
    too often within the window."""
    if incident.monitoring_at is None:
        return alerting.observe
    everything = _all(incident, past)
    quiet = [
        swings[-1 - alerting.flap_changes] + alerting.flap_window - incident.monitoring_at
        for component in incident.components
        if len(swings := changes(component, everything)) > alerting.flap_changes
    ]
    return max([alerting.observe, *quiet])


def _has_lasted(part: Affected, incident: Incident, alerting: Alerting, now: Second) -> bool:
    due = _due(part, alerting)
    was_reported = any(u.event is IncidentEvent.LASTING and u.at >= due for u in incident.updates)
    return was_reported or (now if part.end is None else part.end) >= due


def _may_last(part: Affected, alerting: Alerting) -> bool:
    return part.end is None or part.end >= _due(part, alerting)


def _due(part: Affected, alerting: Alerting) -> Second:
    return Second(part.start + longest_swing(alerting))


def _all(incident: Incident, past: Sequence[Incident]) -> list[Incident]:
    return [incident, *(other for other in past if other.id != incident.id)]


def _is_unstable(swings: Sequence[Second], at: Second, alerting: Alerting) -> bool:
    lately = sum(at - alerting.flap_window < swing <= at for swing in swings)
    return lately > alerting.flap_changes


def _moment(part: Affected) -> Second:
    return part.start if part.end is None else part.end
