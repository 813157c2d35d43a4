"""What everything is now: components as the journal rolls them up, checks with what they saw."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from monitor.api.operation import Answer, Call, Operation
from monitor.api.present import LastResult, Present
from monitor.api.schema import Document, Instant, instant, instant_or_none
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Check, Component
from monitor.domain.change import Actor
from monitor.incidents.service_bounds import ServiceBounds


class ServiceDocument(Document):
    id: str
    name: dict[str, str]


class ComponentDocument(Document):
    """`status` is up, degraded, down or unknown: unknown also where what was up is silent now."""

    id: str
    service: str
    name: dict[str, str]
    is_public: bool
    status: str
    since: Instant | None
    cause: str
    incidents: list[str]
    maintenance: list[str]


class LastResultDocument(Document):
    """`status` is what results have confirmed; `outcome` and the rest are of the last one. `at` is
    null where none is known."""

    location: str
    status: str
    at: Instant | None
    outcome: str | None
    failure: str | None
    message: str


class CheckDocument(Document):
    id: str
    component: str
    kind: str
    interval_s: int
    last: list[LastResultDocument]


class StateDocument(Document):
    read_at: Instant
    revision: int
    services: list[ServiceDocument]
    components: list[ComponentDocument]
    checks: list[CheckDocument]


def show(call: Call) -> Answer:
    return Answer(document=state_document(Present.read(call.backend, is_exact=True), call.actor))


def state_document(present: Present, actor: Actor) -> StateDocument:
    """As far as the actor's services reach."""
    revision = present.core.catalogues.present(present.now)
    catalogue, bounds = present.catalogue, ServiceBounds.of(actor, present.catalogue)
    components = [c for c in catalogue.components if bounds.has(c.id)]
    seen, services = {c.id for c in components}, {c.service for c in components}
    return StateDocument(
        read_at=instant(present.at, present.zone),
        revision=revision.number,
        services=[
            ServiceDocument(id=s.id, name=dict(s.name.by_locale))
            for s in catalogue.services
            if s.id in services
        ],
        components=[_component(c, present) for c in components],
        checks=[_check(c, present) for c in catalogue.checks if c.component in seen],
    )


def _component(component: Component, present: Present) -> ComponentDocument:
    found = present.component_status(component.id)
    return ComponentDocument(
        id=component.id,
        service=component.service,
        name=dict(component.name.by_locale),
        is_public=component.is_public,
        status=str(present.outcome(component)),
        since=instant_or_none(found.since if found else None, present.zone),
        cause=found.cause if found else "",
        incidents=[i.id for i in present.incidents_of(component.id)],
        maintenance=[w.id for w in present.windows_of(component.id)],
    )


def _check(check: Check, present: Present) -> CheckDocument:
    return CheckDocument(
        id=check.id,
        component=check.component,
        kind=check.kind,
        interval_s=check.interval,
        last=[_last(present.last(check, place), present.zone) for place in check.locations],
    )


def _last(found: LastResult, zone: ZoneInfo) -> LastResultDocument:
    result = found.result
    return LastResultDocument(
        location=found.location,
        status=str(found.status),
        at=instant_or_none(found.at, zone),
        outcome=str(result.outcome) if result else None,
        failure=result.failure if result else None,
        message=result.message if result else "",
    )


OPERATIONS = (
    Operation(
        method="GET", path="/state", name="show_state", scope=Scope.STATE_READ,
        summary="Components, checks and what is open, at one moment.",
        answer=StateDocument, handle=show,
    ),
)  # fmt: skip
