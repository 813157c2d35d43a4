"""The audit log: the change feed, as far as somebody has read it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from monitor.api.operation import Answer, Call, Operation
from monitor.api.schema import Document, Instant, Line, Parameters, instant
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Change
from monitor.domain.refusals import require_every_service
from monitor.domain.untrusted_text import text_cell
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
    """`next_after` goes on from here, also once there is more than there is now."""

    changes: list[ChangeDocument]
    next_after: int
    has_more: bool


def show(call: Call) -> Answer:
    require_every_service(call.actor)
    query = call.asked(AuditQuery)
    wanted = WantedChanges(
        after=query.after, actor=query.actor, kind=query.kind, subject=query.subject
    )
    with call.backend.reading.transaction() as tx:
        found = list(tx.changes.matching(wanted, query.limit + 1))
    shown = found[: query.limit]
    document = AuditDocument(
        changes=[_document(change, call.zone) for change in shown],
        next_after=shown[-1].seq if shown else query.after,
        has_more=len(found) > query.limit,
    )
    return Answer(document=document, csv=lambda: changes_csv(shown, call.zone))


def _document(change: Change, zone: ZoneInfo) -> ChangeDocument:
    return ChangeDocument(
        seq=change.seq,
        at=instant(change.at, zone),
        actor=change.actor,
        kind=change.kind,
        subject=change.subject,
        via=str(change.via),
        token=change.token,
        address=change.address,
        before=dict(change.before),
        after=dict(change.after),
    )


def changes_csv(changes: Sequence[Change], zone: ZoneInfo) -> bytes:
    """A header and its rows, as RFC 4180 has them; no cell that a spreadsheet would run."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(ChangeDocument.model_fields)
    for change in changes:
        writer.writerow([_cell(value) for value in _document(change, zone).model_dump().values()])
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value) if isinstance(value, int) else text_cell(value)


OPERATIONS = (
    Operation(
        method="GET", path="/audit", name="read_audit", scope=Scope.AUDIT_READ, has_csv=True,
        summary="Who did what, oldest first, behind a cursor.",
        query=AuditQuery, answer=AuditDocument, handle=show,
    ),
)  # fmt: skip
