"""Which seconds of an incident nobody saw: they lengthen no outage, in its text as in the bill."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Incident
from monitor.domain.rollup import component_timeline
from monitor.domain.time.interval import FOREVER, Interval, IntervalSet, Second
from monitor.domain.timeline import timeline_of
from monitor.journal.ports import Transitions
from monitor.timelines.excluded import always_in_force
from monitor.timelines.reading import deciding_folds


def unseen_of(
    transitions: Transitions, incident: Incident, catalogue: Catalogue, now: Second
) -> dict[ComponentId, IntervalSet]:
    """The unknown seconds of a whole incident."""
    span = Interval(incident.started_at, Second(max(now, incident.started_at) + 1))
    return unseen_seconds(transitions, catalogue, incident.components, span)


def unseen_seconds(
    transitions: Transitions,
    catalogue: Catalogue,
    components: Iterable[ComponentId],
    span: Interval,
) -> dict[ComponentId, IntervalSet]:
    """The unknown seconds of a span, component by component. One that the journal has no
    timeline of is left out."""
    folds = {component: deciding_folds(catalogue, component) for component in components}
    by_fold = transitions.drawing(span, {key for own in folds.values() for key in own})
    fold_timelines = {key: timeline_of(found, FOREVER) for key, found in by_fold.items()}
    only = [always_in_force(catalogue)]
    found: dict[ComponentId, IntervalSet] = {}
    for component, own in folds.items():
        if any(key in fold_timelines for key in own):
            seen = component_timeline(component, fold_timelines, only, span)
            found[component] = IntervalSet.of([span]) - IntervalSet.of(s.interval for s in seen)
    return found
