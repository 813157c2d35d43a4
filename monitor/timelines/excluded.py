"""What the rules let out of a stretch of the journal: the windows with what stood when each of
them was published, read by whoever needs them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from monitor.domain.availability import Exclusion
from monitor.domain.catalogue import Catalogue, CatalogueRevision
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.exclusions import ExclusionRules, exclusions_under, rules_of
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.rollup import component_timeline, effective_periods
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.domain.timeline import Timeline, timeline_of
from monitor.journal.ports import JournalTransaction, Transitions
from monitor.results.log.ports import FoldKey
from monitor.timelines.reading import deciding_folds


def default_rules(catalogue: Catalogue) -> ExclusionRules:
    """Those of the default terms, the first of a configuration."""
    return rules_of(catalogue.terms[0].fields if catalogue.terms else {})


def troubles_at_publication(
    transitions: Transitions,
    revisions: Sequence[CatalogueRevision],
    windows: Iterable[MaintenanceWindow],
) -> dict[ComponentId, Timeline]:
    """The timelines, from before the first publication on, of the components that may have been
    in trouble when one of the windows was published. An outage that nothing ended lasts."""
    stood: set[ComponentId] = set()
    first = FOREVER
    for window in windows:
        if window.published_at is not None and window.excludes(0):
            first = min(first, window.published_at)
            stood |= _in_trouble(transitions, revisions, window.components, window.published_at)
    if not stood:
        return {}
    span = Interval(Second(first - 1), FOREVER)
    folds = _folds(revisions, stood, span)
    drawing = transitions.drawing(span, {key for own in folds.values() for key in own})
    looks = {key: timeline_of(found, FOREVER) for key, found in drawing.items()}
    starts = [drawn[0].start for drawn in looks.values() if drawn]
    wide = Interval(min([span.start, *starts]), FOREVER)
    return {c: component_timeline(c, looks, revisions, wide) for c in stood}


class KnownTroubles:
    """The troubles at publication, read again only where transitions, windows or configurations
    are others: a page is rendered every minute."""

    def __init__(self) -> None:
        self._known: object = None
        self._found: Mapping[ComponentId, Timeline] = {}

    def of(
        self,
        transitions: Transitions,
        revisions: Sequence[CatalogueRevision],
        windows: Sequence[MaintenanceWindow],
    ) -> Mapping[ComponentId, Timeline]:
        asked = (transitions.newest(), tuple(r.number for r in revisions), tuple(windows))
        if asked != self._known:
            self._found = troubles_at_publication(transitions, revisions, windows)
            self._known = asked
        return self._found


def default_exclusions(
    tx: JournalTransaction,
    windows: Sequence[MaintenanceWindow],
    span: Interval,
    catalogue: Catalogue,
    revisions: Sequence[CatalogueRevision],
    troubles: KnownTroubles | None = None,
) -> list[Exclusion]:
    """What a configuration's default terms leave out of a span."""
    stood = (troubles or KnownTroubles()).of(tx.transitions, revisions, windows)
    approved = tx.exclusions.approved(span)
    return list(exclusions_under(default_rules(catalogue), windows, approved, stood))


def _in_trouble(
    transitions: Transitions,
    revisions: Sequence[CatalogueRevision],
    components: Sequence[ComponentId],
    at: Second,
) -> set[ComponentId]:
    """Those of which a check, at least, was not plainly up in the second before."""
    span = Interval(Second(at - 1), at)
    folds = _folds(revisions, set(components), span)
    drawing = transitions.drawing(span, {key for own in folds.values() for key in own})
    return {
        component
        for component, own in folds.items()
        if any(drawing[key][-1].to is not Outcome.UP for key in own if drawing.get(key))
    }


def _folds(
    revisions: Sequence[CatalogueRevision], wanted: set[ComponentId], span: Interval
) -> dict[ComponentId, set[FoldKey]]:
    """The folds that have a say in components within a span."""
    found: dict[ComponentId, set[FoldKey]] = {component: set() for component in wanted}
    for revision, reign in effective_periods(revisions):
        if reign.overlaps(span):
            for component in wanted:
                found[component] |= set(deciding_folds(revision.catalogue, component))
    return found


def always_in_force(catalogue: Catalogue) -> CatalogueRevision:
    """As if it had always held: what is told is told under one configuration."""
    return CatalogueRevision(
        number=0, hash="", text="", effective_from=Second(0), catalogue=catalogue
    )
