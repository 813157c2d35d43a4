"""Timelines out of the journal: every fold's, and the components' kept between readings."""

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
    """Every fold's timeline over a window, each ending with its last look's cover."""
    return read_timelines(transitions.drawing(window), states)


def read_timelines(
    drawing: Drawing, states: Mapping[FoldKey, FoldState]
) -> dict[FoldKey, Timeline]:
    """Of the folds that are drawn."""
    return {
        key: timeline_of(found, states[key].covered_until if key in states else None)
        for key, found in drawing.items()
    }


class CachedTransitions:
    """The transitions that draw everything from a second on; read again only once there are more.

    Corrections replace rows by new ones, so they are noticed as well.
    """

    def __init__(self) -> None:
        self._known: tuple[int, Second] | None = None
        self._drawing: Drawing = {}

    def of(self, transitions: Transitions, start: Second) -> Drawing:
        wanted = (transitions.newest(), start)
        if wanted != self._known:
            self._drawing = transitions.drawing(Interval(start, FOREVER))
            self._known = wanted
        return self._drawing


class ComponentTimelines:
    """Each component's timeline, drawn anew only where its own transitions or covers ask for it.

    A fold that was seen past the present is drawn as if it were seen for ever, so that the looks
    which find nothing new change nothing: only the seconds before the present are to be read.
    """

    def __init__(self, catalogues: Catalogues) -> None:
        self._catalogues = catalogues
        self._folds = _deciding_folds(catalogues)
        self._kept: dict[ComponentId, tuple[object, Timeline]] = {}

    def folds(self, component: ComponentId) -> tuple[FoldKey, ...]:
        """Those that have had a say in it."""
        return self._folds.get(component, ())

    def of(
        self,
        component: ComponentId,
        drawing: Drawing,
        states: Mapping[FoldKey, FoldState],
        window: Interval,
    ) -> Timeline:
        """A timeline that holds inside the window, whose end is the present."""
        folds = self.folds(component)
        steps = [drawing.get(key, ()) for key in folds]
        covers = [_cover(states.get(key), window.end) for key in folds]
        known, kept = self._kept.get(component, (None, ()))
        if known == (asked := (window.start, steps, covers)):
            return kept
        looks = {
            key: timeline_of(found, cover)
            for key, found, cover in zip(folds, steps, covers, strict=True)
        }
        open_end = Interval(window.start, FOREVER)
        ruling = self._catalogues.ruling_of(component)
        drawn = timeline_under(component, looks, ruling, open_end)
        self._kept[component] = (asked, drawn)
        return drawn


def deciding_folds(catalogue: Catalogue, component: ComponentId) -> list[FoldKey]:
    """The folds that have a say in a component under one configuration."""
    return [
        (check.id, place) for check in catalogue.deciding(component) for place in check.locations
    ]


def _cover(state: FoldState | None, now: Second) -> Second | None:
    cover = None if state is None else state.covered_until
    return FOREVER if cover is not None and cover >= now else cover


def _deciding_folds(catalogues: Catalogues) -> dict[ComponentId, tuple[FoldKey, ...]]:
    """The folds that have had a say in each component, under whichever configuration."""
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
