"""What the rules exclude from a span of the journal: the maintenance windows, with the outages that
were open when each of them was published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from monitor.domain.availability import Exclusion
from monitor.domain.catalogue import Catalogue, CatalogueRevision
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.exclusions.rules import ExclusionRules, exclusions_under, rules_of
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.rollup import component_timeline, effective_periods
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.domain.timeline import Timeline, timeline_of
from monitor.journal.ports import JournalTransaction, Transitions
from monitor.results.log.ports import FoldKey
from monitor.timelines.reading import deciding_folds


def default_rules(catalogue: Catalogue) -> ExclusionRules:
    """The rules of the default terms, which are the first of a configuration."""
    return rules_of(catalogue.terms[0].fields if catalogue.terms else {})


def outages_at_publication(
    transitions: Transitions,
    revisions: Sequence[CatalogueRevision],
    windows: Iterable[MaintenanceWindow],
) -> dict[ComponentId, Timeline]:
    """The timelines, from before the first publication on, of the components that may have been
    down or slow when one of the windows was published. An outage that nothing ended goes on."""
    failing: set[ComponentId] = set()
    first = FOREVER
    for window in windows:
        for published_at, _ in window.announced(0):
            first = min(first, published_at)
            failing |= _failing(transitions, revisions, window.components, published_at)
    if not failing:
        return {}
    span = Interval(Second(first - 1), FOREVER)
    folds = _folds(revisions, failing, span)
    by_fold = transitions.drawing(span, {key for own in folds.values() for key in own})
    fold_timelines = {key: timeline_of(found, FOREVER) for key, found in by_fold.items()}
    starts = [timeline[0].start for timeline in fold_timelines.values() if timeline]
    wide = Interval(min([span.start, *starts]), FOREVER)
    return {c: component_timeline(c, fold_timelines, revisions, wide) for c in failing}


class KnownOutages:
    """The result of `outages_at_publication`, read again only where transitions, windows or
    configurations have changed: a page is rendered every minute."""

    def __init__(self) -> None:
        self._key: object = None
        self._timelines: Mapping[ComponentId, Timeline] = {}

    def of(
        self,
        transitions: Transitions,
        revisions: Sequence[CatalogueRevision],
        windows: Sequence[MaintenanceWindow],
    ) -> Mapping[ComponentId, Timeline]:
        key = (
            transitions.newest(),
            tuple((r.number, r.effective_from) for r in revisions),
            tuple(windows),
        )
        if key != self._key:
            self._timelines = outages_at_publication(transitions, revisions, windows)
            self._key = key
        return self._timelines


def default_exclusions(
    tx: JournalTransaction,
    windows: Sequence[MaintenanceWindow],
    span: Interval,
    catalogue: Catalogue,
    revisions: Sequence[CatalogueRevision],
    troubles: KnownOutages | None = None,
) -> list[Exclusion]:
    """What a configuration's default terms exclude from a span."""
    outages = (troubles or KnownOutages()).of(tx.transitions, revisions, windows)
    approved = tx.exclusions.approved(span)
    return list(exclusions_under(default_rules(catalogue), windows, approved, outages))


def exclusions_of(
    tx: JournalTransaction,
    components: Collection[ComponentId],
    span: Interval,
    catalogue: Catalogue,
    revisions: Sequence[CatalogueRevision],
) -> list[Exclusion]:
    """The same for these components alone. What was down when a window was published is read of
    them, not of all the others that it names."""
    own = (_narrowed(window, components) for window in tx.maintenance.touching(span))
    windows = [window for window in own if window.components]
    found = default_exclusions(tx, windows, span, catalogue, revisions)
    return [exclusion for exclusion in found if exclusion.component in components]


def _narrowed(window: MaintenanceWindow, wanted: Collection[ComponentId]) -> MaintenanceWindow:
    return replace(window, components=tuple(c for c in window.components if c in wanted))


def _failing(
    transitions: Transitions,
    revisions: Sequence[CatalogueRevision],
    components: Sequence[ComponentId],
    at: Second,
) -> set[ComponentId]:
    """Those of which at least one check was not plainly up in the second before."""
    span = Interval(Second(at - 1), at)
    folds = _folds(revisions, set(components), span)
    by_fold = transitions.drawing(span, {key for own in folds.values() for key in own})
    return {
        component
        for component, own in folds.items()
        if any(by_fold[key][-1].to is not Outcome.UP for key in own if by_fold.get(key))
    }


def _folds(
    revisions: Sequence[CatalogueRevision], wanted: set[ComponentId], span: Interval
) -> dict[ComponentId, set[FoldKey]]:
    """The folds that decide components' statuses within a span."""
    found: dict[ComponentId, set[FoldKey]] = {component: set() for component in wanted}
    for revision, period in effective_periods(revisions):
        if period.overlaps(span):
            for component in wanted:
                found[component] |= set(deciding_folds(revision.catalogue, component))
    return found


def always_in_force(catalogue: Catalogue) -> CatalogueRevision:
    """As if it had always been in force: what is reported is reported under one configuration."""
    return CatalogueRevision(
        number=0, hash="", text="", effective_from=Second(0), catalogue=catalogue
    )
