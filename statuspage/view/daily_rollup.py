"""The days of the page: seconds per component and local day, counted once where they are over."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter

from monitor.domain.availability import Exclusion, Member, Seconds, availability
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import Affected
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.time.calendar import local_days
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.domain.timeline import Timeline
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import FoldKey
from monitor.state.component_status import final_until_of
from monitor.state.core_state import DAY, CoreState
from monitor.timelines.excluded import KnownOutages, default_exclusions
from monitor.timelines.reading import CachedTransitions, ComponentTimelines, Drawing
from statuspage.view.final_days import FinalDays
from statuspage.view.incident_downtime import IncidentDowntime
from statuspage.view.model import PublicDay

_END = attrgetter("end")


@dataclass(slots=True)
class LocalDay:
    """A local day, how much of it has passed, and the results that equal components share."""

    day: date
    window: Interval
    passed: Interval
    shared: dict[Hashable, PublicDay] = field(default_factory=dict)

    @property
    def key(self) -> tuple[date, Interval]:
        return (self.day, self.passed)


class DailyRollup:
    """Days that are over and final are counted once: the core may be behind, and a gap is decided
    only at its end. The journal is read from the first day on that is not final."""

    def __init__(self) -> None:
        self._closed: dict[ComponentId, FinalDays] = {}
        self._key: object = None
        self._cached_transitions = CachedTransitions()
        self._transitions: Drawing = {}
        self._timelines: ComponentTimelines | None = None
        self._exclusions: dict[ComponentId, list[Exclusion]] = {}
        self._states: Mapping[FoldKey, FoldState] = {}
        self._troubles = KnownOutages()
        self._parts = IncidentDowntime()
        self._local_days: list[LocalDay] = []
        self._now = Second(0)

    def forget(self) -> None:
        """Drop what is counted: the past has changed by a correction, an exclusion or a window."""
        self._closed.clear()
        self._parts.forget()
        self._cached_transitions = CachedTransitions()

    def read(
        self,
        tx: JournalTransaction,
        core_state: CoreState,
        span: Interval,
        windows: Sequence[MaintenanceWindow],
    ) -> None:
        """Load what the days of a span need: those that are not cached are counted from it."""
        zone = core_state.catalogue.zone
        exclusions = default_exclusions(
            tx, windows, span, core_state.catalogue, core_state.catalogues.revisions, self._troubles
        )
        key = (
            tuple((r.number, r.effective_from) for r in core_state.catalogues.revisions),
            zone.key,
            tuple(exclusions),
        )
        if key != self._key or self._timelines is None:
            self.forget()
            self._key = key
            self._exclusions = by_component(exclusions)
            self._timelines = ComponentTimelines(core_state.catalogues)
        self._states = core_state.states
        self._now = span.end
        self._local_days = self._reused(
            LocalDay(day, window, Interval(window.start, min(window.end, span.end)))
            for day, window in local_days(span, zone)
        )
        start = min(map(self._open_from, core_state.shown), default=span.end)
        self._transitions = self._cached_transitions.of(tx.transitions, start)

    def days(
        self, component: ComponentId, catalogue: Catalogue
    ) -> tuple[tuple[PublicDay, ...], Seconds]:
        """The days of the span that was read, oldest first, today's until now; and their sum."""
        closed = self._closed.setdefault(component, FinalDays())
        remaining = self._local_days[len(closed) :]
        timeline = self._timeline(component, remaining[0].window.start)
        exclusions = self._exclusions.get(component, ())
        final_until = (
            self._final_until(component, catalogue) if remaining[0].window.end <= self._now else 0
        )
        closing: list[PublicDay] = []
        still_open: list[PublicDay] = []
        for local_day in remaining:
            found = counted_day(local_day, component, timeline, exclusions)
            (closing if local_day.window.end <= final_until else still_open).append(found)
        return closed.with_open(closing, still_open)

    def last_known(self, component: ComponentId) -> tuple[Second, Seconds]:
        """The end of the last second before the present in which the component's status is known,
        and what that second counts as; the present, and nothing, where there was none lately."""
        # An outage may have begun before the first day that was read.
        start = Second(max(0, self._open_from(component) - DAY))
        timeline = self._timeline(component, start)
        seen = [s.interval for s in timeline if s.start < self._now]
        if not seen:
            return self._now, Seconds()
        until = min(self._now, seen[-1].end)
        member = Member(component=component, timeline=timeline)
        window = IntervalSet((Interval(Second(until - 1), until),))
        return until, availability([member], self._exclusions.get(component, ()), window)

    def parts(
        self, tx: JournalTransaction, core_state: CoreState, parts: Iterable[Affected]
    ) -> Mapping[Affected, Seconds]:
        """The seconds of those parts of incidents that were outages and are over, under the
        exclusions that were read."""
        return self._parts.of(tx.transitions, core_state, parts, self._exclusions)

    def _reused(self, candidates: Iterable[LocalDay]) -> list[LocalDay]:
        """The days that are there already where they are the same; today is always new."""
        known = {local_day.key: local_day for local_day in self._local_days}
        return [known.get(local_day.key, local_day) for local_day in candidates]

    def _open_from(self, component: ComponentId) -> Second:
        """The start of the component's first day that is still to be counted."""
        closed = self._closed.get(component)
        if closed is None:
            return self._local_days[0].window.start
        closed.begin_at(self._local_days[0].window.start, len(self._local_days) - 1)
        return self._local_days[len(closed)].window.start

    def _final_until(self, component: ComponentId, catalogue: Catalogue) -> Second:
        final_until = final_until_of(catalogue, component, self._states)
        return Second(0) if final_until is None else min(self._now, final_until)

    def _timeline(self, component: ComponentId, start: Second) -> Timeline:
        if self._timelines is None:
            return ()
        window = Interval(start, self._now)
        return self._timelines.of(component, self._transitions, self._states, window)


def counted_day(
    local_day: LocalDay,
    component: ComponentId,
    timeline: Timeline,
    exclusions: Sequence[Exclusion],
) -> PublicDay:
    """Days of a thousand components on which nothing happened are one object in memory."""
    uniform = None if exclusions else _uniform_status(timeline, local_day.passed)
    if uniform in local_day.shared:
        return local_day.shared[uniform]
    member = Member(component=component, timeline=timeline)
    seconds = availability([member], exclusions, IntervalSet((local_day.passed,)))
    found = PublicDay(day=local_day.day, window=local_day.window, seconds=seconds)
    if uniform is None and seconds.up + seconds.unknown == seconds.total:
        return local_day.shared.setdefault((seconds.up, seconds.unknown), found)
    return found if uniform is None else local_day.shared.setdefault(uniform, found)


def _uniform_status(timeline: Timeline, window: Interval) -> tuple[Outcome, bool] | None:
    """The status of the whole window, and whether it was inferred; None for a mixture."""
    first = bisect_right(timeline, window.start, key=_END)
    segment = timeline[first] if first < len(timeline) else None
    if segment is None or segment.start >= window.end:
        return (Outcome.UNKNOWN, False)
    if segment.start <= window.start and window.end <= segment.end:
        return (segment.status, segment.is_inferred)
    return None


def by_component(exclusions: Iterable[Exclusion]) -> dict[ComponentId, list[Exclusion]]:
    found: dict[ComponentId, list[Exclusion]] = {}
    for exclusion in exclusions:
        found.setdefault(exclusion.component, []).append(exclusion)
    return found
