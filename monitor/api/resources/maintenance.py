"""Planned work: announced, shown and taken back."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from monitor.api.operation import Answer, Call, Operation
from monitor.api.ports import ApiJournal
from monitor.api.schema import (
    Body,
    Document,
    Id,
    Instant,
    Line,
    Moment,
    Parameters,
    Words,
    instant,
    instant_or_none,
    second_of,
)
from monitor.domain.accounts.permissions import Scope
from monitor.domain.incidents.incident import ComponentStatus
from monitor.domain.maintenance import MaintenanceWindow
from monitor.incidents.maintenance_commands import MaintenanceCommands

_MOST_COMPONENTS = 1_000


class WindowsQuery(Parameters):
    past: bool = False
    """Those of the last 90 days too."""


class CancelQuery(Parameters):
    reason: Line = ""


class NewWindow(Body):
    title: Words
    impact: Words
    start: Moment
    end: Moment
    components: Annotated[list[Id], Field(max_length=_MOST_COMPONENTS)]
    reason: Line = ""
    """It overrides the allowed hours and the notice, and is kept."""


class LaterEnd(Body):
    end: Moment
    reason: Line = ""
    """It overrides the allowed hours and the notice, and is kept."""


class ExtensionDocument(Document):
    """From the end that held before to a later one; `published_at` is its own."""

    start: Instant
    end: Instant
    published_at: Instant | None


class WindowDocument(Document):
    """`end` is the one that holds now. `is_excluded`: whether the default terms leave anything of
    its time out."""

    id: str
    title: dict[str, str]
    impact: dict[str, str]
    start: Instant
    end: Instant
    phase: str
    components: list[str]
    reason: str
    created_by: str
    published_at: Instant | None
    cancelled_at: Instant | None
    extensions: list[ExtensionDocument]
    is_excluded: bool
    revision: int


class FailingDocument(Document):
    component: str
    status: str
    since: Instant
    cause: str


class AllFailingDocument(Document):
    components: list[FailingDocument]


class WindowsDocument(Document):
    windows: list[WindowDocument]


def every(call: Call) -> Answer:
    commands = _commands(call, call.backend.reading)
    found = commands.listed(with_past=call.asked(WindowsQuery).past)
    return Answer(
        document=WindowsDocument(windows=[_document(call, commands, one) for one in found])
    )


def show(call: Call) -> Answer:
    commands = _commands(call, call.backend.reading)
    return _answer(call, commands, commands.show(call.path["id"]))


def failing(call: Call) -> Answer:
    commands = _commands(call, call.backend.reading)
    found = commands.already_failing(commands.show(call.path["id"]))
    return Answer(document=AllFailingDocument(components=[_failing(s, call.zone) for s in found]))


def add(call: Call) -> Answer:
    body, commands = call.sent(NewWindow), _commands(call, call.backend.writing)
    saved = commands.add(
        title=body.title.text,
        impact=body.impact.text,
        start=second_of(body.start),
        end=second_of(body.end),
        components=tuple(body.components),
        reason=body.reason,
    )
    return _answer(call, commands, saved)


def cancel(call: Call) -> Answer:
    commands = _commands(call, call.backend.writing)
    reason = call.asked(CancelQuery).reason
    saved = commands.cancel(call.path["id"], reason=reason, revision=call.revision)
    return _answer(call, commands, saved)


def extend(call: Call) -> Answer:
    body, commands = call.sent(LaterEnd), _commands(call, call.backend.writing)
    saved = commands.extend(
        call.path["id"], end=second_of(body.end), reason=body.reason, revision=call.revision
    )
    return _answer(call, commands, saved)


def _commands(call: Call, journal: ApiJournal) -> MaintenanceCommands:
    return MaintenanceCommands(
        journal=journal, catalogue=call.catalogue, clock=call.backend.clock, actor=call.actor
    )


def _answer(call: Call, commands: MaintenanceCommands, window: MaintenanceWindow) -> Answer:
    return Answer(document=_document(call, commands, window), revision=window.revision)


def _document(
    call: Call, commands: MaintenanceCommands, window: MaintenanceWindow
) -> WindowDocument:
    zone = commands.catalogue.zone
    return WindowDocument(
        id=window.id,
        title=dict(window.title.by_locale),
        impact=dict(window.impact.by_locale),
        start=instant(window.start, zone),
        end=instant(window.end, zone),
        phase=str(window.phase(call.backend.clock.now())),
        components=list(window.components),
        reason=window.reason,
        created_by=window.created_by,
        published_at=instant_or_none(window.published_at, zone),
        cancelled_at=instant_or_none(window.cancelled_at, zone),
        extensions=[
            ExtensionDocument(
                start=instant(added.start, zone),
                end=instant(added.end, zone),
                published_at=instant_or_none(added.published_at, zone),
            )
            for added in window.extensions
        ],
        is_excluded=commands.is_excluded(window),
        revision=window.revision,
    )


def _failing(found: ComponentStatus, zone: ZoneInfo) -> FailingDocument:
    return FailingDocument(
        component=found.component,
        status=str(found.status),
        since=instant(found.since, zone),
        cause=found.cause,
    )


OPERATIONS = (
    Operation(
        method="GET", path="/maintenance", name="list_maintenance", scope=Scope.STATE_READ,
        summary="Maintenance windows that run or are to come.",
        query=WindowsQuery, answer=WindowsDocument, handle=every,
    ),
    Operation(
        method="GET", path="/maintenance/{id}", name="show_maintenance", scope=Scope.STATE_READ,
        summary="One window.", answer=WindowDocument, handle=show, has_revision=True,
    ),
    Operation(
        method="GET", path="/maintenance/{id}/failing", name="list_failing",
        scope=Scope.STATE_READ,
        summary="Its components that are down or slow now, which counts until it ends.",
        answer=AllFailingDocument, handle=failing,
    ),
    Operation(
        method="POST", path="/maintenance", name="add_maintenance", scope=Scope.MAINTENANCE_WRITE,
        summary="Announce a window.", status=201, body=NewWindow, answer=WindowDocument,
        handle=add, creates=True, has_revision=True,
    ),
    Operation(
        method="POST", path="/maintenance/{id}/extension", name="extend_maintenance",
        scope=Scope.MAINTENANCE_WRITE, summary="Put the end of a window off.",
        body=LaterEnd, answer=WindowDocument, handle=extend, current=show, has_revision=True,
    ),
    Operation(
        method="DELETE", path="/maintenance/{id}", name="cancel_maintenance",
        scope=Scope.MAINTENANCE_WRITE, summary="Take a window back, or end one that runs.",
        query=CancelQuery, answer=WindowDocument, handle=cancel, current=show, has_revision=True,
    ),
)  # fmt: skip
