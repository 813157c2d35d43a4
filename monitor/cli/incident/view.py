"""An incident on a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from monitor.cli.acting import iso_time, local_time
from monitor.client.views import Labels
from monitor.domain.incidents.incident import (
    Affected,
    Incident,
    Origin,
    Phase,
    Statement,
    Update,
)
from monitor.domain.text import Text, former_in
from monitor.i18n.formats import NBSP, duration

if TYPE_CHECKING:
    from monitor.domain.incidents.delivery import Notification

_PHASES = {
    Phase.INVESTIGATING: "red",
    Phase.IDENTIFIED: "dark_orange",
    Phase.MONITORING: "blue",
    Phase.RESOLVED: "green",
}
_DELIVERIES = {"sent": "green", "pending": "yellow", "failed": "red"}


def styled_phase(phase: Phase) -> Styled:
    return Styled(str(phase), style=_PHASES[phase])


def show_incident(
    out: Console, incident: Incident, notifications: Sequence[Notification], labels: Labels
) -> None:
    """Everything about it, for a person."""
    out.print(Styled(incident.title.in_locale("es"), style="bold"))
    line = Styled(f"{incident.id}  ")
    line.append_text(styled_phase(incident.phase))
    line.append(f"  {incident.impact}  revision {incident.revision}")
    out.print(line)
    for note in _notes(incident):
        out.print(Styled(note))
    out.print(_times(incident, labels))
    out.print()
    if incident.affected:
        out.print(_parts(incident, labels))
    if incident.statements:
        out.print(_statements(incident, labels))
    for update in reversed(incident.updates):
        out.print()
        _show_update(out, update, labels)
    if notifications:
        out.print()
        out.print(_notification_table(notifications, labels))


def as_json(
    incident: Incident, labels: Labels, notifications: Sequence[Notification] = ()
) -> dict[str, Any]:
    """The same for programs; times carry the zone's offset."""
    return {
        "id": incident.id,
        "revision": incident.revision,
        "origin": str(incident.origin),
        "phase": str(incident.phase),
        "impact": str(incident.impact),
        "title": _text(incident.title),
        "machine_title": _text(incident.machine_title),
        "started_at": iso_time(incident.started_at, labels.zone),
        "created_at": iso_time(incident.created_at, labels.zone),
        "monitoring_at": iso_time(incident.monitoring_at, labels.zone),
        "resolved_at": iso_time(incident.resolved_at, labels.zone),
        "components": [_part_json(part, labels) for part in incident.affected],
        "statements": [_statement_json(said, labels) for said in incident.statements],
        "related": list(incident.related),
        "merged_into": incident.merged_into,
        "updates": [_update_json(update, labels) for update in incident.updates],
        "notifications": [_notification_json(n, labels) for n in notifications],
    }


def _notes(incident: Incident) -> Iterator[str]:
    """Who opened it, and which others it goes with."""
    if incident.origin is Origin.PERSON:
        yield "told by a person: no figure reads it"
    if incident.merged_into is not None:
        yield f"merged into {incident.merged_into}"
    if incident.related:
        yield f"related: {', '.join(incident.related)}"


def _times(incident: Incident, labels: Labels) -> Styled:
    times = [
        ("started", incident.started_at),
        ("decided", incident.created_at),
        ("recovered", incident.monitoring_at),
        ("resolved", incident.resolved_at),
    ]
    known = [f"{what} {local_time(at, labels.zone)}" for what, at in times if at is not None]
    return Styled("  ".join(known), style="dim")


def _parts(incident: Incident, labels: Labels) -> Table:
    table = Table("component", "was", "cause", "from", "to", "lasted", box=None, pad_edge=False)
    for part in incident.affected:
        name = f"{labels.component(part.component)} ({part.component})"
        lasted = duration(part.end - part.start).replace(NBSP, " ") if part.end else "goes on"
        if incident.was_closed(part):
            lasted = f"{lasted}, still so when it was closed"
        elif part.is_unwatched:
            lasted = f"{lasted}, then no longer watched"
        cause = f"{part.cause}, depends" if part.is_dependent else part.cause
        table.add_row(
            Styled(name),
            str(part.status),
            Styled(cause),
            local_time(part.start, labels.zone),
            local_time(part.end, labels.zone),
            lasted,
        )
    return table


def _statements(incident: Incident, labels: Labels) -> Table:
    said_by = "was here" if incident.merged_into is not None else "a person says"
    table = Table("component", said_by, "from", "to", box=None, pad_edge=False)
    for said in incident.statements:
        table.add_row(
            Styled(f"{labels.component(said.component)} ({said.component})"),
            str(said.status),
            local_time(said.start, labels.zone),
            local_time(said.end, labels.zone),
        )
    return table


def _show_update(out: Console, update: Update, labels: Labels) -> None:
    head = Styled(f"{update.number}  {local_time(update.at, labels.zone)}  ", style="bold")
    head.append_text(styled_phase(update.phase))
    head.append(f"  {update.actor}" if update.person else "  automatic text", style="dim")
    if update.corrected_at is not None:
        head.append(f"  corrected {local_time(update.corrected_at, labels.zone)}", style="dim")
    out.print(head)
    shown = update.shown
    for locale, text in (shown.by_locale if shown else {}).items():
        by = "  automatic text" if update.person and update.is_automatic_in(locale) else ""
        out.print(Styled(f"   {locale}: {text}").append(by, style="dim"))
        for former in former_in(locale, update.former, shown) if shown else ():
            out.print(Styled(f"   before: {former.in_locale(locale)}", style="dim"))


def _notification_table(notifications: Sequence[Notification], labels: Labels) -> Table:
    table = Table("told", "target", "state", "when", "tries", "", box=None, pad_edge=False)
    for notification in notifications:
        number = f" {notification.number}" if notification.number else ""
        at = notification.sent_at
        if at is None and notification.delivery == "pending":
            at = notification.due_at
        table.add_row(
            f"{notification.kind}{number}",
            Styled(notification.target),
            Styled(str(notification.delivery), style=_DELIVERIES[notification.delivery]),
            local_time(at, labels.zone),
            str(notification.attempts),
            Styled(notification.error, style="dim"),
        )
    return table


def _part_json(part: Affected, labels: Labels) -> dict[str, Any]:
    return {
        "id": part.component,
        "name": labels.component(part.component),
        "status": str(part.status),
        "cause": part.cause,
        "started_at": iso_time(part.start, labels.zone),
        "ended_at": iso_time(part.end, labels.zone),
        "is_dependent": part.is_dependent,
        "is_unwatched": part.is_unwatched,
    }


def _statement_json(said: Statement, labels: Labels) -> dict[str, Any]:
    return {
        "id": said.component,
        "name": labels.component(said.component),
        "status": str(said.status),
        "started_at": iso_time(said.start, labels.zone),
        "ended_at": iso_time(said.end, labels.zone),
    }


def _update_json(update: Update, labels: Labels) -> dict[str, Any]:
    return {
        "number": update.number,
        "at": iso_time(update.at, labels.zone),
        "phase": str(update.phase),
        "happening": str(update.event),
        "actor": update.actor,
        "machine": _text(update.machine),
        "person": _text(update.person),
        "former": [_text(former) for former in update.former],
        "corrected_at": iso_time(update.corrected_at, labels.zone),
        "next_update_at": iso_time(update.next_update_at, labels.zone),
    }


def _notification_json(notification: Notification, labels: Labels) -> dict[str, Any]:
    return {
        "event": notification.event,
        "target": notification.target,
        "delivery": str(notification.delivery),
        "due_at": iso_time(notification.due_at, labels.zone),
        "sent_at": iso_time(notification.sent_at, labels.zone),
        "attempts": notification.attempts,
        "error": notification.error or None,
    }


def _text(text: Text | None) -> dict[str, str] | None:
    return None if text is None else dict(text.by_locale)
