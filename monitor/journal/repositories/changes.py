"""The change feed: order of `seq` is order of commit."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.domain.change import Change, Via
from monitor.journal.database import insert_encoded
from monitor.journal.ports import ChangeRow, WantedChanges
from monitor.journal.tables import change, change_counter

_JSON = ("before", "after")


class SqlChanges:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, changes: Sequence[Change]) -> None:
        if not changes:
            return
        counted = (
            sa.update(change_counter)
            .values(seq=change_counter.c.seq + len(changes))
            .returning(change_counter.c.seq)
        )
        first = int(self._connection.execute(counted).scalar_one()) - len(changes) + 1
        rows = [
            {
                "seq": seq,
                "at": done.at,
                "actor": done.actor,
                "kind": done.kind,
                "subject": done.subject,
                "before": json.dumps(dict(done.before)),
                "after": json.dumps(dict(done.after)),
                "via": str(done.via),
                "token": done.token,
                "address": done.address,
            }
            for seq, done in enumerate(changes, first)
        ]
        insert_encoded(self._connection, change, rows)

    def since(self, seq: int, limit: int) -> Sequence[Change]:
        rows = self._connection.execute(
            sa.select(change).where(change.c.seq > seq).order_by(change.c.seq).limit(limit)
        )
        return [_change(row) for row in rows]

    def of_kinds(self, kinds: Collection[str], after: int) -> Sequence[Change]:
        rows = self._connection.execute(
            sa.select(change)
            .where(change.c.seq > after, change.c.kind.in_(sorted(kinds)))
            .order_by(change.c.seq)
        )
        return [_change(row) for row in rows]

    def matching(self, wanted: WantedChanges, limit: int) -> Sequence[Change]:
        rows = self._connection.execute(_as_wanted(sa.select(change), wanted).limit(limit))
        return [_change(row) for row in rows]

    def table(self, wanted: WantedChanges, limit: int) -> Iterator[ChangeRow]:
        columns = [
            sa.cast(change.c[name], sa.Text) if name in _JSON else change.c[name]
            for name in ChangeRow._fields
        ]
        rows = self._connection.execute(_as_wanted(sa.select(*columns), wanted).limit(limit))
        return map(ChangeRow._make, rows)

    def last(self) -> int:
        return int(self._connection.execute(sa.select(change_counter.c.seq)).scalar_one())


def _as_wanted(found: sa.Select[Any], wanted: WantedChanges) -> sa.Select[Any]:
    """Those rows alone, in the order that is wanted."""
    found = found.where(change.c.seq > wanted.after)
    if wanted.before:
        found = found.where(change.c.seq < wanted.before)
    if wanted.actor:
        found = found.where(change.c.actor == wanted.actor)
    if wanted.subject:
        found = found.where(change.c.subject == wanted.subject)
    if wanted.kind:
        family = change.c.kind.startswith(f"{wanted.kind}.", autoescape=True)
        found = found.where(sa.or_(change.c.kind == wanted.kind, family))
    return found.order_by(change.c.seq.desc() if wanted.is_newest_first else change.c.seq)


def _change(row: sa.Row[Any]) -> Change:
    return Change(**{**row._asdict(), "via": Via(row.via)})
