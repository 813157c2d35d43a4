"""What each part of an incident came to in the guarantee, by the function behind every figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from monitor.domain.availability import Exclusion, Member, Seconds, availability
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import Affected
from monitor.domain.time.interval import Interval, IntervalSet
from monitor.journal.ports import Transitions
from monitor.state.component_status import final_until_of
from monitor.state.core_state import CoreState
from monitor.timelines.reading import ComponentTimelines

Exclusions = Mapping[ComponentId, Sequence[Exclusion]]


class CountedParts:
    """Outages that are over are counted once, as soon as what happened in them is settled: an
    incident stands on the page for 90 days, which is rendered every minute."""

    def __init__(self) -> None:
        self._settled: dict[Affected, Seconds] = {}

    def forget(self) -> None:
        self._settled.clear()

    def of(
        self,
        transitions: Transitions,
        held: CoreState,
        parts: Iterable[Affected],
        exclusions: Exclusions,
    ) -> Mapping[Affected, Seconds]:
        """The seconds of those parts that were an outage and are over."""
        wanted = [p for p in parts if p.status is Outcome.DOWN and p.end is not None]
        known = {p: self._settled[p] for p in wanted if p in self._settled}
        fresh = _counted([p for p in wanted if p not in known], transitions, held, exclusions)
        self._settled = known | {p: s for p, s in fresh.items() if _is_settled(p, held)}
        return known | fresh


def _counted(
    parts: Sequence[Affected],
    transitions: Transitions,
    held: CoreState,
    exclusions: Exclusions,
) -> dict[Affected, Seconds]:
    """All of them in one reading; what is over has its seconds also where the clock was set back
    to before its end."""
    if not parts:
        return {}
    span = Interval(min(p.start for p in parts), max(_span(p).end for p in parts))
    timelines = ComponentTimelines(held.catalogues)
    keys = {key for p in parts for key in timelines.folds(p.component)}
    drawing = transitions.drawing(span, keys)
    return {
        part: availability(
            [
                Member(
                    component=part.component,
                    timeline=timelines.of(part.component, drawing, held.states, span),
                )
            ],
            exclusions.get(part.component, ()),
            IntervalSet.of([_span(part)]),
        )
        for part in parts
    }


def _span(part: Affected) -> Interval:
    return Interval(part.start, part.start if part.end is None else part.end)


def _is_settled(part: Affected, held: CoreState) -> bool:
    """Of what no check decides any more nothing is decided anew."""
    settled = final_until_of(held.catalogue, part.component, held.states)
    is_decided = bool(held.catalogue.deciding(part.component))
    return not is_decided or (settled is not None and _span(part).end <= settled)
