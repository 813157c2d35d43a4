"""The audit log: the change feed, as far as somebody has read it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from monitor.accounts.audit import AuditReading, change_fields, changes_csv
from monitor.api.operation import Answer, Call, Operation
from monitor.api.schema import Document, Instant, Line, Parameters
from monitor.domain.accounts.permissions import Scope
from monitor.journal.ports import WantedChanges

_LIMIT = 100
_LONGEST = 1_000
_MOST_SEQ = 2**62


class AuditQuery(Parameters):
    after: Annotated[int, Field(ge=0, le=_MOST_SEQ)] = 0
    """The cursor: what `next_after` of the answer before says."""
    actor: Line = ""
    kind: Line = ""
    """A kind such as incident.resolved, or a family of them such as incident."""
    subject: Line = ""
    newest: bool = False
    """The last ones instead of the first, oldest first all the same."""
    before: Annotated[int, Field(ge=0, le=_MOST_SEQ)] = 0
    """Those before this place alone. With `newest`: what the first of the answer before has."""
    limit: Annotated[int, Field(ge=1, le=_LONGEST)] = _LIMIT


class ChangeDocument(Document):
    """`via`: shell, console, api, or empty for the monitor itself."""

    seq: int
    at: Instant
    actor: str
    kind: str
    subject: str
    via: str
    token: str
    address: str
    before: dict[str, Any]
    after: dict[str, Any]


class AuditDocument(Document):
    """`next_after` goes on from here, also once there is more than there is now. `has_more`: there
    are others behind these; before them, where the newest were asked for."""

    changes: list[ChangeDocument]
    next_after: int
    has_more: bool


def show(call: Call) -> Answer:
    query = call.asked(AuditQuery)
    wanted = WantedChanges(
        after=query.after, before=query.before, actor=query.actor, kind=query.kind,
        subject=query.subject, is_newest_first=query.newest,
    )  # fmt: skip
    reading = AuditReading(journal=call.backend.reading, actor=call.actor)
    found = reading.changes(wanted, query.limit + 1)
    fields = [change_fields(change, call.zone) for change in found[: query.limit]]
    shown = fields[::-1] if query.newest else fields
    document = AuditDocument(
        changes=[ChangeDocument(**one) for one in shown],
        next_after=shown[-1]["seq"] if shown else query.after,
        has_more=len(found) > query.limit,
    )
    return Answer(document=document, csv=lambda: changes_csv(shown))


OPERATIONS = (
    Operation(
        method="GET", path="/audit", name="read_audit", scope=Scope.AUDIT_READ, has_csv=True,
        summary="Who did what, oldest first, behind a cursor.",
        query=AuditQuery, answer=AuditDocument, handle=show,
    ),
)  # fmt: skip
