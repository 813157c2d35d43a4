"""Values for the journal's tests, each with what a test does not care about filled in."""

from __future__ import annotations

from dataclasses import replace

from credits.life.credit import Assumed, CreditRecord
from credits.life.ruling import Chosen, Covered, RulingReference, RulingStep
from monitor.domain.change import Change, Via
from monitor.domain.checks.fold import Transition
from monitor.domain.checks.observation import CheckId, ComponentId, LocationId, Outcome
from monitor.domain.exclusions.classification import Evidence, EvidenceFile, RevisionState
from monitor.domain.incidents.delivery import EventKind, Notification
from monitor.domain.incidents.incident import (
    Affected,
    Impact,
    Incident,
    IncidentEvent,
    IncidentId,
    Phase,
    Update,
)
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import Text
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import SqlJournal
from monitor.journal.ports import Decided
from monitor.results.log.ports import FoldKey

WEB: FoldKey = (CheckId("web"), LocationId("local"))
MAIL: FoldKey = (CheckId("mail"), LocationId("local"))


def window(start: int, end: int) -> Interval:
    return Interval(Second(start), Second(end))


def step(to: str, at: int, *, by: int | None = None, cause: str = "") -> Transition:
    """Something becomes `to` at a second; decided by the look of that second unless said."""
    outcome = Outcome(to)
    return Transition(
        source=Outcome.DOWN if outcome is Outcome.UP else Outcome.UP,
        to=outcome,
        effective_at=Second(at),
        previous_at=Second(at - 60),
        decided_by=Second(at if by is None else by),
        cause=cause or f"to_{to}",
    )


def decided(*steps: Transition, key: FoldKey = WEB, at: int = 10_000) -> list[Decided]:
    return [
        Decided(
            check=key[0],
            location=key[1],
            transition=transition,
            decided_at=Second(at),
            catalogue_revision=1,
        )
        for transition in steps
    ]


def change(subject: str, at: int = 1000) -> Change:
    return Change(
        at=Second(at),
        actor="ana",
        kind="incident.updated",
        subject=subject,
        before={"phase": "investigating"},
        after={"phase": "monitoring", "parts": [1, 2.5, None, {"é": True}]},
    )


def incident(name: str = "k3f9a2", start: int = 1000) -> Incident:
    return Incident(
        id=IncidentId(name),
        phase=Phase.INVESTIGATING,
        impact=Impact.MAJOR,
        started_at=Second(start),
        created_at=Second(start + 120),
        machine_title=Text({"es": "Correo: sin respuesta", "en": "Mail: no answer"}),
        affected=(part("mail", start),),
        updates=(update(1, start + 120),),
    )


def part(component: str, start: int, end: int | None = None) -> Affected:
    return Affected(
        component=ComponentId(component),
        status=Outcome.DOWN,
        start=Second(start),
        end=None if end is None else Second(end),
        cause="conn_refused",
    )


def update(number: int, at: int) -> Update:
    return Update(
        number=number,
        at=Second(at),
        phase=Phase.INVESTIGATING,
        event=IncidentEvent.OPENED,
        actor="estado",
        machine=Text({"es": "No responde.", "en": "No answer."}),
    )


def resolved(opened: Incident, at: int) -> Incident:
    return replace(
        opened, phase=Phase.RESOLVED, monitoring_at=Second(at - 10), resolved_at=Second(at)
    )


def maintenance(name: str = "m1", start: int = 5000, end: int = 6000) -> MaintenanceWindow:
    return MaintenanceWindow(
        id=MaintenanceId(name),
        title=Text({"es": "Cambio de disco"}),
        impact=Text({"es": "Correo en pausa", "en": "Mail pauses"}),
        start=Second(start),
        end=Second(end),
        components=(ComponentId("mail"), ComponentId("web")),
        created_by="ana",
    )


def owed(
    event: str = "incident:k3f9a2:opening", target: str = "mail", due: int = 100
) -> Notification:
    return Notification(
        event=event,
        target=target,
        route="main",
        position=0,
        kind=EventKind.OPENING,
        subject=event.split(":")[1],
        due_at=Second(due),
    )


def ruling(
    assumed: Assumed = Assumed.DOWN, *, by: str = "ana", reference: str = "r1", credits: int = 1
) -> RulingStep:
    """A proposal about as many credits."""
    return RulingStep(
        reference=RulingReference(reference),
        revision=1,
        assumed=assumed,
        evidence=Evidence(
            text="El registro del «Ñandú»",
            files=(EvidenceFile(name="registro.txt", sha256="ab" * 32, bytes=2**40),),
            links=("https://example.org/registro",),
        ),
        credits=credits,
        proposed_by=by,
        at=Second(300),
        chosen=Chosen(month="2026-04", span=window(100, 2**40), cause="monitor_down"),
    )


def rule(
    journal: SqlJournal,
    record: CreditRecord,
    assumed: Assumed,
    *,
    proposed_by: str,
    approved_by: str,
    reference: str = "r1",
) -> None:
    """A ruling about one credit, proposed and approved, as the use cases write it."""
    proposed = ruling(assumed, by=proposed_by, reference=reference)
    approved = proposed.decided(
        RevisionState.APPROVED, by=approved_by, reason="Consta", at=Second(400)
    )
    covered = [Covered(credit=record.id, seq=record.revision)]
    with journal.transaction() as tx:
        tx.rulings.append(proposed, Via.API, covered)
        tx.rulings.append(approved, Via.CONSOLE)
