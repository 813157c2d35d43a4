"""The audit log: the change feed, as those who may read it see it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from monitor.accounts.ports import AccountsJournal
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor, Change
from monitor.domain.refusals import require_every_service, require_scope
from monitor.domain.untrusted_text import text_cell
from monitor.i18n.formats import iso
from monitor.journal.ports import ChangeRow, WantedChanges

CHANGE_FIELDS = (
    "seq", "at", "actor", "kind", "subject", "via", "token", "address", "before", "after",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReading:
    """It is about everybody: accounts that are bounded to services read none of it."""

    journal: AccountsJournal
    actor: Actor

    def changes(self, wanted: WantedChanges, limit: int) -> Sequence[Change]:
        """Up to `limit` changes, in the order that is wanted. Raises Refused."""
        require_scope(self.actor, Scope.AUDIT_READ)
        require_every_service(self.actor)
        with self.journal.transaction() as tx:
            return list(tx.changes.matching(wanted, limit))

    def rows(self, wanted: WantedChanges, limit: int) -> Sequence[ChangeRow]:
        """The same as rows of a table, for thousands of them. Raises Refused."""
        require_scope(self.actor, Scope.AUDIT_READ)
        require_every_service(self.actor)
        with self.journal.transaction() as tx:
            return list(tx.changes.table(wanted, limit))


def change_fields(change: Change, zone: ZoneInfo) -> dict[str, Any]:
    """As people and programs read it, by the names and in the order of `CHANGE_FIELDS`."""
    return {
        "seq": change.seq,
        "at": iso(change.at, zone),
        "actor": change.actor,
        "kind": change.kind,
        "subject": change.subject,
        "via": str(change.via),
        "token": change.token,
        "address": change.address,
        "before": dict(change.before),
        "after": dict(change.after),
    }


def changes_csv(changes: Sequence[Mapping[str, Any]]) -> bytes:
    """Fields of changes as a header and rows, as RFC 4180 has them; no cell that a spreadsheet
    would run."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CHANGE_FIELDS)
    for change in changes:
        writer.writerow([_cell(change[name]) for name in CHANGE_FIELDS])
    return out.getvalue().encode("utf-8", "replace")


def rows_csv(rows: Iterable[ChangeRow], zone: ZoneInfo) -> bytes:
    """What `changes_csv` makes of the same changes."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CHANGE_FIELDS)
    # The same names stand in thousands of rows.
    cell = cache(text_cell)
    writer.writerows(_cells(row, zone, cell) for row in rows)
    return out.getvalue().encode("utf-8", "replace")


def _cells(row: ChangeRow, zone: ZoneInfo, cell: Callable[[object], str]) -> list[str]:
    words = map(cell, (row.actor, row.kind, row.subject, row.via, row.token, row.address))
    return [str(row.seq), iso(row.at, zone), *words, _plain(row.before), _plain(row.after)]


def _plain(stored: str) -> str:
    """JSON as a person reads it. It is decoded only where letters of it are written as numbers:
    with thousands of rows that is most of the time."""
    if stored == "{}":
        return ""
    return json.dumps(json.loads(stored), ensure_ascii=False) if "\\u" in stored else stored


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value) if isinstance(value, int) else text_cell(value)
