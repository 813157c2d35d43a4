"""Cursors: how far each follower has read a feed."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.journal.database import put
from monitor.journal.tables import cursor

# Built once: it is asked with every tick.
_SEQ = sa.select(cursor.c.seq).where(cursor.c.name == sa.bindparam("wanted"))


class SqlCursors:
    """The cursors of one feed: followers of the change feed and of the result log never collide."""

    def __init__(self, connection: Connection, feed: str) -> None:
        self._connection = connection
        self._feed = feed

    def get(self, name: str) -> int:
        found = self._connection.execute(_SEQ, {"wanted": f"{self._feed}.{name}"})
        return int(found.scalar() or 0)

    def all(self) -> dict[str, int]:
        """The cursors that were ever set, by name."""
        prefix = f"{self._feed}."
        # Compared as it is: in a pattern `_` stands for anything.
        named = sa.func.substr(cursor.c.name, 1, len(prefix)) == prefix
        rows = self._connection.execute(sa.select(cursor.c.name, cursor.c.seq).where(named))
        return {name.removeprefix(prefix): int(seq) for name, seq in rows}

    def set(self, name: str, seq: int) -> None:
        self.set_all({name: seq})

    def set_all(self, seqs: Mapping[str, int]) -> None:
        rows = [{"name": f"{self._feed}.{name}", "seq": seq} for name, seq in seqs.items()]
        put(self._connection, cursor, rows)
