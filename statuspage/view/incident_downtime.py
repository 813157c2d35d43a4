"""The seconds of each part of an incident in the guarantee, by the function behind every figure."""

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


class IncidentDowntime:
    """Outages that are over are counted once, as soon as what happened in them is final: an
    incident stays on the page for 90 days, and the page is rendered every minute."""

    def __init__(self) -> None:
        self._final: dict[Affected, Seconds] = {}

    def forget(self) -> None:
        self._final.clear()

    def of(
        self,
        transitions: Transitions,
        core_state: CoreState,
        parts: Iterable[Affected],
        exclusions: Exclusions,
    ) -> Mapping[Affected, Seconds]:
        """The seconds of those parts that were an outage and are over."""
        wanted = [p for p in parts if p.status is Outcome.DOWN and p.end is not None]
        known = {p: self._final[p] for p in wanted if p in self._final}
        fresh = _counted([p for p in wanted if p not in known], transitions, core_state, exclusions)
        self._final = known | {p: s for p, s in fresh.items() if _is_final(p, core_state)}
        return known | fresh


def _counted(
    parts: Sequence[Affected],
    transitions: Transitions,
    core_state: CoreState,
    exclusions: Exclusions,
) -> dict[Affected, Seconds]:
    """All of them in one reading. A part that is over has its seconds even where the clock was set
    back to before its end."""
    if not parts:
        return {}
    span = Interval(min(p.start for p in parts), max(_span(p).end for p in parts))
    timelines = ComponentTimelines(core_state.catalogues)
    keys = {key for p in parts for key in timelines.folds(p.component)}
    transitions_by_fold = transitions.drawing(span, keys)
    return {
        part: availability(
            [
                Member(
                    component=part.component,
                    timeline=timelines.of(
                        part.component, transitions_by_fold, core_state.states, span
                    ),
                )
            ],
            exclusions.get(part.component, ()),
            IntervalSet.of([_span(part)]),
        )
        for part in parts
    }


def _span(part: Affected) -> Interval:
    return Interval(part.start, part.start if part.end is None else part.end)


def _is_final(part: Affected, core_state: CoreState) -> bool:
    """Whether its seconds are final. Nothing new is decided of what no check decides any more."""
    final_until = final_until_of(core_state.catalogue, part.component, core_state.states)
    is_decided = bool(core_state.catalogue.deciding(part.component))
    return not is_decided or (final_until is not None and _span(part).end <= final_until)
