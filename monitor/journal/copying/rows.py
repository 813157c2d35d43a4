"""Rows as plain values, read in the order of their keys, and their checksums.

Both databases are read into the same values (integers, texts, JSON, bytes, None). These are what is
summed up, so that it does not matter how a database represents them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.journal.tables import METADATA

TABLES = tuple(METADATA.sorted_tables)
"""Every table; one that another refers to comes before it. A row that supersedes another has the
higher number, and so comes after it."""
REPLACEMENT = "\u2400"
"""␀, in the place of a NUL that a database cannot store."""
_WIDTH = 16
Key: TypeAlias = list[Any]
Values: TypeAlias = list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """How many rows a table has, and the sum of their digests, which no order of rows changes."""

    rows: int
    sum: str


class Sum:
    """Adds rows up to a table's `Content`."""

    def __init__(self) -> None:
        self._rows = 0
        self._sum = 0

    def add(self, row: Sequence[Any]) -> None:
        canonical = json.dumps(list(row), separators=(",", ":"), default=bytes.hex).encode("ascii")
        digest = hashlib.blake2b(canonical, digest_size=_WIDTH).digest()
        self._rows += 1
        self._sum = (self._sum + int.from_bytes(digest)) % 2 ** (8 * _WIDTH)

    @property
    def content(self) -> Content:
        return Content(rows=self._rows, sum=f"{self._sum:0{2 * _WIDTH}x}")


def plain(table: sa.Table) -> sa.TableClause:
    """The table without our own types: texts in languages are JSON, exact decimals their text."""
    return sa.table(table.name, *(sa.column(c.name, _plain_type(c.type)) for c in table.c))


def key_of(table: sa.Table, row: Sequence[Any]) -> Key:
    """The key of a row, to continue behind it."""
    places = {column.name: place for place, column in enumerate(table.c)}
    return [row[places[column.name]] for column in table.primary_key.columns]


def batches(
    connection: Connection, table: sa.Table, *, size: int, after: Key | None = None
) -> Iterator[list[Values]]:
    """The table's rows by its key, from the one after `after` on, `size` at a time."""
    while True:
        found = connection.execute(_next(table, after).limit(size))
        rows = [list(row) for row in found]
        if rows:
            yield rows
            after = key_of(table, rows[-1])
        if len(rows) < size:
            return


def count(connection: Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _next(table: sa.Table, after: Key | None) -> sa.Select[Any]:
    from_table = plain(table)
    keys = [from_table.c[column.name] for column in table.primary_key.columns]
    statement = sa.select(*from_table.c).order_by(*keys)
    if after is None:
        return statement
    bound = [sa.literal(value, key.type) for key, value in zip(keys, after, strict=True)]
    return statement.where(sa.tuple_(*keys) > sa.tuple_(*bound))


def _plain_type(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    return kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind
