"""Components that fail and come back again and again (flapping): told once, and held open.

A component that changed more than `flap_changes` times within `flap_window` is unstable. One update
says so; after it its swings are written down without a word, and its incident is resolved when it
has been quiet: no more than so many changes lie within the window, and it is observed as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from monitor.domain.catalogue import Alerting
from monitor.domain.incident import Affected, Happening, Incident, Step
from monitor.domain.interval import Second
from monitor.domain.observation import ComponentId

_FALLS = (Happening.JOINED, Happening.RELAPSED)
_RISES = (Happening.PARTLY_BACK, Happening.OBSERVING)


def changes(component: ComponentId, incidents: Iterable[Incident]) -> list[Second]:
    """When a component was seen to fall or to come back, in order. That nobody watches it any more
    is no change of its own."""
    parts = [p for i in incidents for p in i.affected if p.component == component]
    ends = (p.end for p in parts if p.end is not None and not p.is_unwatched)
    return sorted([*(p.start for p in parts), *ends])


def hushed(step: Step, past: Sequence[Incident], alerting: Alerting) -> Step:
    """A step as it is told, where its component may be unstable: once that it is, and then nothing.
    `past` are other incidents in which the component was, as far back as the window."""
    part, incident = step.part, step.incident
    if part is None or not may_be_unstable(step):
        return step
    swings = changes(part.component, _all(incident, past))
    own = [p for p in incident.affected[1:] if p.component == part.component]
    earlier = own[:-1] if step.happening in _FALLS else own
    was_told = any(_is_unstable(swings, p.start, alerting) for p in earlier)
    is_unstable = _is_unstable(swings, _moment(part), alerting)
    if step.happening in _FALLS and is_unstable and not was_told:
        return replace(step, happening=Happening.UNSTABLE)
    if not (is_unstable and was_told):
        return step
    is_swing = step.happening in (*_FALLS, *_RISES)
    return replace(step, happening=Happening.SWUNG if is_swing else step.happening, is_hushed=True)


def may_be_unstable(step: Step) -> bool:
    """Whether it is worth a look into the past: the component has been in the incident before."""
    if step.part is None or step.happening not in (*_FALLS, *_RISES, Happening.WORSENED):
        return False
    return sum(p.component == step.part.component for p in step.incident.affected) > 1


def observation(incident: Incident, past: Sequence[Incident], alerting: Alerting) -> int:
    """How long an incident is observed: longer than usual until none of its components has changed
    too often within the window."""
    if incident.monitoring_at is None:
        return alerting.observe
    told = _all(incident, past)
    quiet = [
        swings[-1 - alerting.flap_changes] + alerting.flap_window - incident.monitoring_at
        for component in incident.components
        if len(swings := changes(component, told)) > alerting.flap_changes
    ]
    return max([alerting.observe, *quiet])


def _all(incident: Incident, past: Sequence[Incident]) -> list[Incident]:
    return [incident, *(other for other in past if other.id != incident.id)]


def _is_unstable(swings: Sequence[Second], at: Second, alerting: Alerting) -> bool:
    lately = sum(at - alerting.flap_window < swing <= at for swing in swings)
    return lately > alerting.flap_changes


def _moment(part: Affected) -> Second:
    return part.start if part.end is None else part.end
