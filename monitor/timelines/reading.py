"""Timelines out of the journal: every fold's, and the components' cached between readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Affects, Catalogue
from monitor.domain.checks.fold import FoldState, Transition
from monitor.domain.checks.observation import ComponentId
from monitor.domain.rollup import timeline_under
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.domain.timeline import Timeline, timeline_of
from monitor.journal.ports import Transitions
from monitor.results.log.ports import FoldKey

Drawing = Mapping[FoldKey, Sequence[Transition]]


def check_timelines(
    transitions: Transitions, states: Mapping[FoldKey, FoldState], window: Interval
) -> dict[FoldKey, Timeline]:
    """Every fold's timeline over a window, each ending with its last result's coverage."""
    return read_timelines(transitions.drawing(window), states)


def read_timelines(
    by_fold: Drawing, states: Mapping[FoldKey, FoldState]
) -> dict[FoldKey, Timeline]:
    """The timelines of these folds."""
    return {
        key: timeline_of(found, states[key].covered_until if key in states else None)
        for key, found in by_fold.items()
    }


class CachedTransitions:
    """The transitions that timelines from a second on rest on; read again only once there are more.

    Corrections replace rows by new ones, so they are noticed as well.
    """

    def __init__(self) -> None:
        self._known: tuple[int, Second] | None = None
        self._by_fold: Drawing = {}

    def of(self, transitions: Transitions, start: Second) -> Drawing:
        wanted = (transitions.newest(), start)
        if wanted != self._known:
            self._by_fold = transitions.drawing(Interval(start, FOREVER))
            self._known = wanted
        return self._by_fold


class ComponentTimelines:
    """Each component's timeline, computed anew only where its own transitions or coverage changed.

    A fold that is covered past the present counts as covered for ever, so that results which decide
    nothing change nothing: only the seconds before the present may be read.
    """

    def __init__(self, catalogues: Catalogues) -> None:
        self._catalogues = catalogues
        self._folds = _deciding_folds(catalogues)
        self._cached: dict[ComponentId, tuple[object, Timeline]] = {}

    def folds(self, component: ComponentId) -> tuple[FoldKey, ...]:
        """Those that have ever decided its status."""
        return self._folds.get(component, ())

    def of(
        self,
        component: ComponentId,
        by_fold: Drawing,
        states: Mapping[FoldKey, FoldState],
        window: Interval,
    ) -> Timeline:
        """A timeline that is right inside the window, whose end is the present."""
        folds = self.folds(component)
        transitions = [by_fold.get(key, ()) for key in folds]
        coverage_ends = [_coverage_end(states.get(key), window.end) for key in folds]
        key, cached = self._cached.get(component, (None, ()))
        if key == (wanted := (window.start, transitions, coverage_ends)):
            return cached
        fold_timelines = {
            fold: timeline_of(found, end)
            for fold, found, end in zip(folds, transitions, coverage_ends, strict=True)
        }
        open_end = Interval(window.start, FOREVER)
        periods = self._catalogues.periods_of(component)
        timeline = timeline_under(component, fold_timelines, periods, open_end)
        self._cached[component] = (wanted, timeline)
        return timeline


def deciding_folds(catalogue: Catalogue, component: ComponentId) -> list[FoldKey]:
    """The folds that decide a component's status under one configuration."""
    return [
        (check.id, place) for check in catalogue.deciding(component) for place in check.locations
    ]


def _coverage_end(state: FoldState | None, now: Second) -> Second | None:
    end = None if state is None else state.covered_until
    return FOREVER if end is not None and end >= now else end


def _deciding_folds(catalogues: Catalogues) -> dict[ComponentId, tuple[FoldKey, ...]]:
    """The folds that have decided each component's status, under any configuration."""
    found: dict[ComponentId, dict[FoldKey, None]] = {}
    seen: set[int] = set()
    for revision in catalogues.revisions:
        # Nearly every one is the very check that an earlier revision had.
        for check in revision.catalogue.checks:
            if id(check) not in seen and check.affects is not Affects.NOTHING:
                seen.add(id(check))
                own = found.setdefault(check.component, {})
                own.update(dict.fromkeys((check.id, place) for place in check.locations))
    return {component: tuple(own) for component, own in found.items()}
