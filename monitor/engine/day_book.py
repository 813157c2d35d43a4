"""The days of the page: seconds per component and local day, counted once where they are over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from monitor.domain.availability import Exclusion, Member, Seconds, availability
from monitor.domain.calendar import local_days
from monitor.domain.catalogue import Catalogue
from monitor.domain.interval import Interval, IntervalSet, Second
from monitor.domain.observation import ComponentId
from monitor.domain.public import PublicDay
from monitor.domain.rollup import component_timeline
from monitor.domain.state import FoldState, Transition
from monitor.domain.timeline import Timeline, timeline_of
from monitor.engine.catalogues import Catalogues
from monitor.engine.held import Held
from monitor.engine.standing import settled_of
from monitor.ports.journal import JournalTransaction, Transitions
from monitor.ports.results import FoldKey

Drawing = Mapping[FoldKey, Sequence[Transition]]
_FOREVER = Second(1 << 40)


class DayBook:
    """Days that are over and settled are counted once: the core may be behind, and a gap is
    decided only at its end. The journal is read from the first day on that is not."""

    def __init__(self) -> None:
        self._closed: dict[ComponentId, list[PublicDay]] = {}
        """Each component's from the span's first one on, without a hole."""
        self._key: object = None
        self._drawing = _KeptDrawing()
        self._timelines: dict[FoldKey, Timeline] = {}
        self._exclusions: dict[ComponentId, list[Exclusion]] = {}
        self._catalogues: Catalogues | None = None
        self._states: Mapping[FoldKey, FoldState] = {}
        self._windows: list[tuple[date, Interval]] = []
        self._plain: dict[tuple[Interval, int, int], PublicDay] = {}
        self._now = Second(0)

    def forget(self) -> None:
        """The past has changed: a correction, an exclusion, a window."""
        self._closed.clear()
        self._drawing = _KeptDrawing()

    def read(
        self, tx: JournalTransaction, held: Held, span: Interval, exclusions: list[Exclusion]
    ) -> None:
        """Load what the days of a span need; whatever is not remembered is drawn from it."""
        key = (tuple(r.number for r in held.catalogues.revisions), tuple(exclusions))
        if key != self._key:
            self.forget()
            self._key = key
            self._exclusions = _by_component(exclusions)
        self._catalogues, self._states = held.catalogues, held.states
        self._windows = list(local_days(span, held.catalogue.zone))
        self._now = span.end
        first = self._windows[0][1].start
        # Today's is another one at each reading.
        self._plain = {
            key: day for key, day in self._plain.items()
            if first <= day.window.start and day.window.end <= self._now
        }  # fmt: skip
        start = min(map(self._open_from, held.public), default=span.end)
        self._timelines = drawn_timelines(self._drawing.of(tx.transitions, start), held.states)

    def days(self, component: ComponentId, catalogue: Catalogue) -> tuple[PublicDay, ...]:
        """The days of the span that was read, oldest first; today's until now."""
        closed = self._closed.setdefault(component, [])
        left = self._windows[len(closed) :]
        drawn = self._draw(component, left[0][1].start)
        settled = settled_of(catalogue, component, self._states)
        over_until = min(self._now, settled) if settled is not None else 0
        open_days: list[PublicDay] = []
        for day, window in left:
            found = self._shared(day, window, self._count(component, drawn, window))
            (closed if window.end <= over_until else open_days).append(found)
        return (*closed, *open_days)

    def _shared(self, day: date, window: Interval, seconds: Seconds) -> PublicDay:
        """Days of a thousand components on which nothing happened are one day in memory."""
        found = PublicDay(day=day, window=window, seconds=seconds)
        if seconds.up + seconds.unknown != seconds.total:
            return found
        return self._plain.setdefault((window, seconds.up, seconds.unknown), found)

    def _open_from(self, component: ComponentId) -> Second:
        """Where the component's first day begins that is to be counted. Days that have left the
        span are dropped, and all of them where the clock was set back."""
        closed = self._closed.get(component, [])
        first = self._windows[0][1].start
        while closed and closed[0].window.start < first:
            closed.pop(0)
        if closed and (closed[0].window.start > first or len(closed) >= len(self._windows)):
            closed.clear()
        return self._windows[len(closed)][1].start

    def _draw(self, component: ComponentId, start: Second) -> Timeline:
        revisions = self._catalogues.revisions if self._catalogues else ()
        return component_timeline(component, self._timelines, revisions, Interval(start, self._now))

    def _count(self, component: ComponentId, drawn: Timeline, day: Interval) -> Seconds:
        passed = IntervalSet((Interval(day.start, min(day.end, self._now)),))
        exclusions = self._exclusions.get(component, ())
        return availability([Member(component=component, timeline=drawn)], exclusions, passed)


class _KeptDrawing:
    """The transitions that draw everything from a second on; read again only once there are more.

    Corrections replace rows by new ones, so they are noticed as well.
    """

    def __init__(self) -> None:
        self._known: tuple[int, Second] | None = None
        self._drawing: Drawing = {}

    def of(self, transitions: Transitions, start: Second) -> Drawing:
        wanted = (transitions.newest(), start)
        if wanted != self._known:
            self._drawing = transitions.drawing(Interval(start, _FOREVER))
            self._known = wanted
        return self._drawing


def check_timelines(
    transitions: Transitions, states: Mapping[FoldKey, FoldState], window: Interval
) -> dict[FoldKey, Timeline]:
    """Every fold's timeline over a window, each ending with its last look's cover."""
    return drawn_timelines(transitions.drawing(window), states)


def drawn_timelines(
    drawing: Drawing, states: Mapping[FoldKey, FoldState]
) -> dict[FoldKey, Timeline]:
    """Of the folds that are drawn."""
    return {
        key: timeline_of(found, states[key].covered_until if key in states else None)
        for key, found in drawing.items()
    }


def _by_component(exclusions: Iterable[Exclusion]) -> dict[ComponentId, list[Exclusion]]:
    found: dict[ComponentId, list[Exclusion]] = {}
    for exclusion in exclusions:
        found.setdefault(exclusion.component, []).append(exclusion)
    return found
