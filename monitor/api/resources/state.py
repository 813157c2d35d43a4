"""What everything is now: components as the journal rolls them up, checks with what they saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from monitor.api.operation import Answer, Call, Operation, encoded
from monitor.api.parts import WrittenParts, listed
from monitor.api.present.moment import LastResult, Present
from monitor.api.schema import Document, Instant, instant, instant_or_none
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Check, Component
from monitor.domain.change import Actor
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.maintenance import MaintenanceId
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
    present = Present.read(call.backend, is_exact=True)
    return Answer(content=_written(present, call.actor, call.backend.parts))


def state_document(present: Present, actor: Actor) -> StateDocument:
    """As far as the actor's services reach."""
    return StateDocument.model_validate_json(_written(present, actor, WrittenParts()))


def _written(present: Present, actor: Actor, parts: WrittenParts) -> bytes:
    """A StateDocument, of parts that were written before where these hold."""
    revision = present.core.catalogues.present(present.now)
    catalogue, bounds = present.catalogue, ServiceBounds.of(actor, present.catalogue)
    components = [c for c in catalogue.components if bounds.has(c.id)]
    seen, services = {c.id for c in components}, {c.service for c in components}
    around = StateDocument(
        read_at=instant(present.at, present.zone),
        revision=revision.number,
        services=[
            ServiceDocument(id=s.id, name=dict(s.name.by_locale))
            for s in catalogue.services
            if s.id in services
        ],
        components=[],
        checks=[],
    )
    lists = {
        "components": _components(components, present, parts),
        "checks": _checks([c for c in catalogue.checks if c.component in seen], present, parts),
    }
    return _around(around, lists)


def _around(document: StateDocument, lists: Mapping[str, bytes]) -> bytes:
    """The document with its lists as they were written already. Its model puts them last."""
    fields = document.model_dump_json(exclude=set(lists)).encode()[:-1]
    written = b",".join(b'"' + name.encode() + b'":' + found for name, found in lists.items())
    return fields + b"," + written + b"}"


def _components(components: list[Component], present: Present, parts: WrittenParts) -> bytes:
    incidents, windows = present.incidents_by_component(), present.windows_by_component()
    found = []
    for component in components:
        ids = [i.id for i in incidents.get(component.id, ())]
        planned = [w.id for w in windows.get(component.id, ())]
        status, outcome = present.component_status(component.id), present.outcome(component)
        stamp = (component, present.zone, status, outcome, ids, planned)
        key = ("state.component", component.id)
        part = parts.find(key, stamp)
        if part is None:
            document = _component(component, outcome, ids, planned, present)
            part = parts.put(key, stamp, encoded(document))
        found.append(part)
    return listed(found)


def _checks(checks: Sequence[Check], present: Present, parts: WrittenParts) -> bytes:
    """Each is written again once a result of it came, or its status is another."""
    found, zone = [], present.zone
    for check in checks:
        key, stamp = ("state.check", check.id), (check, zone, present.seen(check))
        part = parts.find(key, stamp)
        if part is None:
            part = parts.put(key, stamp, encoded(_check(check, present)))
        found.append(part)
    return listed(found)


def _component(
    component: Component,
    outcome: Outcome,
    incidents: list[IncidentId],
    windows: list[MaintenanceId],
    present: Present,
) -> ComponentDocument:
    found = present.component_status(component.id)
    return ComponentDocument(
        id=component.id,
        service=component.service,
        name=dict(component.name.by_locale),
        is_public=component.is_public,
        status=str(outcome),
        since=instant_or_none(found.since if found else None, present.zone),
        cause=found.cause if found else "",
        incidents=[str(name) for name in incidents],
        maintenance=[str(name) for name in windows],
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
