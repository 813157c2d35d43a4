"""Timelines: who was in which state in which second. Quorum and roll-up are functions of them.

A timeline is a sorted sequence of segments without overlaps; seconds that no segment covers are
`unknown`. It is built from the transitions of one fold, never stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from monitor.domain.checks.fold import UNCLASSIFIED, Cause, Transition, failure_class
from monitor.domain.checks.observation import Outcome
from monitor.domain.time.interval import Interval, Second

_FAILING = (Outcome.DOWN, Outcome.DEGRADED)
_ORDER = {Outcome.UP: 0, Outcome.DEGRADED: 1, Outcome.UNKNOWN: 2, Outcome.DOWN: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """`[start, end)` in one status; `cause` is that of the transition which began it, and always a
    failure class where it is one of failure."""

    start: Second
    end: Second
    status: Outcome
    cause: str = ""
    is_inferred: bool = False
    """Whether nobody saw it: an outage was open before the gap and after it."""

    @property
    def interval(self) -> Interval:
        return Interval(self.start, self.end)

    def goes_on_as(self, other: Segment) -> bool:
        """Whether another begins where this one ends, and says the same."""
        return self.end == other.start and (
            (self.status, self.cause, self.is_inferred)
            == (other.status, other.cause, other.is_inferred)
        )


Timeline = tuple[Segment, ...]


def timeline_of(transitions: Iterable[Transition], known_until: Second | None) -> Timeline:
    """The timeline that the transitions of one fold, in the order decided, describe.

    `known_until` is the end of the last result's coverage: after it nothing is known yet.

    A transition that takes effect before an earlier one replaces it from there on: outages are
    backdated, never the reverse.
    """
    points: list[tuple[Second, Outcome, str]] = []
    for change in transitions:
        while points and points[-1][0] >= change.effective_at:
            points.pop()
        points.append((change.effective_at, change.to, change.cause))
    if known_until is None or not points:
        return ()
    ends = [at for at, _, _ in points[1:]] + [max(known_until, points[-1][0])]
    return tuple(
        Segment(
            start=at,
            end=end,
            status=status,
            cause=named,
            is_inferred=cause == Cause.INFERRED,
        )
        for (at, status, cause), named, end in zip(points, _named(points), ends, strict=True)
        if end > at and status is not Outcome.UNKNOWN
    )


def _named(points: Sequence[tuple[Second, Outcome, str]]) -> list[str]:
    """Each point's cause. A failure has its own class, else the one seen last, else the first one
    seen after it: how it was decided helps nobody to repair it."""
    causes = [cause for _, _, cause in points]
    if all(failure_class(c) for (_, to, c) in points if to in _FAILING):
        return causes
    classes = [failure_class(cause) if to in _FAILING else "" for _, to, cause in points]
    after = _last_seen(classes[::-1])[::-1]
    before = _last_seen(classes)
    return [
        (last or next_ or UNCLASSIFIED) if to in _FAILING else cause
        for (_, to, cause), last, next_ in zip(points, before, after, strict=True)
    ]


def _last_seen(classes: Sequence[str]) -> list[str]:
    """Each one's own, else the nearest before it."""
    seen, found = "", []
    for own in classes:
        seen = own or seen
        found.append(seen)
    return found


def clip(timeline: Timeline, window: Interval) -> Timeline:
    """The part of a timeline inside a window."""
    first, last = window.start, window.end
    if first >= last:
        return ()
    return tuple(
        s if first <= s.start and s.end <= last else _cut(s, first, last)
        for s in timeline
        if s.start < last and first < s.end
    )


def _cut(segment: Segment, first: Second, last: Second) -> Segment:
    return Segment(
        start=max(segment.start, first),
        end=min(segment.end, last),
        status=segment.status,
        cause=segment.cause,
        is_inferred=segment.is_inferred,
    )


@dataclass(frozen=True, slots=True)
class Slice:
    """One span in which none of several timelines changes: `at[i]` is the i-th's segment."""

    start: Second
    end: Second
    at: tuple[Segment | None, ...]

    @property
    def statuses(self) -> tuple[Outcome, ...]:
        return tuple(Outcome.UNKNOWN if s is None else s.status for s in self.at)


def slices(timelines: Sequence[Timeline], window: Interval) -> Iterable[Slice]:
    """Cut a window at every change of any of the timelines, in order and without gaps."""
    edges = {window.start, window.end}
    for timeline in timelines:
        for segment in timeline:
            edges.update(e for e in (segment.start, segment.end) if e in window)
    cursors = [0] * len(timelines)
    for start, end in pairwise(sorted(edges)):
        at: list[Segment | None] = []
        for i, timeline in enumerate(timelines):
            while cursors[i] < len(timeline) and timeline[cursors[i]].end <= start:
                cursors[i] += 1
            found = timeline[cursors[i]] if cursors[i] < len(timeline) else None
            at.append(found if found is not None and found.start <= start else None)
        yield Slice(start, end, tuple(at))


def combine(
    timelines: Sequence[Timeline], window: Interval, choose: Callable[[Slice], Segment | None]
) -> Timeline:
    """One timeline out of several: `choose` returns the segment that counts for each slice."""
    out: list[Segment] = []
    for piece in slices(timelines, window):
        chosen = choose(piece)
        if chosen is None or chosen.status is Outcome.UNKNOWN:
            continue
        part = replace(chosen, start=piece.start, end=piece.end)
        last = out[-1] if out else None
        if last and last.goes_on_as(part):
            out[-1] = replace(last, end=part.end)
        else:
            out.append(part)
    return tuple(out)


def worst(timelines: Sequence[Timeline], window: Interval) -> Timeline:
    """The worst of each second: DOWN > UNKNOWN > DEGRADED > UP."""
    if len(timelines) == 1:
        return _joined(clip(timelines[0], window))

    def choose(piece: Slice) -> Segment | None:
        if any(s is None for s in piece.at):
            return next((s for s in piece.at if s and s.status is Outcome.DOWN), None)
        known = [s for s in piece.at if s is not None]
        return max(known, key=lambda s: _ORDER[s.status], default=None)

    return combine(timelines, window, choose)


def _joined(timeline: Timeline) -> Timeline:
    """Neighbours of one kind as one segment; unknown ones are left out, as no segment means
    unknown."""
    out: list[Segment] = []
    for part in timeline:
        last = out[-1] if out else None
        if part.status is Outcome.UNKNOWN:
            continue
        if last and last.goes_on_as(part):
            out[-1] = replace(last, end=part.end)
        else:
            out.append(part)
    return tuple(out)


def k_of_n(timelines: Sequence[Timeline], k: int, window: Interval) -> Timeline:
    """Redundant checks or locations: up while at least `k` work, down while fewer than `k` can.

    A second in which the unknown ones would decide is unknown. A degraded one works; the second
    is degraded where fewer than `k` are plainly up.
    """
    if not 1 <= k <= len(timelines):
        raise ValueError(f"k must be between 1 and {len(timelines)}, got {k}")

    def choose(piece: Slice) -> Segment | None:
        ups = [s for s in piece.at if s and s.status is Outcome.UP]
        slow = [s for s in piece.at if s and s.status is Outcome.DEGRADED]
        down = [s for s in piece.at if s and s.status is Outcome.DOWN]
        if len(ups) >= k:
            return ups[0]
        if len(ups) + len(slow) >= k:
            return slow[0]
        return down[0] if len(timelines) - len(down) < k else None

    return combine(timelines, window, choose)


def soften(timeline: Timeline) -> Timeline:
    """A check that only ever degrades its component: its outages count as slowness."""
    return tuple(
        replace(s, status=Outcome.DEGRADED) if s.status is Outcome.DOWN else s for s in timeline
    )
