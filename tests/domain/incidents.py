"""Builders for incidents and the configuration that names their components."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from monitor.domain.catalogue import (
    Alerting,
    AlertTarget,
    Catalogue,
    Check,
    Component,
    Page,
    Role,
    Route,
    Thresholds,
)
from monitor.domain.checks.fold import Policy
from monitor.domain.checks.observation import (
    CheckId,
    ComponentId,
    FailureClass,
    FailureId,
    Outcome,
    ServiceId,
)
from monitor.domain.checks.symptoms import Symptom
from monitor.domain.incidents.incident import (
    Affected,
    Incident,
    IncidentChange,
    IncidentEvent,
    IncidentId,
    Phase,
    Update,
    impact_of,
)
from monitor.domain.text import Text, plain
from monitor.domain.time.interval import Second
from tests.support.clock import second

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
RADIO, MAIL, WEB, WEBMAIL = (ComponentId(c) for c in ("radio2", "mail", "web1", "webmail"))
HIDDEN = ComponentId("storage-backend")
FELL_AT = second("2026-04-16T14:08:30-03:00")
DECIDED_AT = second("2026-04-16T14:10:00-03:00")
BACK_AT = second("2026-04-16T14:41:00-03:00")
MAILBOX = AlertTarget(id="guardia", kind="email", spec=None)
USUAL = Thresholds(slow_ms=5_000, usual_ms=1_000)
ALERTING = Alerting(routes=(Route(id="all", targets=(MAILBOX,)),))

_NAMES = {
    RADIO: Text({"es": "Streaming de radio 2", "en": "Radio streaming 2"}),
    MAIL: Text({"es": "Correo", "en": "Mail"}),
    WEB: Text({"es": "Servidor web 1", "en": "Web server 1"}),
    WEBMAIL: plain("Webmail"),
    HIDDEN: plain("nfs-7.internal"),
}


def catalogue(
    *,
    alerting: Alerting = ALERTING,
    webmail: Thresholds = USUAL,
) -> Catalogue:
    return Catalogue(
        zone=ZONE,
        page=Page(
            name=plain("Estado del Servicio"),
            company="Altomarketing",
            url="https://estado.example",
        ),
        components=tuple(
            Component(
                id=component,
                service=ServiceId("services"),
                name=name,
                role=Role.COURTESY if component in (MAIL, WEBMAIL) else Role.REQUIRED,
                is_public=component != HIDDEN,
                depends_on=(MAIL,) if component == WEBMAIL else (),
            )
            for component, name in _NAMES.items()
        ),
        checks=(
            Check(
                id=CheckId("webmail/http"),
                component=WEBMAIL,
                kind="http",
                spec=None,
                policy=Policy(interval=30, max_gap=60),
                timeout_s=10,
                thresholds=webmail,
            ),
        ),
        alerting=alerting,
    )


def failure(
    name: str, symptom: Symptom = Symptom.NO_SOUND, outcome: Outcome = Outcome.DOWN
) -> FailureClass:
    return FailureClass(
        id=FailureId(name),
        outcome=outcome,
        symptom=symptom,
        summary=Text({"es": "Dejaron de llegar datos.", "en": "Bytes stopped after the burst."}),
        cause=Text({"es": "La fuente se fue.", "en": "The source has gone."}),
        remedy=Text({"es": "Revise la fuente.", "en": "Look at the source."}),
    )


FAILURES = {
    "stalled": failure("stalled"),
    "conn_refused": failure("conn_refused", Symptom.SILENT),
    "too_slow": failure("too_slow", Symptom.SLOW, Outcome.DEGRADED),
}


def part(
    component: ComponentId = RADIO,
    *,
    start: Second = FELL_AT,
    end: Second | None = None,
    status: Outcome = Outcome.DOWN,
    cause: str = "stalled",
    is_dependent: bool = False,
) -> Affected:
    return Affected(
        component=component, status=status, start=start, cause=cause, end=end,
        is_dependent=is_dependent,
    )  # fmt: skip


def incident(*parts: Affected, phase: Phase = Phase.INVESTIGATING, id: str = "k3f9a2") -> Incident:  # noqa: A002
    affected = parts or (part(),)
    return Incident(
        id=IncidentId(id),
        phase=phase,
        impact=impact_of(affected),
        started_at=min(p.start for p in affected),
        created_at=DECIDED_AT,
        machine_title=Text({"es": "Streaming de radio 2: sin sonido"}),
        affected=affected,
    )


def step(event: IncidentEvent, *parts: Affected, about: int = -1) -> IncidentChange:
    """A step about one of the parts of an incident, its last one unless told."""
    of = incident(*parts)
    spoken = None if event is IncidentEvent.RESOLVED else of.affected[about]
    return IncidentChange(incident=of, event=event, part=spoken)


def update(number: int, event: IncidentEvent, at: Second = DECIDED_AT) -> Update:
    return Update(
        number=number, at=at, phase=Phase.INVESTIGATING, event=event, actor="estado",
        machine=plain("…"),
    )  # fmt: skip
