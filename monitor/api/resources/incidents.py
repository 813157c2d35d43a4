"""What people read and write about incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, model_validator

from monitor.api.operation import Answer, Call, Operation, encoded
from monitor.api.parts import listed
from monitor.api.ports import ApiJournal
from monitor.api.schema import (
    WHOLE,
    Body,
    Document,
    Id,
    Instant,
    Parameters,
    Prose,
    Words,
    instant,
    instant_or_none,
    words_of,
)
from monitor.domain.accounts.permissions import Scope
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.delivery import Notification
from monitor.domain.incidents.incident import Affected, Incident, Phase, Statement, Update
from monitor.domain.incidents.promises import LONGEST, SHORTEST
from monitor.domain.refusals import NotFound
from monitor.domain.text import Text
from monitor.incidents.commands import IncidentCommands
from monitor.journal.ports import IncidentHead

_DAYS = 90
_MOST_COMPONENTS = 1_000
_AT_ONCE = 100
"""Incidents that are read in one transaction."""


class IncidentsQuery(Parameters):
    open: bool = False
    """Those that are not resolved alone."""
    days: Annotated[int, Field(ge=1, le=400)] | None = None
    """Those of so many days; 90 where `open` is not asked for."""
    record: bool = False
    """Each with its whole record."""


class StatedStatus(StrEnum):
    """What a person says of a component. `up`: it works, though the incident concerns it; in an
    update, that it works again."""

    DOWN = "down"
    DEGRADED = "degraded"
    UP = "up"


Stated = Annotated[dict[Id, StatedStatus], Field(max_length=_MOST_COMPONENTS)]


class NewUpdate(Body):
    """`components` is what a person says of them from now on."""

    text: Words
    phase: Phase | None = None
    title: Words | None = None
    components: Stated = Field(default_factory=dict)
    next_s: Annotated[int, Field(ge=SHORTEST, le=LONGEST), WHOLE] | None = None
    """In how many seconds the next update is promised; else as `alerts.next_update` has it."""


class Correction(Body):
    text: CorrectedWords


class CorrectedWords(Body):
    """A language that is left out keeps what it said."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [name], "properties": {name: {"type": "string"}}}
                for name in ("es", "en")
            ]
        }
    )

    es: Prose | None = None
    en: Prose | None = None

    @model_validator(mode="after")
    def _some(self) -> CorrectedWords:
        if self.es is None and self.en is None:
            raise ValueError("es or en has to be there")
        return self

    @property
    def text(self) -> Text:
        return Text({k: v for k, v in (("es", self.es), ("en", self.en)) if v is not None})


class Resolution(Body):
    text: Words
    title: Words | None = None
    although_down: bool = False
    """Close it while a component is still down; no recovery is published then."""


class Postmortem(Body):
    text: Words


class PartDocument(Document):
    component: str
    status: str
    start: Instant
    end: Instant | None
    cause: str
    is_dependent: bool
    is_unwatched: bool


class StatementDocument(Document):
    """What a person says of a component: no figure reads it."""

    component: str
    status: str
    start: Instant
    end: Instant | None


class UpdateDocument(Document):
    """`text` is what is shown: a person's words (`person`) where there are any, else the machine's
    (`machine`). `corrected_at`: when that was last replaced; `former` has what stood before."""

    number: int
    at: Instant
    phase: str
    event: str
    actor: str
    text: dict[str, str] | None
    machine: dict[str, str] | None
    person: dict[str, str] | None
    former: list[dict[str, str]]
    corrected_at: Instant | None
    next_update_at: Instant | None


class IncidentSummary(Document):
    """`origin` is who opened it: `machine` or `person`. `components` are those that a check saw
    fail and those that a person speaks of. One that was merged goes on in `merged_into`."""

    id: str
    origin: str
    title: dict[str, str]
    phase: str
    impact: str
    started_at: Instant
    created_at: Instant
    monitoring_at: Instant | None
    resolved_at: Instant | None
    components: list[str]
    related: list[str]
    merged_into: str | None
    revision: int


class IncidentDocument(IncidentSummary):
    """`parts` are what checks saw, and what counts; `statements` are a person's word.
    `machine_title` is what `title` would be if no person had written one."""

    machine_title: dict[str, str]
    parts: list[PartDocument]
    statements: list[StatementDocument]
    updates: list[UpdateDocument]


class IncidentsDocument(Document):
    """With `record`, each has the fields of one incident."""

    incidents: list[IncidentDocument | IncidentSummary]


class NotificationDocument(Document):
    """`number`: which update or reminder. `due_at` is the next moment to try."""

    event: str
    kind: str
    number: int
    target: str
    delivery: str
    due_at: Instant
    sent_at: Instant | None
    attempts: int
    error: str


class NotificationsDocument(Document):
    notifications: list[NotificationDocument]


def every(call: Call) -> Answer:
    query, commands = call.asked(IncidentsQuery), _commands(call, call.backend.reading)
    if query.open and query.days is None:
        found = commands.unresolved()
    else:
        heads = [
            h for h in commands.heads(query.days or _DAYS) if h.is_unresolved or not query.open
        ]
        return Answer(content=_written(call, commands, heads, is_whole=query.record))
    zone = call.zone
    shown = _document if query.record else _summary
    return Answer(document=IncidentsDocument(incidents=[shown(one, zone) for one in found]))


def _written(
    call: Call, commands: IncidentCommands, heads: Sequence[IncidentHead], *, is_whole: bool
) -> bytes:
    """As `IncidentsDocument` has them. There may be thousands, most of which have not changed since
    somebody asked for them last: these are not even read."""
    parts, zone = call.backend.parts, call.zone
    kind = call.own_kind("incident" if is_whole else "summary")
    with call.backend.reading.transaction() as tx:
        parts.follow(tx)
    found = {head.id: parts.find((kind, head.id), (head.revision, zone)) for head in heads}
    missing = [head for head in heads if found[head.id] is None]
    for first in range(0, len(missing), _AT_ONCE):
        for incident in commands.some(missing[first : first + _AT_ONCE]):
            content = encoded((_document if is_whole else _summary)(incident, zone))
            parts.put((kind, incident.id), (incident.revision, zone), content)
            found[incident.id] = content
    written = [content for content in found.values() if content is not None]
    return b'{"incidents":' + listed(written) + b"}"


def show(call: Call) -> Answer:
    found, _ = _commands(call, call.backend.reading).show(call.path["id"])
    return incident_answer(call, found)


def notifications(call: Call) -> Answer:
    _, found = _commands(call, call.backend.reading).show(call.path["id"])
    return Answer(
        document=NotificationsDocument(notifications=[_notification(n, call.zone) for n in found])
    )


def update(call: Call) -> Answer:
    body = call.sent(NewUpdate)
    saved = _commands(call, call.backend.writing).update(
        call.path["id"],
        text=body.text.text,
        phase=body.phase,
        title=body.title.text if body.title else None,
        revision=call.revision,
        statuses=outcomes(body.components),
        next_s=body.next_s,
    )
    return incident_answer(call, saved)


def correct(call: Call) -> Answer:
    written = call.path["number"]
    is_number = written.isascii() and written.isdigit() and len(written) < 9
    if not is_number:
        raise NotFound("update.unknown", incident=call.path["id"], number=written, last="the last")
    saved = _commands(call, call.backend.writing).edit(
        call.path["id"],
        int(written),
        text=call.sent(Correction).text.text,
        revision=call.revision,
        is_partial=True,
    )
    return incident_answer(call, saved)


def resolve(call: Call) -> Answer:
    body = call.sent(Resolution)
    saved = _commands(call, call.backend.writing).resolve(
        call.path["id"],
        text=body.text.text,
        title=body.title.text if body.title else None,
        revision=call.revision,
        although_down=body.although_down,
    )
    return incident_answer(call, saved)


def postmortem(call: Call) -> Answer:
    saved = _commands(call, call.backend.writing).postmortem(
        call.path["id"], text=call.sent(Postmortem).text.text, revision=call.revision
    )
    return incident_answer(call, saved)


def outcomes(stated: Mapping[str, StatedStatus]) -> dict[str, Outcome]:
    return {component: Outcome(str(status)) for component, status in stated.items()}


def _commands(call: Call, journal: ApiJournal) -> IncidentCommands:
    return IncidentCommands(
        journal=journal, catalogue=call.catalogue, clock=call.backend.clock, actor=call.actor
    )


def incident_answer(call: Call, incident: Incident) -> Answer:
    return Answer(document=_document(incident, call.zone), revision=incident.revision)


def _document(incident: Incident, zone: ZoneInfo) -> IncidentDocument:
    return IncidentDocument(
        **_summary(incident, zone).model_dump(),
        machine_title=dict(incident.machine_title.by_locale),
        parts=[_part(part, zone) for part in incident.affected],
        statements=[_statement(said, zone) for said in incident.statements],
        updates=[_update(one, zone) for one in incident.updates],
    )


def _summary(incident: Incident, zone: ZoneInfo) -> IncidentSummary:
    return IncidentSummary(
        id=incident.id,
        origin=str(incident.origin),
        title=dict(incident.title.by_locale),
        phase=str(incident.phase),
        impact=str(incident.impact),
        started_at=instant(incident.started_at, zone),
        created_at=instant(incident.created_at, zone),
        monitoring_at=instant_or_none(incident.monitoring_at, zone),
        resolved_at=instant_or_none(incident.resolved_at, zone),
        components=list(incident.concerned),
        related=list(incident.related),
        merged_into=incident.merged_into,
        revision=incident.revision,
    )


def _part(part: Affected, zone: ZoneInfo) -> PartDocument:
    return PartDocument(
        component=part.component,
        status=str(part.status),
        start=instant(part.start, zone),
        end=instant_or_none(part.end, zone),
        cause=part.cause,
        is_dependent=part.is_dependent,
        is_unwatched=part.is_unwatched,
    )


def _statement(said: Statement, zone: ZoneInfo) -> StatementDocument:
    return StatementDocument(
        component=said.component,
        status=str(said.status),
        start=instant(said.start, zone),
        end=instant_or_none(said.end, zone),
    )


def _update(written: Update, zone: ZoneInfo) -> UpdateDocument:
    return UpdateDocument(
        number=written.number,
        at=instant(written.at, zone),
        phase=str(written.phase),
        event=str(written.event),
        actor=written.actor,
        text=words_of(written.shown),
        machine=words_of(written.machine),
        person=words_of(written.person),
        former=[dict(text.by_locale) for text in written.former],
        corrected_at=instant_or_none(written.corrected_at, zone),
        next_update_at=instant_or_none(written.next_update_at, zone),
    )


def _notification(message: Notification, zone: ZoneInfo) -> NotificationDocument:
    return NotificationDocument(
        event=message.event,
        kind=str(message.kind),
        number=message.number,
        target=message.target,
        delivery=str(message.delivery),
        due_at=instant(message.due_at, zone),
        sent_at=instant_or_none(message.sent_at, zone),
        attempts=message.attempts,
        error=message.error,
    )


Correction.model_rebuild()

OPERATIONS = (
    Operation(
        method="GET", path="/incidents", name="list_incidents", scope=Scope.STATE_READ,
        summary="Incidents, newest first; open ones oldest first.",
        query=IncidentsQuery, answer=IncidentsDocument, handle=every,
    ),
    Operation(
        method="GET", path="/incidents/{id}", name="show_incident", scope=Scope.STATE_READ,
        summary="One incident with its record.", answer=IncidentDocument, handle=show,
        has_revision=True,
    ),
    Operation(
        method="GET", path="/incidents/{id}/notifications", name="list_notifications",
        scope=Scope.STATE_READ, summary="The messages to operators about it.",
        answer=NotificationsDocument, handle=notifications,
    ),
    Operation(
        method="POST", path="/incidents/{id}/updates", name="update_incident",
        scope=Scope.INCIDENTS_WRITE, summary="Publish an update; the phase stays if none is given.",
        status=201, body=NewUpdate, answer=IncidentDocument, handle=update, creates=True,
        current=show, has_revision=True,
    ),
    Operation(
        method="PATCH", path="/incidents/{id}/updates/{number}", name="correct_update",
        scope=Scope.INCIDENTS_WRITE, summary="Correct an update; its former words stay in view.",
        body=Correction, answer=IncidentDocument, handle=correct, current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/incidents/{id}/resolution", name="resolve_incident",
        scope=Scope.INCIDENTS_WRITE, summary="Say that it is over.", status=201, body=Resolution,
        answer=IncidentDocument, handle=resolve, creates=True, current=show, has_revision=True,
    ),
    Operation(
        method="POST", path="/incidents/{id}/postmortem", name="explain_incident",
        scope=Scope.INCIDENTS_WRITE, summary="Tell what happened and why, once it is over.",
        status=201, body=Postmortem, answer=IncidentDocument, handle=postmortem, creates=True,
        current=show, has_revision=True,
    ),
)  # fmt: skip
