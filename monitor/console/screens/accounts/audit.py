"""Who did what, newest first, with filters, and as a table to take along."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from monitor.accounts.audit import AuditReading, rows_csv
from monitor.console.speech import Speech
from monitor.console.visit import Download, Page, Screen, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Change
from monitor.domain.checks.observation import Json
from monitor.domain.refusals import Refused
from monitor.journal.ports import WantedChanges
from statuspage.parts.html import Html

_PAGE = 100
_CSV = 4_000
"""Rows of one file; it begins where the page does, so that all of them can be had."""
_FILTERS = ("actor", "kind", "subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`differences` are a field, what it was and what it is."""

    at: Html
    actor: str
    via: str
    kind: str
    subject: str
    subject_url: str
    address: str
    differences: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    rows: tuple[Row, ...]
    filters: Mapping[str, str]
    csv_url: str
    older_url: str


def show(visit: Visit) -> Shown:
    filters = {name: visit.query.get(name, "").strip() for name in _FILTERS}
    found = _reading(visit).changes(_wanted(filters, _before(visit)), _PAGE + 1)
    shown = found[:_PAGE]
    chosen = {name: value for name, value in filters.items() if value}
    before = visit.query.get("before", "")
    from_here = {**chosen, "before": before} if before else chosen
    older = {**chosen, "before": str(shown[-1].seq)} if len(found) > _PAGE else {}
    return Page(
        template="audit.html",
        title=visit.words.nav["audit"],
        page=AuditPage(
            rows=tuple(_row(change, visit.speech) for change in shown),
            filters=filters,
            csv_url=f"/audit.csv?{urlencode(from_here)}",
            older_url=f"/audit?{urlencode(older)}" if older else "",
        ),
    )


def table(visit: Visit) -> Shown:
    """The newest of what was asked for, or those before a row, oldest first; no cell is a
    formula."""
    filters = {name: visit.query.get(name, "").strip() for name in _FILTERS}
    found = _reading(visit).rows(_wanted(filters, _before(visit)), _CSV)
    content = rows_csv(reversed(found), visit.speech.zone)
    return Download(content=content, media_type="text/csv", name="estado-audit.csv")


def _reading(visit: Visit) -> AuditReading:
    return AuditReading(journal=visit.backend.reading, actor=visit.actor)


def _wanted(filters: Mapping[str, str], before: int = 0) -> WantedChanges:
    return WantedChanges(
        actor=filters["actor"], kind=filters["kind"], subject=filters["subject"], before=before,
        is_newest_first=True,
    )  # fmt: skip


def _before(visit: Visit) -> int:
    written = visit.query.get("before", "")
    if not written:
        return 0
    if not (written.isascii() and written.isdigit() and len(written) < 19):
        raise Refused("form.number", field="before", got=written[:40])
    return int(written)


def _row(change: Change, speech: Speech) -> Row:
    return Row(
        at=speech.dated(change.at),
        actor=change.actor,
        via=speech.words.via[change.via] + (f" {change.token}" if change.token else ""),
        kind=change.kind,
        subject=change.subject,
        subject_url=_url(change),
        address=change.address,
        differences=_differences(change),
    )


def _url(change: Change) -> str:
    """Where its subject is shown."""
    family = change.kind.partition(".")[0]
    folders = {"incident": "incidents", "maintenance": "maintenance"}
    return f"/{folders[family]}/{change.subject}" if family in folders and change.subject else ""


def _differences(change: Change) -> tuple[tuple[str, str, str], ...]:
    names = dict.fromkeys((*change.before, *change.after))
    pairs = ((n, change.before.get(n), change.after.get(n)) for n in names)
    return tuple((n, _said(was), _said(now)) for n, was, now in pairs if was != now)


def _said(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


SCREENS = (
    Screen(method="GET", path="/audit", handle=show, scope=Scope.AUDIT_READ),
    Screen(method="GET", path="/audit.csv", handle=table, scope=Scope.AUDIT_READ),
)
