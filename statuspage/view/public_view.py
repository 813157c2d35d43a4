"""The public view: everything that a visitor may see at one moment, from journal and catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from monitor.catalogues.shown import PageId
from monitor.domain.availability import Seconds
from monitor.domain.catalogue import Catalogue, Component
from monitor.domain.checks.observation import ComponentId, FailureClass, Outcome, ServiceId
from monitor.domain.checks.symptoms import ServiceKind, Symptom, service_of
from monitor.domain.incidents.incident import (
    Affected,
    Incident,
    IncidentEvent,
    IncidentId,
    Origin,
    Phase,
    Statement,
    Update,
)
from monitor.domain.maintenance import Extension, MaintenanceId, MaintenanceWindow
from monitor.domain.maintenance_steps import steps_of
from monitor.domain.rollup import Shown
from monitor.domain.subscriptions.deep_link import may_be_started_from
from monitor.domain.text import Text, plain
from monitor.domain.time.calendar import local_days
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.incident_text.parts import symptom_of
from monitor.journal.ports import JournalTransaction
from monitor.state.component_status import last_coverage
from monitor.state.core_state import CoreState
from monitor.state.restamp import published, published_extensions
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.latency import NO_LATENCY, LatencyOf
from statuspage.view.model import (
    NO_ARCHIVE,
    ArchiveLinks,
    PublicComponent,
    PublicIncident,
    PublicMaintenance,
    PublicPart,
    PublicService,
    PublicUpdate,
    PublicView,
    RelatedIncident,
    worse_of,
)
from statuspage.view.page_scope import PageScope, company_scope
from statuspage.view.redaction import Hidden

DAYS = 90
_AHEAD = 90 * 86_400
_REPAIRING = (Phase.IDENTIFIED, Phase.MONITORING)
_FALLEN = (Outcome.DOWN, Outcome.DEGRADED)


def build_view(
    tx: JournalTransaction,
    core_state: CoreState,
    now: Second,
    *,
    stale_after: int,
    days: DailyRollup,
    failures: Mapping[str, FailureClass] | None = None,
    archive: ArchiveLinks = NO_ARCHIVE,
    answers_names: bool = False,
    latency: LatencyOf = NO_LATENCY,
) -> PublicView:
    """That of the company's own page: see `build_views`."""
    scope = company_scope(core_state.catalogue)
    (view,) = build_views(
        tx, core_state, now, stale_after=stale_after, days=days, failures=failures,
        archives={scope.id: archive}, answers_names=answers_names, latency=latency,
        scopes=[scope],
    )  # fmt: skip
    return view


def build_views(
    tx: JournalTransaction,
    core_state: CoreState,
    now: Second,
    *,
    stale_after: int,
    days: DailyRollup,
    scopes: Sequence[PageScope],
    failures: Mapping[str, FailureClass] | None = None,
    archives: Mapping[PageId, ArchiveLinks] | None = None,
    answers_names: bool = False,
    latency: LatencyOf = NO_LATENCY,
) -> tuple[PublicView, ...]:
    """One for each page, of the same moment. `days` remembers closed days between calls; its owner
    clears it when the past changes. Of a failure whose class is not among `failures` a page says no
    more than how bad it is. `archives` are what there is beside each view."""
    catalogue = core_state.catalogue
    span = ninety_days(catalogue, now)
    wide = Interval(span.start, Second(now + _AHEAD))
    # One that began "later" than now is shown as well: the clock has been set back since.
    incidents = tx.incidents.touching(Interval(span.start, FOREVER))
    stored = tx.maintenance.touching(wide)
    # A window that is not public yet becomes so with this very view, and is treated as public.
    windows = [_as_public(w, now) for w in stored]
    days.read(tx, core_state, span, windows)
    counted = days.parts(tx, core_state, (part for i in incidents for part in i.affected))
    context = _ShownContext(
        core_state=core_state, now=now, incidents=incidents, windows=windows, days=days,
        failures=failures or {}, latency=latency,
    )  # fmt: skip
    moment = _Moment(
        core_state=core_state, now=now, stale_after=stale_after, incidents=incidents,
        windows=windows,
        new={w.id for w in stored if w.published_at is None},
        added={w.id: _unpublished_extensions(w) for w in stored if w.extensions},
        counted=counted, components=_components(catalogue, context, scopes),
        failures=failures or {}, answers_names=answers_names,
    )  # fmt: skip
    found = archives or {}
    return tuple(moment.view(scope, found.get(scope.id, NO_ARCHIVE)) for scope in scopes)


def _components(
    catalogue: Catalogue, context: _ShownContext, scopes: Sequence[PageScope]
) -> Mapping[ComponentId, PublicComponent]:
    """What is shown of a component says nothing of another: it is the same on each page."""
    shown = frozenset[ComponentId]().union(*(scope.components for scope in scopes))
    return {c.id: _component(c, catalogue, context) for c in catalogue.components if c.id in shown}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """What the pages' views of one moment are made from. `new` are windows that no snapshot has
    shown yet, `added` are such extensions by window."""

    core_state: CoreState
    now: Second
    stale_after: int
    incidents: Sequence[Incident]
    windows: Sequence[MaintenanceWindow]
    new: AbstractSet[MaintenanceId]
    added: Mapping[MaintenanceId, tuple[int, ...]]
    counted: Mapping[Affected, Seconds]
    components: Mapping[ComponentId, PublicComponent]
    failures: Mapping[str, FailureClass]
    answers_names: bool

    def view(self, scope: PageScope, archive: ArchiveLinks) -> PublicView:
        catalogue, subscribers = self.core_state.catalogue, self.core_state.catalogue.subscribers
        hidden = Hidden.of(
            self.core_state.catalogues,
            self.now,
            self.incidents,
            self.windows,
            scope,
            self.failures,
        )
        return PublicView(
            at=self.now,
            stale_after=self.stale_after,
            zone=catalogue.zone,
            page=scope.of_page(catalogue.page),
            brand=scope.page,
            support=scope.support(catalogue.support),
            guarantee=_guarantee(catalogue),
            services=_services(catalogue, self.components, scope),
            incidents=public_incidents(self.incidents, hidden, self.counted),
            maintenance=tuple(self._maintenance(hidden)),
            takes_subscribers=subscribers is not None,
            subscriber_channels=() if subscribers is None else subscribers.channels,
            bot=_bot(catalogue, scope),
            answers_names=self.answers_names,
            gone=hidden.gone(self.incidents, self.windows),
            archive=archive,
        )

    def _maintenance(self, hidden: Hidden) -> Iterator[PublicMaintenance]:
        for window in self.windows:
            is_new = window.id in self.new
            was_never_shown = is_new and window.cancelled_at is not None
            if not was_never_shown and not hidden.hides(window.components):
                yield public_window(
                    window,
                    hidden,
                    self.now,
                    is_new=is_new,
                    new_extensions=self.added.get(window.id, ()),
                )


def _guarantee(catalogue: Catalogue) -> str:
    return str(catalogue.terms[0].fields.get("guarantee", "")) if catalogue.terms else ""


def _bot(catalogue: Catalogue, scope: PageScope) -> str:
    """Empty as well where the bot would tell nobody of this page: whoever comes to it from one
    behind links proves no link, and of a page that cannot be named it would tell another's."""
    subscribers = catalogue.subscribers
    is_for_it = not scope.is_private and may_be_started_from(scope.id)
    if subscribers is None or subscribers.telegram is None or not is_for_it:
        return ""
    return subscribers.telegram.name


def stamp_published(tx: JournalTransaction, view: PublicView, out_at: Second) -> None:
    """Record that what the view was the first to show is public from `out_at` on."""
    stamp_windows(tx, view.maintenance, out_at)


def stamp_windows(
    tx: JournalTransaction, windows: Sequence[PublicMaintenance], out_at: Second
) -> None:
    """The same of some windows, each of them once."""
    first_shown = [window.id for window in windows if window.is_new]
    tx.maintenance.publish(first_shown, out_at)
    tx.changes.append(published(first_shown, out_at))
    extended = [(w.id, number) for w in windows for number in w.new_extensions]
    tx.maintenance.publish_extensions(extended, out_at)
    tx.changes.append(published_extensions(extended, out_at))


def _as_public(window: MaintenanceWindow, now: Second) -> MaintenanceWindow:
    if window.published_at is not None and not any(map(_is_unpublished, window.extensions)):
        return window
    added = (replace(e, published_at=now) if _is_unpublished(e) else e for e in window.extensions)
    public_at = now if window.published_at is None else window.published_at
    return replace(window, published_at=public_at, extensions=tuple(added))


def _unpublished_extensions(window: MaintenanceWindow) -> tuple[int, ...]:
    return tuple(n for n, e in enumerate(window.extensions, 1) if _is_unpublished(e))


def _is_unpublished(extension: Extension) -> bool:
    return extension.published_at is None


def ninety_days(catalogue: Catalogue, now: Second) -> Interval:
    """The last 90 local days, today's until now."""
    back = Interval(Second(now - (DAYS + 2) * 86_400), Second(now + 1))
    days = [window for _, window in local_days(back, catalogue.zone)]
    return Interval(days[-DAYS].start, now)


class _ShownContext:
    """What is needed to say how one component is shown."""

    def __init__(
        self,
        *,
        core_state: CoreState,
        now: Second,
        incidents: Sequence[Incident],
        windows: Sequence[MaintenanceWindow],
        days: DailyRollup,
        failures: Mapping[str, FailureClass],
        latency: LatencyOf,
    ) -> None:
        self.core_state = core_state
        self.now = now
        self.days = days
        self.latency = latency
        self._failures = failures
        self._maintenance_changed = _maintenance_changed(windows, now)
        self._open = [i for i in incidents if i.is_unresolved]
        self._active = [w for w in windows if now in w.effective]
        self._statements: dict[ComponentId, list[Statement]] = {}
        for statement in (s for i in self._open for s in i.open_statements):
            self._statements.setdefault(statement.component, []).append(statement)

    def maintenance_until(self, component: ComponentId) -> Second | None:
        """When its maintenance ends; None without any. None as well where it had failed by itself,
        for what fails under maintenance opens no incident: whether that time counts or not, the
        outage was not planned."""
        if self.stated(component) in _FALLEN:
            return None
        if any(i.open_part(component) is not None for i in self._open):
            return None
        ends = [w.effective.end for w in self._active if component in w.components]
        return max(ends, default=None)

    def maintenance_changed(self, component: ComponentId) -> Second | None:
        """When it last went into or came out of maintenance."""
        return self._maintenance_changed.get(component)

    def symptom(self, component: ComponentId) -> Symptom | None:
        """What is noticed of its failure, as its incident says."""
        parts = (i.open_part(component) for i in self._open)
        found = (symptom_of(part, self._failures) for part in parts if part is not None)
        return next((symptom for symptom in found if symptom is not None), None)

    def stated(self, component: ComponentId) -> Outcome | None:
        """The worst that people say of it now."""
        said = {s.status for s in self._said_of(component)}
        return next((s for s in (*_FALLEN, Outcome.UP) if s in said), None)

    def stated_since(self, component: ComponentId) -> Second | None:
        """Since when that is said."""
        worst = self.stated(component)
        starts = [s.start for s in self._said_of(component) if s.status is worst]
        return min(starts, default=None)

    def _said_of(self, component: ComponentId) -> Sequence[Statement]:
        return self._statements.get(component, ())

    def shown(
        self, component: ComponentId, beneath: Outcome, *, is_fresh: bool, is_maintained: bool
    ) -> Shown:
        """The first row of the table of shown states that applies."""
        if is_maintained:
            return Shown.MAINTENANCE
        if beneath in _FALLEN and (self._is_taken(component) or self._is_worked_on(component)):
            return Shown.REPAIR
        if beneath is Outcome.DOWN:
            return Shown.DOWN
        if beneath is Outcome.DEGRADED:
            return Shown.SLOW
        return Shown.OPERATIONAL if is_fresh and beneath is Outcome.UP else Shown.NO_DATA

    def _is_worked_on(self, component: ComponentId) -> bool:
        """Whether announced work on it is under way."""
        return any(component in w.components for w in self._active)

    def _is_taken(self, component: ComponentId) -> bool:
        """Whether a person has set its incident to identified or monitoring."""
        return any(i.is_open_for(component) and _taken_by_person(i.updates) for i in self._open)


def _maintenance_changed(
    windows: Sequence[MaintenanceWindow], now: Second
) -> Mapping[ComponentId, Second]:
    """When a window of each component last began or ended."""
    found: dict[ComponentId, Second] = {}
    for window in windows:
        took = window.effective
        edges = [at for at in (took.start, took.end) if took.start < took.end and at <= now]
        for component in window.components if edges else ():
            found[component] = max(edges[-1], found.get(component, edges[-1]))
    return found


def _taken_by_person(updates: Sequence[Update]) -> bool:
    by_person = [u for u in updates if u.person is not None]
    return bool(by_person) and by_person[-1].phase in _REPAIRING


def _services(
    catalogue: Catalogue, shown: Mapping[ComponentId, PublicComponent], scope: PageScope
) -> tuple[PublicService, ...]:
    members: dict[ServiceId, list[PublicComponent]] = {}
    for component in catalogue.components:
        if scope.shows(component.id):
            members.setdefault(component.service, []).append(shown[component.id])
    return tuple(
        PublicService(
            id=service.id,
            name=service.name,
            description=service.description,
            components=tuple(members[service.id]),
        )
        for service in catalogue.services
        if service.id in members
    )


def _component(
    component: Component, catalogue: Catalogue, shown_context: _ShownContext
) -> PublicComponent:
    core_state = shown_context.core_state
    component_status = core_state.component_statuses.get(component.id)
    beneath = component_status.status if component_status else Outcome.UNKNOWN
    is_watched = component.id in core_state.watched and beneath is not Outcome.UNKNOWN
    is_fresh = is_watched and core_state.is_seen(component.id, shown_context.now)
    born = core_state.catalogues.first_seen(component.id)
    without_data_since = (
        None if is_fresh else last_coverage(catalogue, component.id, core_state.states) or born
    )
    days, total = shown_context.days.days(component.id, catalogue)
    until = shown_context.maintenance_until(component.id)
    stated = shown_context.stated(component.id)
    worst = worse_of(beneath, stated)
    since = component_status.since if component_status else None
    if worst is not beneath:
        since = shown_context.stated_since(component.id)
    symptom = shown_context.symptom(component.id) if worst is beneath else None
    return PublicComponent(
        id=component.id,
        name=component.name,
        role=component.role,
        shown=shown_context.shown(
            component.id, worst, is_fresh=is_fresh, is_maintained=until is not None
        ),
        beneath=beneath,
        stated=stated,
        since=since,
        no_data_since=without_data_since,
        days=days,
        total=total,
        created_at=born,
        updated_at=_last(
            (born, since, without_data_since, shown_context.maintenance_changed(component.id)),
            shown_context.now,
        ),
        maintenance_until=until,
        latency=shown_context.latency.get(component.id, ()),
        symptom=symptom,
        kind=_kind(component, catalogue) if symptom else ServiceKind.OTHER,
        seen_to_begin=component_status is None or component_status.seen_to_begin,
    )


def _kind(component: Component, catalogue: Catalogue) -> ServiceKind:
    return service_of(check.spec for check in catalogue.checks_of(component.id))


def _last(seconds: Iterable[Second | None], now: Second) -> Second:
    """The last of those that are known, and no later than now."""
    return min(now, max(at for at in seconds if at is not None))


def public_incidents(
    incidents: Sequence[Incident],
    hidden: Hidden,
    counted: Mapping[Affected, Seconds],
    others: Sequence[Incident] = (),
) -> tuple[PublicIncident, ...]:
    """Those that anybody may read, without what is private. `others` are not among them, and may be
    pointed to."""
    public = [(i, hidden.redacted(i)) for i in incidents if hidden.is_public(i)]
    named = {shown.id: shown for _, shown in public}
    named |= {i.id: hidden.redacted(i) for i in others if hidden.is_public(i)}
    return tuple(_incident(i, shown, hidden, counted, named) for i, shown in public)


def _incident(
    whole: Incident,
    incident: Incident,
    hidden: Hidden,
    counted: Mapping[Affected, Seconds],
    named: Mapping[IncidentId, Incident],
) -> PublicIncident:
    """`named` are all incidents that may be: no other is pointed to."""
    closed = [part for part in incident.affected if whole.was_closed(part)]
    known = hidden.public
    last = incident.updates[-1].at if incident.updates else incident.created_at
    return PublicIncident(
        id=incident.id,
        title=incident.title,
        phase=incident.phase,
        impact=incident.impact,
        started_at=incident.started_at,
        created_at=incident.created_at,
        updated_at=max((u.changed_at for u in incident.updates), default=last),
        monitoring_at=incident.monitoring_at,
        resolved_at=incident.resolved_at,
        parts=(
            *(
                _part(p, known[p.component], counted.get(p), is_closed=p in closed)
                for p in incident.affected
            ),
            *(_stated(said, known[said.component]) for said in incident.statements),
        ),
        updates=tuple(_update(u, closed) for u in reversed(incident.updates)),
        next_update_by=incident.next_update_at if incident.is_unresolved else None,
        is_by_person=incident.origin is Origin.PERSON,
        related=tuple(_related(named[i]) for i in incident.related if i in named),
        is_merged=incident.merged_into is not None,
        merged_into=_named(incident.merged_into, named),
    )


def _part(
    part: Affected, component: Component, counted: Seconds | None, *, is_closed: bool
) -> PublicPart:
    return PublicPart(
        component=part.component,
        name=component.name,
        role=component.role,
        status=part.status,
        start=part.start,
        end=part.end,
        is_unwatched=part.is_unwatched,
        is_closed=is_closed,
        counted=counted,
    )


def _stated(said: Statement, component: Component) -> PublicPart:
    return PublicPart(
        component=said.component,
        name=component.name,
        role=component.role,
        status=said.status,
        start=said.start,
        end=said.end,
        is_stated=True,
    )


def _named(
    wanted: IncidentId | None, named: Mapping[IncidentId, Incident]
) -> tuple[IncidentId, Text] | None:
    return (wanted, named[wanted].title) if wanted is not None and wanted in named else None


def _related(other: Incident) -> RelatedIncident:
    """What is over because it was merged, closed or no longer watched was not seen to end."""
    was_left = other.merged_into is not None or bool(other.unwatched)
    is_resolved = other.phase is Phase.RESOLVED and not was_left
    return RelatedIncident(id=other.id, title=other.title, is_resolved=is_resolved)


def _update(update: Update, closed: Sequence[Affected]) -> PublicUpdate:
    is_over = update.phase is Phase.RESOLVED
    is_persons = update.event is IncidentEvent.PERSON
    return PublicUpdate(
        number=update.number,
        at=update.at,
        phase=update.phase,
        body=update.shown or plain("—"),
        machine=update.machine,
        former=update.former,
        corrected_at=update.corrected_at,
        is_unwatched=is_over and update.event is IncidentEvent.UNWATCHED,
        is_closing=is_over and is_persons and any(p.end == update.at for p in closed),
        is_postmortem=update.event is IncidentEvent.POSTMORTEM,
    )


def public_window(
    window: MaintenanceWindow,
    hidden: Hidden,
    now: Second,
    *,
    is_new: bool = False,
    new_extensions: tuple[int, ...] = (),
) -> PublicMaintenance:
    """What anybody may read of a window that is not hidden."""
    known = hidden.public
    title, impact = hidden.words_of(window)
    return PublicMaintenance(
        id=window.id,
        title=title,
        impact=impact,
        start=window.start,
        end=window.end,
        phase=window.phase(now),
        published_at=now if window.published_at is None else window.published_at,
        components=tuple((c, known[c].name) for c in window.components if c in known),
        steps=steps_of(window, now),
        took=window.effective,
        is_new=is_new,
        new_extensions=new_extensions,
    )
