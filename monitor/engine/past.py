"""What happened in a window: every component's timeline, and what may be left out of it."""

from __future__ import annotations

from collections.abc import Sequence

from credits.terms import Terms
from monitor.domain.availability import Exclusion, Member, Stretch, product_timeline
from monitor.domain.catalogue import Catalogue, Component, Role
from monitor.domain.exclusions import ExclusionRules, exclusions_under, planned_exclusions
from monitor.domain.interval import Interval, IntervalSet, Second
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.observation import ComponentId
from monitor.domain.rollup import component_timeline, reigns
from monitor.domain.state import Transition
from monitor.domain.timeline import Timeline
from monitor.engine.catalogues import Catalogues
from monitor.engine.drawn import check_timelines
from monitor.engine.outages import Outage, outages_of
from monitor.engine.planned import default_rules, troubles_at_publication
from monitor.ports.journal import JournalTransaction


class Past:
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
        self._checks = check_timelines(tx.transitions, tx.folds.states(), window)
        self._timelines: dict[ComponentId, Timeline] = {}
        self._outages: dict[tuple[str, Interval], tuple[Outage, ...]] = {}
        self._products: dict[tuple[str, IntervalSet], tuple[Stretch, ...]] = {}

    @property
    def catalogue(self) -> Catalogue:
        """The configuration in force in the window's last second."""
        return self.catalogues.at(Second(self.window.end - 1))

    def components(self) -> list[Component]:
        """Those that existed in the window, as they were last configured."""
        found: dict[ComponentId, Component] = {}
        for revision, reign in reigns(self.catalogues.revisions):
            if reign.overlaps(self.window):
                found |= {c.id: c for c in revision.catalogue.components}
        return list(found.values())

    def timeline(self, component: ComponentId) -> Timeline:
        """From the last change before the window on, so that an outage keeps its true start."""
        if component not in self._timelines:
            starts = [t[0].start for t in self._checks.values() if t]
            wide = Interval(min([self.window.start, *starts]), self.window.end)
            self._timelines[component] = component_timeline(
                component, self._checks, self.catalogues.revisions, wide
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
        """The components that the terms' guarantee is about."""
        if terms.required is not None:
            return tuple(ComponentId(name) for name in terms.required)
        return tuple(c.id for c in self.catalogue.components if c.role is Role.REQUIRED)

    def product(self, terms: Terms, contracted: IntervalSet) -> tuple[Stretch, ...]:
        """The product's buckets over contracted time; contracts alike share one."""
        key = (terms.hash, contracted)
        if key not in self._products:
            groups = dict(terms.groups)
            members = [
                Member(component=c, timeline=self.timeline(c), group=groups.get(c))
                for c in self.required(terms)
            ]
            self._products[key] = product_timeline(members, self.exclusions(terms), contracted)
        return self._products[key]

    def outages(self, terms: Terms, window: Interval) -> tuple[Outage, ...]:
        """Those of the required components; contracts alike share them."""
        key = (terms.hash, window)
        if key not in self._outages:
            self._outages[key] = tuple(
                outage
                for component in self.required(terms)
                for outage in outages_of(
                    component,
                    self.timeline(component),
                    self.transitions(component),
                    self.exclusions(terms),
                    self.incidents,
                    window,
                )
            )
        return self._outages[key]
