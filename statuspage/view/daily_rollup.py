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
from monitor.state.core_state import CoreState
from monitor.timelines.excluded import KnownTroubles, default_exclusions
from monitor.timelines.reading import CachedTransitions, ComponentTimelines, Drawing
from statuspage.view.final_days import ClosedDays
from statuspage.view.incident_downtime import CountedParts
from statuspage.view.model import PublicDay

_END = attrgetter("end")


@dataclass(slots=True)
class _LocalDay:
    """A local day, how much of it has passed, and what it is for components that are alike."""

    day: date
    window: Interval
    passed: Interval
    alike: dict[Hashable, PublicDay] = field(default_factory=dict)

    @property
    def name(self) -> tuple[date, Interval]:
        return (self.day, self.passed)


class DailyRollup:
    """Days that are over and settled are counted once: the core may be behind, and a gap is
    decided only at its end. The journal is read from the first day on that is not."""

    def __init__(self) -> None:
        self._closed: dict[ComponentId, ClosedDays] = {}
        self._key: object = None
        self._kept = CachedTransitions()
        self._drawing: Drawing = {}
        self._timelines: ComponentTimelines | None = None
        self._exclusions: dict[ComponentId, list[Exclusion]] = {}
        self._states: Mapping[FoldKey, FoldState] = {}
        self._troubles = KnownTroubles()
        self._parts = CountedParts()
        self._sheets: list[_LocalDay] = []
        self._now = Second(0)

    def forget(self) -> None:
        """The past has changed: a correction, an exclusion, a window."""
        self._closed.clear()
        self._parts.forget()
        self._kept = CachedTransitions()

    def read(
        self,
        tx: JournalTransaction,
        held: CoreState,
        span: Interval,
        windows: Sequence[MaintenanceWindow],
    ) -> None:
        """Load what the days of a span need; whatever is not remembered is drawn from it."""
        zone = held.catalogue.zone
        exclusions = default_exclusions(
            tx, windows, span, held.catalogue, held.catalogues.revisions, self._troubles
        )
        key = (
            tuple((r.number, r.effective_from) for r in held.catalogues.revisions),
            zone.key,
            tuple(exclusions),
        )
        if key != self._key or self._timelines is None:
            self.forget()
            self._key = key
            self._exclusions = _by_component(exclusions)
            self._timelines = ComponentTimelines(held.catalogues)
        self._states = held.states
        self._now = span.end
        self._sheets = self._turned_to(
            _LocalDay(day, window, Interval(window.start, min(window.end, span.end)))
            for day, window in local_days(span, zone)
        )
        start = min(map(self._open_from, held.public), default=span.end)
        self._drawing = self._kept.of(tx.transitions, start)

    def days(
        self, component: ComponentId, catalogue: Catalogue
    ) -> tuple[tuple[PublicDay, ...], Seconds]:
        """The days of the span that was read, oldest first, today's until now; and their sum."""
        closed = self._closed.setdefault(component, ClosedDays())
        left = self._sheets[len(closed) :]
        drawn = self._draw(component, left[0].window.start)
        over = self._over_until(component, catalogue) if left[0].window.end <= self._now else 0
        closing: list[PublicDay] = []
        still_open: list[PublicDay] = []
        for sheet in left:
            found = self._counted(sheet, component, drawn)
            (closing if sheet.window.end <= over else still_open).append(found)
        return closed.with_open(closing, still_open)

    def parts(
        self, tx: JournalTransaction, held: CoreState, parts: Iterable[Affected]
    ) -> Mapping[Affected, Seconds]:
        """What those parts of incidents came to that were outages and are over; under the
        exclusions that were read."""
        return self._parts.of(tx.transitions, held, parts, self._exclusions)

    def _turned_to(self, sheets: Iterable[_LocalDay]) -> list[_LocalDay]:
        """The sheets that are there already where they say the same; today's is always new."""
        known = {sheet.name: sheet for sheet in self._sheets}
        return [known.get(sheet.name, sheet) for sheet in sheets]

    def _open_from(self, component: ComponentId) -> Second:
        """Where the component's first day begins that is to be counted."""
        closed = self._closed.get(component)
        if closed is None:
            return self._sheets[0].window.start
        closed.begin_at(self._sheets[0].window.start, len(self._sheets) - 1)
        return self._sheets[len(closed)].window.start

    def _over_until(self, component: ComponentId, catalogue: Catalogue) -> Second:
        settled = final_until_of(catalogue, component, self._states)
        return Second(0) if settled is None else min(self._now, settled)

    def _draw(self, component: ComponentId, start: Second) -> Timeline:
        if self._timelines is None:
            return ()
        window = Interval(start, self._now)
        return self._timelines.of(component, self._drawing, self._states, window)

    def _counted(self, sheet: _LocalDay, component: ComponentId, drawn: Timeline) -> PublicDay:
        """Days of a thousand components on which nothing happened are one day in memory."""
        exclusions = self._exclusions.get(component, ())
        filling = None if exclusions else _filling(drawn, sheet.passed)
        if filling in sheet.alike:
            return sheet.alike[filling]
        member = Member(component=component, timeline=drawn)
        seconds = availability([member], exclusions, IntervalSet((sheet.passed,)))
        found = PublicDay(day=sheet.day, window=sheet.window, seconds=seconds)
        if filling is None and seconds.up + seconds.unknown == seconds.total:
            return sheet.alike.setdefault((seconds.up, seconds.unknown), found)
        return found if filling is None else sheet.alike.setdefault(filling, found)


def _filling(timeline: Timeline, window: Interval) -> tuple[Outcome, bool] | None:
    """What fills the window from end to end, and whether it was inferred; None for a mixture."""
    first = bisect_right(timeline, window.start, key=_END)
    segment = timeline[first] if first < len(timeline) else None
    if segment is None or segment.start >= window.end:
        return (Outcome.UNKNOWN, False)
    if segment.start <= window.start and window.end <= segment.end:
        return (segment.status, segment.is_inferred)
    return None


def _by_component(exclusions: Iterable[Exclusion]) -> dict[ComponentId, list[Exclusion]]:
    found: dict[ComponentId, list[Exclusion]] = {}
    for exclusion in exclusions:
        found.setdefault(exclusion.component, []).append(exclusion)
    return found
