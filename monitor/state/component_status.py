"""The status of every component: the folds' present statuses, rolled up as timelines are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from monitor.domain.catalogue import Affects, Catalogue, CatalogueRevision, Check, Component
from monitor.domain.checks.fold import FoldState, Transition, final_until, is_stale
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import ComponentStatus
from monitor.domain.rollup import component_timeline, roll_checks
from monitor.domain.time.interval import Interval, Second
from monitor.domain.timeline import Segment, Timeline, clip, timeline_of
from monitor.results.log.ports import FoldKey

_RECENT = 64


_FALLEN = (Outcome.DOWN, Outcome.DEGRADED)

SilentFrom = Callable[[FoldKey], Second | None]
"""Since when a fold's last result says nothing of its check any more; None where it still does."""


class RecentTimelines:
    """The last transitions of every fold, enough to say since when a component has its status.

    Held by the core beside the fold states; refilled from the journal at start.
    """

    def __init__(self, by_fold: Mapping[FoldKey, Sequence[Transition]]) -> None:
        self._recent = {key: list(found)[-_RECENT:] for key, found in by_fold.items()}

    def copy(self) -> RecentTimelines:
        return RecentTimelines(self._recent)

    def add(self, key: FoldKey, transition: Transition) -> None:
        recent = self._recent.setdefault(key, [])
        recent.append(transition)
        del recent[:-_RECENT]

    def put(self, key: FoldKey, transitions: Sequence[Transition]) -> None:
        """Replace what was known of that fold."""
        self._recent[key] = list(transitions)[-_RECENT:]

    def component_status(
        self,
        component: Component,
        at: Second,
        periods: Sequence[tuple[CatalogueRevision, Interval]],
        silent_from: SilentFrom,
    ) -> ComponentStatus | None:
        """The component's confirmed status in the second `at` under the last configuration, None
        before any result.

        Each fold's last status is taken to last until `silent_from`: freshness is another question.
        What failed before this configuration began failed under those in force then.
        """
        revision, period = periods[-1]
        checks = revision.catalogue.deciding(component.id)
        # A status that began "later" than `at` counts as well: the clock has been set back since.
        last = [self._recent[key][-1] for c in checks for key in _keys(c) if self._recent.get(key)]
        at = max([at, *(transition.effective_at for transition in last)])
        timelines = self.timelines(checks, at, silent_from)
        starts = [t[0].start for t in timelines.values() if t]
        if not starts:
            return None
        window = Interval(min(starts), Second(at + 1))
        timeline = roll_checks(component, checks, timelines, window)
        found = _last_span(component.id, timeline, at)
        if found.status in _FALLEN and found.since < period.start <= at:
            whole = Interval(found.since, Second(at + 1))
            former = self.timelines(ever_deciding(component.id, periods, whole), at, silent_from)
            timeline = component_timeline(component.id, former, [r for r, _ in periods], whole)
            found = _last_span(component.id, timeline, at)
        return found

    def timelines(
        self, checks: Iterable[Check], at: Second, silent_from: SilentFrom
    ) -> dict[FoldKey, Timeline]:
        """Each fold's timeline, whose last status lasts until after the second `at`."""
        return {key: self._timeline(key, at, silent_from(key)) for c in checks for key in _keys(c)}

    def _timeline(self, key: FoldKey, at: Second, silent_from: Second | None) -> Timeline:
        timeline = timeline_of(self._recent.get(key, ()), Second(at + 1))
        return timeline if silent_from is None else clip(timeline, Interval(Second(0), silent_from))


def present_status(
    catalogue: Catalogue,
    component: Component,
    states: Mapping[FoldKey, FoldState],
    now: Second,
    silent_s: Callable[[FoldKey], float | None] = lambda _: None,
) -> Outcome:
    """The component's status as freshness allows: silence and unconfirmed results are unknown."""
    checks = catalogue.deciding(component.id)
    seen: dict[FoldKey, tuple[FoldState | None, Outcome]] = {}
    is_up, is_down = True, False
    for check in checks:
        for place in check.locations:
            key = (check.id, place)
            state = states.get(key)
            status = check_status(state, check, now, silent_s(key))
            seen[key] = state, status
            is_up = is_up and status is Outcome.UP
            is_down = is_down or (status is Outcome.DOWN and _is_alone(check))
    # As they would be rolled up, which takes fifty times as long.
    if seen and is_up:
        return Outcome.UP
    if is_down and component.quorum is None:
        return Outcome.DOWN
    instant = Interval(Second(0), Second(1))
    timelines = {key: _instant(state, status) for key, (state, status) in seen.items()}
    rolled = roll_checks(component, checks, timelines, instant)
    return rolled[0].status if rolled else Outcome.UNKNOWN


def _is_alone(check: Check) -> bool:
    """Whether what is down at its one location is down, whatever else is seen."""
    return len(check.locations) == 1 and check.affects is Affects.DOWN


def check_status(
    state: FoldState | None, check: Check, now: Second, silent_s: float | None = None
) -> Outcome:
    """One check's status as freshness allows; `silent_s` as in `is_stale`."""
    if state is None or is_stale(state, now, grace(check), silent_s):
        return Outcome.UNKNOWN
    if state.status is Outcome.UP and not state.is_confirmed:
        return Outcome.UNKNOWN
    return state.status


def grace(check: Check) -> int:
    """How long past a result's coverage silence is still normal: the gap that the fold tolerates,
    and the time that the next check run may take."""
    return check.policy.max_gap - check.policy.interval + math.ceil(check.timeout_s) + 1


def last_coverage(
    catalogue: Catalogue, component: ComponentId, states: Mapping[FoldKey, FoldState]
) -> Second | None:
    """The end of the coverage of the component's quietest check; None where one was never seen."""
    seen = [
        states[key].covered_until if key in states else None
        for check in catalogue.deciding(component)
        for key in _keys(check)
    ]
    known = [s for s in seen if s is not None]
    return min(known) if known and len(known) == len(seen) else None


def is_watched(catalogue: Catalogue, component: ComponentId) -> bool:
    """Whether any check decides what the component is."""
    return bool(catalogue.deciding(component))


def final_until_of(
    catalogue: Catalogue, component: ComponentId, states: Mapping[FoldKey, FoldState]
) -> Second | None:
    """Before this second what the component's checks saw is final, whatever they see next; None
    where no second is final, for one of them has seen nothing yet."""
    finals = [
        final_until(states[key]) if key in states else None
        for check in catalogue.deciding(component)
        for key in _keys(check)
    ]
    known = [until for until in finals if until is not None]
    return min(known) if known and len(known) == len(finals) else None


def ever_deciding(
    component: ComponentId, periods: Sequence[tuple[CatalogueRevision, Interval]], window: Interval
) -> tuple[Check, ...]:
    """The checks that decided a component's status under any configuration of a window."""
    found = {
        check.id: check
        for revision, period in periods
        if period.overlaps(window)
        for check in revision.catalogue.deciding(component)
    }
    return tuple(found.values())


def _keys(check: Check) -> list[FoldKey]:
    return [(check.id, place) for place in check.locations]


def _instant(state: FoldState | None, status: Outcome) -> Timeline:
    if state is None or status is Outcome.UNKNOWN:
        return ()
    return (Segment(start=Second(0), end=Second(1), status=status, cause=state.cause),)


def _last_span(component: ComponentId, timeline: Timeline, at: Second) -> ComponentStatus:
    if not timeline or timeline[-1].end <= at:
        return ComponentStatus(component=component, status=Outcome.UNKNOWN, since=at, cause="")
    last = timeline[-1]
    since, seen_to_begin = last.start, False
    for segment in reversed(timeline):
        if segment.status is not last.status or segment.end < since:
            seen_to_begin = segment.end == since and segment.status is not Outcome.UNKNOWN
            break
        since = segment.start
    return ComponentStatus(
        component=component,
        status=last.status,
        since=since,
        cause=last.cause,
        seen_to_begin=seen_to_begin,
    )
