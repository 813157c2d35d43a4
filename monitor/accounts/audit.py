"""The audit log: the change feed, as those who may read it see it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from monitor.accounts.ports import AccountsJournal
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor, Change
from monitor.domain.refusals import require_every_service, require_scope
from monitor.domain.untrusted_text import text_cell
from monitor.i18n.formats import iso
from monitor.journal.ports import WantedChanges

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


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value) if isinstance(value, int) else text_cell(value)
