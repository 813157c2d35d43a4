"""What everything is now: components as the journal rolls them up, checks with what they saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.api.operation import Answer, Call, Operation
from monitor.api.schema import Document, Instant, instant, instant_or_none
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Check, Component
from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import ComponentId, LocationId, Outcome, Result
from monitor.domain.incidents.incident import Incident
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.time.interval import Interval, Second
from monitor.incidents.service_bounds import ServiceBounds
from monitor.results.log.ports import FoldKey
from monitor.state.component_status import check_status
from monitor.state.core_state import CoreState


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
    present = _Present.read(call)
    revision = present.core.catalogues.present(present.now)
    catalogue, bounds = present.core.catalogue, ServiceBounds.of(call.actor, present.core.catalogue)
    components = [c for c in catalogue.components if bounds.has(c.id)]
    seen, services = {c.id for c in components}, {c.service for c in components}
    return Answer(
        document=StateDocument(
            read_at=instant(present.now, present.zone),
            revision=revision.number,
            services=[
                ServiceDocument(id=s.id, name=dict(s.name.by_locale))
                for s in catalogue.services
                if s.id in services
            ],
            components=[present.component(c) for c in components],
            checks=[present.check(c) for c in catalogue.checks if c.component in seen],
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Present:
    """One moment of the journal."""

    now: Second
    zone: ZoneInfo
    core: CoreState
    incidents: Sequence[Incident]
    windows: Sequence[MaintenanceWindow]
    results: Mapping[FoldKey, Result]

    @classmethod
    def read(cls, call: Call) -> _Present:
        backend, catalogues = call.backend, call.backend.source.catalogues()
        now = backend.clock.now()
        with backend.reading.transaction() as tx:
            core = CoreState(tx, catalogues, now, backend.clock.boottime)
            incidents = tx.incidents.unresolved()
            windows = tx.maintenance.touching(Interval(now, Second(now + 1)))
        return cls(
            now=now,
            zone=core.catalogue.zone,
            core=core,
            incidents=incidents,
            windows=[w for w in windows if now in w.effective],
            results=backend.last_results.through(core.cursor),
        )

    def component(self, component: Component) -> ComponentDocument:
        found = self.core.component_statuses.get(component.id)
        status = found.status if found else Outcome.UNKNOWN
        is_silent = status is Outcome.UP and not self._is_seen(component.id)
        return ComponentDocument(
            id=component.id,
            service=component.service,
            name=dict(component.name.by_locale),
            is_public=component.is_public,
            status=str(Outcome.UNKNOWN if is_silent else status),
            since=instant_or_none(found.since if found else None, self.zone),
            cause=found.cause if found else "",
            incidents=[i.id for i in self.incidents if i.open_part(component.id) is not None],
            maintenance=[w.id for w in self.windows if component.id in w.components],
        )

    def _is_seen(self, component: ComponentId) -> bool:
        return component in self.core.watched and self.core.is_seen(component, self.now)

    def check(self, check: Check) -> CheckDocument:
        return CheckDocument(
            id=check.id,
            component=check.component,
            kind=check.kind,
            interval_s=check.interval,
            last=[self._last(check, place) for place in check.locations],
        )

    def _last(self, check: Check, place: LocationId) -> LastResultDocument:
        """From the log; where its newest part has none, as far as the fold knows it."""
        key = (check.id, place)
        state, result = self.core.states.get(key), self.results.get(key)
        at = _last_slot(state)
        if result is not None and at is not None and result.slot < at:
            result = None
        at = result.slot if result else at
        return LastResultDocument(
            location=place,
            status=str(check_status(state, check, self.now)),
            at=instant_or_none(at, self.zone),
            outcome=str(result.outcome) if result else None,
            failure=result.failure if result else None,
            message=result.message if result else "",
        )


def _last_slot(state: FoldState | None) -> Second | None:
    return None if state is None else state.last_slot


OPERATIONS = (
    Operation(
        method="GET", path="/state", name="show_state", scope=Scope.STATE_READ,
        summary="Components, checks and what is open, at one moment.",
        answer=StateDocument, handle=show,
    ),
)  # fmt: skip
