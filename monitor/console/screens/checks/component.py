"""One component: how it stands, its checks, its incidents, and what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.api.present.moment import Present
from monitor.console.commands import incident_commands
from monitor.console.figures.heat_map import HeatMap, heat_map
from monitor.console.screens.checks.check import hanging_on
from monitor.console.screens.incidents.incident_card import IncidentCard, incident_card, name_of
from monitor.console.screens.maintenance.window_card import WindowCard, window_card
from monitor.console.states import State, state_of, worst
from monitor.console.visit import Page, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Catalogue, Check, Component
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.refusals import no_such
from monitor.history.week import component_week
from monitor.i18n.addresses import component_path
from monitor.incidents.service_bounds import ServiceBounds
from statuspage.parts.html import Html

_DAYS = 90
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    id: str
    url: str
    kind: str
    state: State
    evidence: str
    at: Html | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentPage:
    id: str
    name: str
    service: str
    state: State
    since: Html
    cause: str
    role: str
    public_url: str
    """Empty where it is private."""
    checks: tuple[CheckLine, ...]
    week: HeatMap
    latency_url: str
    incidents: tuple[IncidentCard, ...]
    windows: tuple[WindowCard, ...]
    depends_on: tuple[tuple[str, str], ...]
    hanging: tuple[tuple[str, str], ...]
    may_plan: bool


def show(visit: Visit) -> Shown:
    present, speech = Present.read(visit.backend), visit.speech
    component = found_component(visit, present.catalogue)
    status = present.component_status(component.id)
    is_silent = present.outcome(component) is Outcome.UNKNOWN
    catalogue, bounds = present.catalogue, ServiceBounds.of(visit.actor, present.catalogue)
    services = {s.id: s.name for s in catalogue.services}
    return Page(
        template="component.html",
        title=speech.text(component.name),
        page=ComponentPage(
            id=component.id,
            name=speech.text(component.name),
            service=speech.text(services.get(component.service)),
            state=state_of(present.outcome(component), speech),
            # Of what is silent now neither is known.
            since=speech.since(status.since if status and not is_silent else None),
            cause=status.cause if status and not is_silent else "",
            role=speech.words.component_roles[component.role],
            public_url=_public_url(component, visit),
            checks=tuple(_line(c, present, visit) for c in catalogue.checks_of(component.id)),
            week=_week(component, visit),
            latency_url=f"/latency/components/{component.id}",
            incidents=_incidents(component, visit),
            windows=tuple(window_card(w, visit) for w in present.windows_of(component.id)),
            depends_on=tuple(
                (name_of(c, catalogue, speech), f"/components/{c}")
                for c in component.depends_on
                if bounds.has(c)
            ),
            hanging=hanging_on(component.id, present, visit),
            may_plan=visit.may(Scope.MAINTENANCE_WRITE),
        ),
    )


def found_component(visit: Visit, catalogue: Catalogue) -> Component:
    """Raises NotFound, also where it belongs to services that are not the account's."""
    wanted = ComponentId(visit.name)
    bounds = ServiceBounds.of(visit.actor, catalogue)
    if not (catalogue.has(wanted) and bounds.has(wanted)):
        known = [c.id for c in catalogue.components if bounds.has(c.id)]
        raise no_such("component", visit.name, known)
    return catalogue.component(wanted)


def _week(component: Component, visit: Visit) -> HeatMap:
    now = visit.speech.now
    catalogues = visit.backend.source.catalogues().as_of(now)
    with visit.backend.reading.transaction() as tx:
        found = component_week(tx, catalogues, component.id, now)
    return heat_map(found, visit.speech)


def _public_url(component: Component, visit: Visit) -> str:
    if not visit.catalogue.is_shown(component):
        return ""
    page = visit.catalogue.url_about([component.id])
    return page + component_path(component.id, visit.speech.lang)


def _line(check: Check, present: Present, visit: Visit) -> CheckLine:
    last = [present.last(check, place) for place in check.locations]
    newest = max((one.at for one in last if one.at is not None), default=None)
    messages = [one.result.message for one in last if one.result and one.result.message]
    return CheckLine(
        id=check.id,
        url=f"/checks/{check.id}",
        kind=check.kind,
        state=state_of(worst([one.status for one in last]), visit.speech),
        evidence=messages[0] if messages else "",
        at=visit.speech.ago(newest) if newest is not None else None,
    )


def _incidents(component: Component, visit: Visit) -> tuple[IncidentCard, ...]:
    commands = incident_commands(visit)
    found = commands.some(commands.heads(_DAYS, component.id)[:_MOST])
    return tuple(incident_card(i, visit.catalogue, visit.speech) for i in found)


SCREENS = (Screen(method="GET", path="/components/{id}", handle=show, scope=Scope.STATE_READ),)
