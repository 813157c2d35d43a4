"""Where every component stands: the folds' present statuses, rolled up as timelines are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from monitor.domain.catalogue import Catalogue, Check, Component
from monitor.domain.incident import Standing
from monitor.domain.interval import Interval, Second
from monitor.domain.observation import ComponentId, Outcome
from monitor.domain.rollup import roll_checks
from monitor.domain.state import FoldState, Transition, is_stale, settled_until
from monitor.domain.timeline import Segment, Timeline, timeline_of
from monitor.ports.results import FoldKey

_RECENT = 64


class RecentTimelines:
    """The last transitions of every fold, enough to say since when a component is as it is.

    Held by the core beside the fold states; refilled from the journal at start.
    """

    def __init__(self, drawing: Mapping[FoldKey, Sequence[Transition]]) -> None:
        self._recent = {key: list(found)[-_RECENT:] for key, found in drawing.items()}

    def add(self, key: FoldKey, transition: Transition) -> None:
        kept = self._recent.setdefault(key, [])
        kept.append(transition)
        del kept[:-_RECENT]

    def put(self, key: FoldKey, drawn: Sequence[Transition]) -> None:
        """In place of what was known of that fold."""
        self._recent[key] = list(drawn)[-_RECENT:]

    def standing(self, catalogue: Catalogue, component: Component, at: Second) -> Standing | None:
        """The component's confirmed status in the second `at`, None before any look.

        Each fold's last status is taken to hold: freshness is another question. It holds where it
        began "later" than `at` as well, for the clock has been set back since.
        """
        checks = catalogue.deciding(component.id)
        last = [self._recent[key][-1] for c in checks for key in _keys(c) if self._recent.get(key)]
        at = max([at, *(transition.effective_at for transition in last)])
        timelines = {key: self._timeline(key, at) for c in checks for key in _keys(c)}
        starts = [t[0].start for t in timelines.values() if t]
        if not starts:
            return None
        window = Interval(min(starts), Second(at + 1))
        return _last_stretch(component.id, roll_checks(component, checks, timelines, window), at)

    def _timeline(self, key: FoldKey, at: Second) -> Timeline:
        return timeline_of(self._recent.get(key, ()), Second(at + 1))


def present_status(
    catalogue: Catalogue,
    component: Component,
    states: Mapping[FoldKey, FoldState],
    now: Second,
    silent_s: Callable[[FoldKey], float | None] = lambda _: None,
) -> Outcome:
    """The component's status as freshness allows: silence and unproven looks are unknown."""
    checks = catalogue.deciding(component.id)
    seen = {
        key: (states.get(key), check_status(states.get(key), check, now, silent_s(key)))
        for check in checks
        for key in _keys(check)
    }
    if seen and all(status is Outcome.UP for _, status in seen.values()):
        # However they are rolled up.
        return Outcome.UP
    instant = Interval(Second(0), Second(1))
    timelines = {key: _instant(state, status) for key, (state, status) in seen.items()}
    rolled = roll_checks(component, checks, timelines, instant)
    return rolled[0].status if rolled else Outcome.UNKNOWN


def check_status(
    state: FoldState | None, check: Check, now: Second, silent_s: float | None = None
) -> Outcome:
    """One check's status as freshness allows; `silent_s` as in `is_stale`."""
    if state is None or is_stale(state, now, grace(check), silent_s):
        return Outcome.UNKNOWN
    if state.status is Outcome.UP and not state.proven:
        return Outcome.UNKNOWN
    return state.status


def grace(check: Check) -> int:
    """How long past a look's cover silence is still no news: the gap that the fold forgives, and
    the time that the next look may take."""
    return check.policy.max_gap - check.policy.interval + math.ceil(check.timeout_s) + 1


def last_cover(
    catalogue: Catalogue, component: ComponentId, states: Mapping[FoldKey, FoldState]
) -> Second | None:
    """Until when the component's quietest check was seen; None where one never was."""
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


def settled_of(
    catalogue: Catalogue, component: ComponentId, states: Mapping[FoldKey, FoldState]
) -> Second | None:
    """Before this second what the component's checks saw stands, whatever they see next; None
    where no second is settled, for one of them has seen nothing yet."""
    settled = [
        settled_until(states[key]) if key in states else None
        for check in catalogue.deciding(component)
        for key in _keys(check)
    ]
    known = [until for until in settled if until is not None]
    return min(known) if known and len(known) == len(settled) else None


def _keys(check: Check) -> list[FoldKey]:
    return [(check.id, place) for place in check.locations]


def _instant(state: FoldState | None, status: Outcome) -> Timeline:
    if state is None or status is Outcome.UNKNOWN:
        return ()
    return (Segment(start=Second(0), end=Second(1), status=status, cause=state.cause),)


def _last_stretch(component: ComponentId, timeline: Timeline, at: Second) -> Standing | None:
    if not timeline or timeline[-1].end <= at:
        return Standing(component=component, status=Outcome.UNKNOWN, since=at, cause="")
    last = timeline[-1]
    since = last.start
    for segment in reversed(timeline):
        if segment.status is not last.status or segment.end < since:
            break
        since = segment.start
    return Standing(component=component, status=last.status, since=since, cause=last.cause)
