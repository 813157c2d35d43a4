"""What happened in a window: every component's timeline, and what may be left out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from credits.period.required import RequiredSpan, Unwatched, required_spans, unwatched_in
from credits.terms import Terms
from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import (
    Bucket,
    Exclusion,
    Member,
    Span,
    joined,
    product_timeline,
)
from monitor.domain.catalogue import Catalogue, Component
from monitor.domain.checks.fold import FoldState, Transition
from monitor.domain.checks.observation import ComponentId
from monitor.domain.exclusions import ExclusionRules, exclusions_under, planned_exclusions
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.rollup import effective_periods, timeline_under
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.domain.timeline import Timeline
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import FoldKey
from monitor.timelines.excluded import default_rules, troubles_at_publication
from monitor.timelines.outages import Outage, down_until, open_ended, outages_of
from monitor.timelines.reading import deciding_folds, read_timelines


class PeriodData:
    """One window of the journal, read once; timelines are drawn when they are asked for."""

    def __init__(self, tx: JournalTransaction, catalogues: Catalogues, window: Interval) -> None:
        self.window = window
        self.catalogues = catalogues
        self.maintenance: Sequence[MaintenanceWindow] = tx.maintenance.touching(window)
        self.approved = tx.exclusions.approved(window)
        self.incidents = tx.incidents.touching(window)
        self._troubles = troubles_at_publication(
            tx.transitions, catalogues.revisions, self.maintenance
        )
        self.public_exclusions = self._under(default_rules(self.catalogue))
        self._drawing = tx.transitions.drawing(window)
        states = tx.folds.states()
        self._checks = read_timelines(self._drawing, states)
        self._down_until = down_until(states)
        self._later = _looked_at_later(states, window) - self._drawing.keys()
        self._timelines: dict[ComponentId, Timeline] = {}
        self._records: dict[ComponentId, Second | None] = {}
        self._spans: dict[str, tuple[RequiredSpan, ...]] = {}
        self._outages: dict[tuple[str, Interval], tuple[Outage, ...]] = {}
        self._products: dict[tuple[str, IntervalSet], tuple[Span, ...]] = {}

    @property
    def catalogue(self) -> Catalogue:
        """The configuration in force in the window's last second."""
        return self.catalogues.at(Second(self.window.end - 1))

    def components(self) -> list[Component]:
        """Those that existed in the window, as they were last configured."""
        found: dict[ComponentId, Component] = {}
        for revision, reign in effective_periods(self.catalogues.revisions):
            if reign.overlaps(self.window):
                found |= {c.id: c for c in revision.catalogue.components}
        return list(found.values())

    def was_public(self, component: ComponentId) -> bool:
        """Whether the public could see it at some second of the window."""
        return any(
            reign.overlaps(self.window)
            and revision.catalogue.has(component)
            and revision.catalogue.component(component).is_public
            for revision, reign in effective_periods(self.catalogues.revisions)
        )

    def timeline(self, component: ComponentId) -> Timeline:
        """From the last change before the window on, so that an outage keeps its true start."""
        if component not in self._timelines:
            starts = [t[0].start for t in self._checks.values() if t]
            wide = Interval(min([self.window.start, *starts]), self.window.end)
            self._timelines[component] = timeline_under(
                component, self._checks, self.catalogues.ruling_of(component), wide
            )
        return self._timelines[component]

    def transitions(self, component: ComponentId) -> list[Transition]:
        """Those of the component's checks, by effect."""
        mine = {
            check.id
            for revision in self.catalogues.revisions
            for check in revision.catalogue.checks_of(component)
        }
        found = [t for (check, _), drawn in self._drawing.items() if check in mine for t in drawn]
        return sorted(found, key=lambda t: t.effective_at)

    def exclusions(self, terms: Terms) -> list[Exclusion]:
        """What the terms leave out."""
        return self._under(terms.exclusion_rules)

    def planned(self, terms: Terms, window: MaintenanceWindow) -> tuple[Exclusion, ...]:
        """What the terms leave out for the sake of one maintenance window."""
        return tuple(planned_exclusions(terms.exclusion_rules, window, self._troubles))

    def _under(self, rules: ExclusionRules) -> list[Exclusion]:
        return list(exclusions_under(rules, self.maintenance, self.approved, self._troubles))

    def required(self, terms: Terms) -> tuple[ComponentId, ...]:
        """Every component that the terms' guarantee was about at some time of the window."""
        members = (m for span in self._required(terms) for m in span.members or ())
        return tuple(dict.fromkeys(component for component, _ in members))

    def unwatched(self, component: ComponentId) -> tuple[Unwatched, ...]:
        """When and by which revision the component lost its looks, as far as the window goes."""
        return tuple(unwatched_in(component, self.catalogues.revisions, self.window))

    def records_from(self, component: ComponentId) -> Second | None:
        """The first second of the window that was looked at, where that was the first of all; None
        where the component had been looked at before it, or was never looked at."""
        if component not in self._records:
            self._records[component] = self._first_record(component)
        return self._records[component]

    def product(self, terms: Terms, contracted: IntervalSet) -> tuple[Span, ...]:
        """The product's buckets over contracted time; contracts alike share one."""
        key = (terms.hash, contracted)
        if key not in self._products:
            exclusions = self.exclusions(terms)
            self._products[key] = joined(
                stretch
                for required in self._required(terms)
                for stretch in self._within(required, exclusions, contracted)
            )
        return self._products[key]

    def outages(self, terms: Terms, window: Interval) -> tuple[Outage, ...]:
        """Those of the required components; contracts alike share them."""
        key = (terms.hash, window)
        if key not in self._outages:
            exclusions = self.exclusions(terms)
            self._outages[key] = tuple(
                outage
                for component in self.required(terms)
                for outage in self.outages_of(component, exclusions, window)
                if self._concerns(terms, outage)
            )
        return self._outages[key]

    def outages_of(
        self, component: ComponentId, exclusions: Sequence[Exclusion], window: Interval
    ) -> Iterator[Outage]:
        """One component's, less what is excluded."""
        timeline, transitions = self.timeline(component), self.transitions(component)
        found = outages_of(component, timeline, transitions, exclusions, self.incidents, window)
        # The end of watching is none of the outage, but it is all that will ever be known of it.
        reach = self._down_until - {one.since for one in self.unwatched(component)}
        return map(self._bounded, open_ended(found, transitions, reach))

    def _bounded(self, outage: Outage) -> Outage:
        """With the second from which it was watched, where it was not watched before."""
        ends = [one.until for one in self.unwatched(outage.component) if one.until is not None]
        before = [end for end in ends if end <= outage.start]
        return replace(outage, watched_from=max(before)) if before else outage

    def _required(self, terms: Terms) -> tuple[RequiredSpan, ...]:
        if terms.hash not in self._spans:
            self._spans[terms.hash] = required_spans(terms, self.catalogues.revisions, self.window)
        return self._spans[terms.hash]

    def _concerns(self, terms: Terms, outage: Outage) -> bool:
        """Whether the guarantee was about the component while it was out."""
        span = Interval(outage.start, self.window.end if outage.end is None else outage.end)
        return any(
            required.span.overlaps(span)
            and any(component == outage.component for component, _ in required.members or ())
            for required in self._required(terms)
        )

    def _within(
        self, required: RequiredSpan, exclusions: Sequence[Exclusion], contracted: IntervalSet
    ) -> Iterable[Span]:
        parts = IntervalSet.of([required.span]) & contracted
        if required.members is None:
            return [
                Span(start=part.start, end=part.end, bucket=Bucket.BEFORE_RECORDS) for part in parts
            ]
        members = [
            Member(
                component=component,
                timeline=self.timeline(component),
                group=group,
                records_from=self.records_from(component),
            )
            for component, group in required.members
        ]
        return product_timeline(members, exclusions, parts)

    def _first_record(self, component: ComponentId) -> Second | None:
        drawn = self.timeline(component)
        if drawn and drawn[0].start <= self.window.start:
            return None
        watched = [
            (key, reign)
            for revision, reign in effective_periods(self.catalogues.revisions)
            for key in deciding_folds(revision.catalogue, component)
        ]
        if any(self._was_recorded(key, reign) for key, reign in watched):
            return None
        if drawn:
            return drawn[0].start
        return self.window.end if any(key in self._later for key, _ in watched) else None

    def _was_recorded(self, key: FoldKey, reign: Interval) -> bool:
        """Whether it was looked at before the window began, while it had a say."""
        steps = self._drawing.get(key)
        if not steps:
            return False
        return max(steps[0].effective_at, reign.start) < min(self.window.start, reign.end)


def _looked_at_later(states: Mapping[FoldKey, FoldState], window: Interval) -> frozenset[FoldKey]:
    return frozenset(
        key
        for key, state in states.items()
        if state.covered_until is not None and state.covered_until > window.end
    )
