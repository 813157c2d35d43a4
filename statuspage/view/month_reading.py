"""One month read out of the journal step by step, so that no decision waits for the past."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import Exclusion, Member, Seconds, add_up, availability
from monitor.domain.catalogue import Catalogue, Component, Service
from monitor.domain.checks.fold import FoldState, Transition
from monitor.domain.checks.observation import ComponentId, FailureClass, Outcome
from monitor.domain.incidents.incident import Affected, Incident, IncidentId
from monitor.domain.maintenance import MaintenancePhase, MaintenanceWindow
from monitor.domain.rollup import Shown
from monitor.domain.time.calendar import local_days
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.domain.timeline import Timeline
from monitor.i18n.addresses import breakdown_path, mark_of
from monitor.i18n.languages import Lang
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import FoldKey
from monitor.state.component_status import final_until_of
from monitor.timelines.excluded import default_exclusions
from monitor.timelines.reading import ComponentTimelines
from statuspage.view.breakdown import Breakdown, Told, breakdown_of
from statuspage.view.closed_month import (
    ClosedMonth,
    Figure,
    before,
    first_watched,
    month_name,
    month_of,
    window_of,
)
from statuspage.view.daily_rollup import LocalDay, by_component, counted_day
from statuspage.view.latency import KindLatency, latency_of
from statuspage.view.model import (
    PublicComponent,
    PublicDay,
    PublicIncident,
    PublicMaintenance,
    PublicPart,
    PublicService,
    PublicView,
)
from statuspage.view.page_scope import PageScope, company_scope
from statuspage.view.public_view import public_incidents, public_window
from statuspage.view.redaction import Hidden

_AT_ONCE = 50
"""Components whose transitions are read in one step."""
_LATENCIES_AT_ONCE = 200
"""Components whose days of latencies are. Those of five thousand take more than a second."""
_SLICE = 7 * 86_400
"""Seconds. The incidents of a week are read in one step."""
_ANNOUNCED = 92 * 86_400
"""Seconds. Work is public no longer before it begins: a window that was taken back in a month began
no later than that after it."""
_OVER = (MaintenancePhase.COMPLETED, MaintenancePhase.CANCELLED)


class MonthReading:
    """Reads a month by `step` until it `is_done`; `month` has the rest to do, without a journal.

    Figures are those of the report: under the default terms of the configuration that was in force
    in the month's last second.
    """

    def __init__(
        self,
        catalogues: Catalogues,
        timelines: ComponentTimelines,
        first: date,
        now: Second,
        *,
        is_over: bool,
        is_final: bool,
        failures: Mapping[str, FailureClass] | None = None,
        scope: PageScope | None = None,
    ) -> None:
        """For one page; without a scope, the company's own."""
        self._catalogues = catalogues
        self._timelines = timelines
        self._now = now
        self._is_over = is_over
        self._is_final = is_final
        self._failures = failures or {}
        self._catalogue = catalogues.present(now).catalogue
        self._scope = company_scope(self._catalogue) if scope is None else scope
        self._first = first
        self._window = window_of(first, self._catalogue.zone)
        self._incidents: list[Incident] = []
        self._others: tuple[Incident, ...] = ()
        self._windows: list[MaintenanceWindow] = []
        self._exclusions: dict[ComponentId, list[Exclusion]] = {}
        self._latency: dict[ComponentId, tuple[KindLatency, ...]] = {}
        self._transitions: dict[FoldKey, Sequence[Transition]] = {}
        self._states: dict[FoldKey, FoldState] = {}
        self._steps: deque[Callable[[JournalTransaction], None]] = deque(
            partial(self._read_incidents, part) for part in _slices(self._window)
        )
        self._steps.append(self._read_windows)
        self._steps.append(self._read_others)
        self._steps.append(self._plan_components)

    @property
    def is_done(self) -> bool:
        return not self._steps

    def step(self, tx: JournalTransaction) -> None:
        """One short reading."""
        self._steps.popleft()(tx)

    def month(self) -> ClosedMonth:
        """What was read, as the public may see it."""
        hidden = self._hidden()
        timelines = dict(self._read_timelines())
        counted = {p: self._seconds(p, timelines[p.component]) for p in self._outages()}
        over = [
            public_window(w, hidden, self._now)
            for w in self._windows
            if not hidden.hides(w.components)
        ]
        components = tuple(self._shown(timelines)) if self._is_over else ()
        incidents = public_incidents(self._incidents, hidden, counted, self._others)
        unresolved = {incident.id for incident in self._incidents if incident.is_unresolved}
        closed = tuple(i for i in incidents if i.id not in unresolved)
        begun = (w for w in over if w.phase in _OVER and _told_at(w) in self._window)
        return ClosedMonth(
            first=self._first,
            view=self._view(components, over),
            incidents=closed,
            windows=tuple(w for w in over if w.phase in _OVER and w.start in self._window),
            told=(*incidents, *begun),
            linked=self._scope.components,
            gone=hidden.gone(self._incidents, self._windows) | self._gone_breakdowns(hidden),
            figures=(*self._of_components(components), *self._of_incidents(closed)),
            has_earlier=self._has_earlier(),
            is_over=self._is_over,
            is_final=self._is_final,
            breakdowns=dict(
                self._broken_down(
                    components,
                    timelines,
                    Told(incidents=incidents, maintenance=over, failures=self._failures),
                )
            ),
        )

    def _hidden(self) -> Hidden:
        return Hidden.of(
            self._catalogues,
            self._now,
            [*self._incidents, *self._others],
            self._windows,
            self._scope,
            self._failures,
        )

    def _read_incidents(self, part: Interval, tx: JournalTransaction) -> None:
        self._incidents += [i for i in tx.incidents.touching(part) if i.started_at in part]

    def _read_windows(self, tx: JournalTransaction) -> None:
        wide = Interval(self._window.start, Second(self._window.end + _ANNOUNCED))
        public = [w for w in tx.maintenance.touching(wide) if w.published_at is not None]
        self._windows = [w for w in public if self._concerns(w)]
        found = default_exclusions(
            tx,
            [w for w in public if w.interval.overlaps(self._span)],
            self._span,
            self._catalogues.at(Second(min(self._window.end, self._now) - 1)),
            self._catalogues.revisions,
        )
        self._exclusions = by_component(found)

    def _read_others(self, tx: JournalTransaction) -> None:
        own = {incident.id for incident in self._incidents}
        wanted = {other for i in self._incidents for other in _pointed_to(i)} - own
        self._others = tx.incidents.some(sorted(wanted))

    def _plan_components(self, _: JournalTransaction) -> None:
        parts = {p.component for p in self._outages()}
        members = {c.id for c in self._members()} if self._is_over else set()
        for some in _parted(members, _LATENCIES_AT_ONCE):
            self._steps.append(partial(self._read_latency, some))
        for some in _parted(parts | members, _AT_ONCE):
            self._steps.append(partial(self._read_transitions, some))

    def _read_latency(self, some: Collection[ComponentId], tx: JournalTransaction) -> None:
        found = tx.latencies.of_days(self._window, some)
        self._latency |= latency_of(found, self._window, self._catalogue.zone)

    def _read_transitions(self, some: Iterable[ComponentId], tx: JournalTransaction) -> None:
        keys = {key for component in some for key in self._timelines.folds(component)}
        self._transitions |= tx.transitions.drawing(self._span, keys)
        self._states |= tx.folds.states(keys)

    @property
    def _span(self) -> Interval:
        """The month, and what went on beyond it."""
        ends = (part.end for part in self._outages() if part.end is not None)
        starts = (part.start for part in self._outages())
        return Interval(
            min([self._window.start, *starts]),
            max([min(self._window.end, self._now), *ends]),
        )

    def _outages(self) -> Iterator[Affected]:
        """What is counted by itself."""
        for incident in self._incidents:
            for part in incident.affected:
                if part.status is Outcome.DOWN and part.end is not None:
                    yield part

    def _concerns(self, window: MaintenanceWindow) -> bool:
        cancelled_at = window.cancelled_at
        is_taken_back = cancelled_at is not None and cancelled_at in self._window
        return is_taken_back or window.interval.overlaps(self._window)

    def _members(self) -> Iterator[Component]:
        """The components that could be seen in the month and that the page shows now: those of now
        in their order, then those that have left. Their names are those of now; whether they carry
        a guarantee was settled then."""
        found: dict[ComponentId, Component] = {}
        for revision, period in self._catalogues.ruling:
            if period.overlaps(self._window):
                then = revision.catalogue
                told = (c for c in then.components if self._scope.may_tell_of(c, then))
                found |= {c.id: c for c in told}
        present = {c.id: c for c in self._catalogue.components if c.id in found}
        last = (self._catalogues.last_known(c, self._now) for c in found.keys() - present.keys())
        departed = sorted((c for c in last if c is not None), key=lambda c: c.id)
        shown = self._scope.still_shown(found, self._catalogues, self._now)
        for component in (*present.values(), *departed):
            if component.id in shown:
                yield replace(component, role=found[component.id].role)

    def _read_timelines(self) -> Iterator[tuple[ComponentId, Timeline]]:
        span = self._span
        wanted = {p.component for p in self._outages()}
        if self._is_over:
            wanted |= {component.id for component in self._members()}
        for component in wanted:
            yield component, self._timelines.of(component, self._transitions, self._states, span)

    def _seconds(self, part: Affected, timeline: Timeline) -> Seconds:
        end = part.start if part.end is None else part.end
        member = Member(component=part.component, timeline=timeline)
        exclusions = self._exclusions.get(part.component, ())
        return availability([member], exclusions, IntervalSet.of([Interval(part.start, end)]))

    def _shown(self, timelines: Mapping[ComponentId, Timeline]) -> Iterator[PublicComponent]:
        days = [
            LocalDay(day, window, window)
            for day, window in local_days(self._window, self._catalogue.zone)
        ]
        for component in self._members():
            timeline = timelines.get(component.id, ())
            exclusions = self._exclusions.get(component.id, ())
            counted = tuple(counted_day(d, component.id, timeline, exclusions) for d in days)
            shown = _shown(component, counted, self._catalogues.first_seen(component.id))
            yield replace(shown, latency=self._latency.get(component.id, ()))

    def _broken_down(
        self,
        components: Iterable[PublicComponent],
        timelines: Mapping[ComponentId, Timeline],
        told: Told,
    ) -> Iterator[tuple[ComponentId, Breakdown]]:
        for component in components:
            own = self._timelines.folds(component.id)
            found = breakdown_of(
                component,
                self._window,
                timelines.get(component.id, ()),
                self._exclusions.get(component.id, ()),
                (one for key in own for one in self._transitions.get(key, ())),
                told,
            )
            if found is not None:
                yield component.id, found

    def _gone_breakdowns(self, hidden: Hidden) -> frozenset[str]:
        """The marks of what the public could read of a component that is private now."""
        return frozenset(
            mark_of(breakdown_path(self._first, component, lang))
            for component, until in hidden.shown_until.items()
            for lang in Lang
            if not hidden.is_brand or self._window.end < until
        )

    def _of_components(self, components: Iterable[PublicComponent]) -> Iterator[Figure]:
        """As the page counts them: from when a component was first watched."""
        for component in components:
            unwatched = max(0, min(component.created_at, self._window.end) - self._window.start)
            figure = Figure.of(month_name(self._first), component.id, component.total)
            yield replace(
                figure,
                total=figure.total - unwatched,
                unknown=max(0, figure.unknown - unwatched),
            )

    def _of_incidents(self, incidents: Iterable[PublicIncident]) -> Iterator[Figure]:
        """Of outages whose seconds are final: until they are, nothing has been said for good."""
        for incident in incidents:
            for part in incident.parts:
                if part.counted is not None and self._is_settled(part):
                    yield Figure.of(incident.id, part.component, part.counted, part.start)

    def _is_settled(self, part: PublicPart) -> bool:
        until = final_until_of(self._catalogue, part.component, self._states)
        is_decided = bool(self._catalogue.deciding(part.component))
        return not is_decided or (until is not None and part.end is not None and part.end <= until)

    def _view(
        self, components: tuple[PublicComponent, ...], windows: list[PublicMaintenance]
    ) -> PublicView:
        catalogue, services = self._catalogue, tuple[PublicService, ...]()
        then = self._terms_of_then()
        terms = then.terms
        if components:
            # One that holds them all: its name stands nowhere.
            service = self._a_service()
            services = (
                PublicService(
                    id=service.id, name=service.name, description=None, components=components
                ),
            )
        return PublicView(
            at=min(self._window.end, self._now),
            stale_after=0,
            zone=catalogue.zone,
            page=replace(self._scope.of_page(catalogue.page), min_coverage=then.page.min_coverage),
            brand=self._scope.page,
            support=(),
            guarantee=str(terms[0].fields.get("guarantee", "")) if terms else "",
            services=services,
            incidents=(),
            maintenance=tuple(windows),
            takes_subscribers=catalogue.subscribers is not None,
        )

    def _a_service(self) -> Service:
        own = {c.service for c in self._catalogue.components if self._scope.shows(c.id)}
        services = self._catalogue.services
        return next((s for s in services if s.id in own), services[0])

    def _terms_of_then(self) -> Catalogue:
        return self._catalogues.at(Second(min(self._window.end, self._now) - 1))

    def _has_earlier(self) -> bool:
        since = first_watched(self._catalogues, self._scope, self._now)
        return since is not None and month_of(since, self._catalogue.zone) <= before(self._first)


def _shown(component: Component, days: tuple[PublicDay, ...], born: Second) -> PublicComponent:
    """Of a month that is over, nothing is present."""
    return PublicComponent(
        id=component.id,
        name=component.name,
        role=component.role,
        shown=Shown.OPERATIONAL,
        beneath=Outcome.UP,
        since=None,
        no_data_since=None,
        days=days,
        total=add_up(day.seconds for day in days),
        created_at=born,
        updated_at=born,
    )


def _told_at(window: PublicMaintenance) -> Second:
    """Where it stands in the history: when it began; one that was taken back, when it was."""
    return window.updated_at if window.is_cancelled else window.start


def _pointed_to(incident: Incident) -> Iterator[IncidentId]:
    yield from incident.related
    if incident.merged_into is not None:
        yield incident.merged_into


def _parted(components: Iterable[ComponentId], size: int) -> Iterator[Sequence[ComponentId]]:
    wanted = sorted(components)
    for place in range(0, len(wanted), size):
        yield wanted[place : place + size]


def _slices(window: Interval) -> Iterator[Interval]:
    for start in range(window.start, window.end, _SLICE):
        yield Interval(Second(start), Second(min(start + _SLICE, window.end)))
