"""What happened in a window: every component's timeline, and what may be excluded from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property

from credits.period.facts import PeriodFacts, read_facts
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
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.exclusions.classification import ExclusionRevision
from monitor.domain.exclusions.rules import ExclusionRules, exclusions_under, planned_exclusions
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.rollup import effective_periods, timeline_under
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.domain.timeline import Timeline, clip
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import FoldKey
from monitor.timelines.excluded import default_rules
from monitor.timelines.outages import Outage, open_ended, outages_of
from monitor.timelines.reading import deciding_folds, read_timelines
from monitor.timelines.unknown import dark_time


class PeriodData:
    """One window of the journal, read once; timelines are computed on request."""

    def __init__(self, tx: JournalTransaction, catalogues: Catalogues, window: Interval) -> None:
        self.hold(read_facts(tx, catalogues, window), catalogues)

    @classmethod
    def of(cls, facts: PeriodFacts, catalogues: Catalogues) -> PeriodData:
        """The same over facts that were read before, perhaps elsewhere."""
        made = cls.__new__(cls)
        made.hold(facts, catalogues)
        return made

    def hold(self, facts: PeriodFacts, catalogues: Catalogues) -> None:
        """Count over these from now on."""
        self._facts = facts
        self.window = facts.window
        self.catalogues = catalogues
        self.maintenance = facts.maintenance
        self.incidents = facts.incidents
        self.take(facts.classified)
        self._transitions = facts.transitions
        self._checks = read_timelines(facts.transitions, facts.states)
        self._covered = _recorded_after(facts.states, facts.window)
        self._recorded_later = self._covered - self._transitions.keys()
        self._timelines: dict[ComponentId, Timeline] = {}
        self._first_records: dict[ComponentId, Second | None] = {}
        self._spans: dict[str, tuple[RequiredSpan, ...]] = {}

    @property
    def facts(self) -> PeriodFacts:
        """What the figures rest on, under the classifications that count now."""
        return replace(self._facts, classified=tuple(self.classified))

    @property
    def catalogue(self) -> Catalogue:
        """The configuration in force in the window's last second."""
        return self.catalogues.at(Second(self.window.end - 1))

    def reclassified(self, classified: Sequence[ExclusionRevision]) -> PeriodData:
        """The same past under other classifications; what was read of it is shared."""
        other = copy(self)
        other.take(classified)
        return other

    def take(self, classified: Sequence[ExclusionRevision]) -> None:
        """Count under these classifications from now on."""
        self.classified = classified
        self.public_exclusions = self._under(default_rules(self.catalogue))
        self._outages: dict[tuple[str, Interval], tuple[Outage, ...]] = {}
        self._products: dict[tuple[str, IntervalSet], tuple[Span, ...]] = {}

    @property
    def is_settled(self) -> bool:
        """Whether every check of that configuration was seen beyond the window: then nothing but a
        correction changes what it saw within."""
        folds = (
            key
            for one in self.catalogue.components
            for key in deciding_folds(self.catalogue, one.id)
        )
        return all(key in self._covered for key in folds)

    def components(self) -> list[Component]:
        """The components that existed in the window, as they were last configured."""
        found: dict[ComponentId, Component] = {}
        for revision, effective in effective_periods(self.catalogues.revisions):
            if effective.overlaps(self.window):
                found |= {c.id: c for c in revision.catalogue.components}
        return list(found.values())

    def was_public(self, component: ComponentId) -> bool:
        """Whether some page showed the component at some second of the window."""
        return any(
            effective.overlaps(self.window)
            and revision.catalogue.has(component)
            and revision.catalogue.is_shown(revision.catalogue.component(component))
            for revision, effective in effective_periods(self.catalogues.revisions)
        )

    def timeline(self, component: ComponentId) -> Timeline:
        """The timeline since the last change before the window: an outage keeps its true start."""
        if component not in self._timelines:
            starts = [t[0].start for t in self._checks.values() if t]
            wide = Interval(min([self.window.start, *starts]), self.window.end)
            self._timelines[component] = timeline_under(
                component, self._checks, self.catalogues.periods_of(component), wide
            )
        return self._timelines[component]

    @cached_property
    def dark(self) -> IntervalSet:
        """The seconds of the window of which no check at all knows anything."""
        return dark_time(self._checks.values(), self.window)

    def unseen_checks(self, component: ComponentId, span: Interval) -> list[CheckId]:
        """The component's checks of which some second of the span is not known."""
        whole, found = IntervalSet.of([span]), list[CheckId]()
        for revision, effective in effective_periods(self.catalogues.revisions):
            if not effective.overlaps(span):
                continue
            for key in deciding_folds(revision.catalogue, component):
                known = IntervalSet.of(s.interval for s in clip(self._checks.get(key, ()), span))
                if key[0] not in found and (whole - known).seconds:
                    found.append(key[0])
        return found

    def transitions(self, component: ComponentId) -> list[Transition]:
        """The transitions of the component's checks, by the second in which they take effect."""
        found = [one for _, one in self.keyed_transitions(component)]
        return sorted(found, key=lambda t: t.effective_at)

    def keyed_transitions(self, component: ComponentId) -> Iterator[tuple[FoldKey, Transition]]:
        """The same with the check and the location that each is of."""
        own_checks = {
            check.id
            for revision in self.catalogues.revisions
            for check in revision.catalogue.checks_of(component)
        }
        for key, decided in self._transitions.items():
            if key[0] in own_checks:
                for one in decided:
                    yield key, one

    def exclusions(self, terms: Terms) -> list[Exclusion]:
        """What the terms exclude."""
        return self._under(terms.exclusion_rules)

    def planned(self, terms: Terms, window: MaintenanceWindow) -> tuple[Exclusion, ...]:
        """What the terms exclude because of one maintenance window."""
        return tuple(planned_exclusions(terms.exclusion_rules, window, self._facts.troubles))

    def _under(self, rules: ExclusionRules) -> list[Exclusion]:
        approved = [one.exclusion for one in self.classified]
        return list(exclusions_under(rules, self.maintenance, approved, self._facts.troubles))

    def required(self, terms: Terms) -> tuple[ComponentId, ...]:
        """Every component that the terms required at some time of the window."""
        members = (m for span in self._required(terms) for m in span.members or ())
        return tuple(dict.fromkeys(component for component, _ in members))

    def unwatched(self, component: ComponentId) -> tuple[Unwatched, ...]:
        """When and by which revision the component lost its checks, within the window."""
        return tuple(unwatched_in(component, self.catalogues.revisions, self.window))

    def records_from(self, component: ComponentId) -> Second | None:
        """The first recorded second of the window, where nothing was recorded before it. None where
        the component had records before the window, or never had any."""
        if component not in self._first_records:
            self._first_records[component] = self._first_record(component)
        return self._first_records[component]

    def product(self, terms: Terms, contracted: IntervalSet) -> tuple[Span, ...]:
        """The product's buckets over contracted time; cached for equal terms and equal time."""
        key = (terms.hash, contracted)
        if key not in self._products:
            exclusions = self.exclusions(terms)
            self._products[key] = joined(
                span
                for required in self._required(terms)
                for span in self._within(required, exclusions, contracted)
            )
        return self._products[key]

    def outages(self, terms: Terms, window: Interval) -> tuple[Outage, ...]:
        """The outages of the required components; cached for equal terms and equal windows."""
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
        """One component's outages, without what is excluded."""
        timeline, transitions = self.timeline(component), self.transitions(component)
        found = outages_of(component, timeline, transitions, exclusions, self.incidents, window)
        # The end of watching is not the end of the outage, but nothing later will be known of it.
        reach = self._facts.down_until - {one.since for one in self.unwatched(component)}
        return map(self._bounded, open_ended(found, transitions, reach))

    def _bounded(self, outage: Outage) -> Outage:
        """The outage with the second since when it was watched, where it was not watched before."""
        ends = [one.until for one in self.unwatched(outage.component) if one.until is not None]
        before = [end for end in ends if end <= outage.start]
        return replace(outage, watched_from=max(before)) if before else outage

    def _required(self, terms: Terms) -> tuple[RequiredSpan, ...]:
        if terms.hash not in self._spans:
            self._spans[terms.hash] = required_spans(terms, self.catalogues.revisions, self.window)
        return self._spans[terms.hash]

    def _concerns(self, terms: Terms, outage: Outage) -> bool:
        """Whether the terms required the component during the outage."""
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
        timeline = self.timeline(component)
        if timeline and timeline[0].start <= self.window.start:
            return None
        watched = [
            (key, effective)
            for revision, effective in effective_periods(self.catalogues.revisions)
            for key in deciding_folds(revision.catalogue, component)
        ]
        if any(self._was_recorded(key, effective) for key, effective in watched):
            return None
        if timeline:
            return timeline[0].start
        return self.window.end if any(key in self._recorded_later for key, _ in watched) else None

    def _was_recorded(self, key: FoldKey, effective: Interval) -> bool:
        """Whether the fold had a result before the window, while it counted for the component."""
        steps = self._transitions.get(key)
        if not steps:
            return False
        return max(steps[0].effective_at, effective.start) < min(self.window.start, effective.end)


def _recorded_after(states: Mapping[FoldKey, FoldState], window: Interval) -> frozenset[FoldKey]:
    return frozenset(
        key
        for key, state in states.items()
        if state.covered_until is not None and state.covered_until > window.end
    )
