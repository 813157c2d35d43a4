"""A component's outages as evidence: to the second, with the results that bound them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from monitor.domain.availability import Exclusion, Member, Seconds, count_seconds, product_timeline
from monitor.domain.checks.fold import FoldState, Transition
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import Affected
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.domain.timeline import Timeline
from monitor.results.log.ports import FoldKey


class Explaining(Protocol):
    """Of an incident what says which outages it is about."""

    @property
    def id(self) -> str: ...
    @property
    def affected(self) -> tuple[Affected, ...]: ...
    def open_part(self, component: ComponentId) -> Affected | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """`[start, end)`; `end` None where it goes on. `start` is the first failure seen.

    Certain downtime is last failure - first failure, possible downtime first success - last
    success before; None where no result bounds that side. `window` is the window that was asked
    for, and `counted` the outage's part of it: certain <= counted down + excluded <= possible, all
    inside it. Time that nobody watched is no possible downtime: possible downtime begins at
    `watched_from` at the earliest, where watching began anew before the outage, and ends with the
    watching where no result shows the end.
    """

    component: ComponentId
    start: Second
    end: Second | None
    cause: str
    last_success_before: Second | None
    last_failure: Second | None
    first_success: Second | None
    counted: Seconds
    window: Interval
    incidents: tuple[str, ...] = ()
    watched_from: Second | None = None

    @property
    def lasted_s(self) -> int:
        """Its seconds inside the window: what counted, and what was excluded."""
        return self.counted.total

    @property
    def certain_s(self) -> int | None:
        if self.last_failure is None:
            return None
        return Interval(self.start, self.last_failure).clip(self.window).seconds

    @property
    def possible_s(self) -> int | None:
        bounds = [b for b in (self.last_success_before, self.watched_from) if b is not None]
        until = self.end if self.first_success is None else self.first_success
        if until is None or not bounds:
            return None
        return Interval(max(bounds), until).clip(self.window).seconds


def outages_of(
    component: ComponentId,
    timeline: Timeline,
    transitions: Sequence[Transition],
    exclusions: Sequence[Exclusion],
    incidents: Sequence[Explaining],
    window: Interval,
) -> Iterator[Outage]:
    """The outages that touch a window, oldest first. `timeline` may begin before it.

    `transitions` are those of the component's checks: they hold the sampling bounds.
    """
    falls = {t.effective_at: t for t in transitions if t.to is Outcome.DOWN and _is_edge(t)}
    rises = {t.effective_at: t for t in transitions if t.source is Outcome.DOWN and _is_edge(t)}
    member = Member(component=component, timeline=timeline)
    for span in _spans(timeline):
        part = span.clip(window)
        if not part.seconds:
            continue
        fell, rose = falls.get(span.start), rises.get(span.end)
        explaining = [i for i in incidents if _explains(i, component, span)]
        goes_on = span.end >= window.end or any(_is_open(i, component, span) for i in explaining)
        counted = count_seconds(product_timeline([member], exclusions, IntervalSet.of([part])))
        yield Outage(
            component=component,
            start=span.start,
            end=span.end if rose or not goes_on else None,
            cause=_cause(timeline, span),
            last_success_before=fell.previous_at if fell else None,
            last_failure=rose.previous_at if rose else None,
            first_success=rose.effective_at if rose and rose.to is not Outcome.UNKNOWN else None,
            counted=counted,
            window=window,
            incidents=tuple(i.id for i in explaining),
        )


def down_until(states: Mapping[FoldKey, FoldState]) -> frozenset[Second]:
    """Where the last results' coverage ends, of what was down when it was last seen."""
    down = (state.covered_until for state in states.values() if state.status is Outcome.DOWN)
    return frozenset(until for until in down if until is not None)


def open_ended(
    outages: Iterable[Outage], transitions: Iterable[Transition], seen_until: Collection[Second]
) -> Iterator[Outage]:
    """The journal is a few seconds behind the check runs: an outage that ends where the last
    result's coverage does (`seen_until`, see `down_until`), and by no transition, goes on."""
    decided = {one.effective_at for one in transitions}
    for outage in outages:
        goes_on = outage.end in seen_until and outage.end not in decided
        yield replace(outage, end=None) if goes_on else outage


def seconds_of(
    component: ComponentId,
    timeline: Timeline,
    exclusions: Sequence[Exclusion],
    window: IntervalSet,
    records_from: Second | None = None,
) -> Seconds:
    """One component's seconds in each bucket."""
    members = [Member(component=component, timeline=timeline, records_from=records_from)]
    return count_seconds(product_timeline(members, exclusions, window))


def _is_edge(transition: Transition) -> bool:
    return transition.source is not transition.to


def _spans(timeline: Timeline) -> Iterator[Interval]:
    """Down segments, neighbours of different causes joined."""
    return iter(IntervalSet.of(s.interval for s in timeline if s.status is Outcome.DOWN))


def _cause(timeline: Timeline, span: Interval) -> str:
    """The class that began it."""
    return next((s.cause for s in timeline if s.start >= span.start and s.end <= span.end), "")


def _explains(incident: Explaining, component: ComponentId, span: Interval) -> bool:
    return any(
        part.component == component
        and part.start < span.end
        and (part.end is None or part.end > span.start)
        for part in incident.affected
    )


def _is_open(incident: Explaining, component: ComponentId, span: Interval) -> bool:
    """Nothing ended it: its timeline stops at the last result, a moment before a window's `now`."""
    part = incident.open_part(component)
    return part is not None and part.start < span.end
