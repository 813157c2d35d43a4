"""A journal with something odd in every table, and how to compare two without the product."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import closing
from typing import Any

import psycopg
import sqlalchemy as sa

from monitor.journal.access import CopyStage
from monitor.journal.database import open_engine, parse_url
from monitor.journal.tables import METADATA, change_counter, core_epoch

BATCH = 2
ROWS = 5
"""In each table: two batches that are full, and one that is not."""
BEYOND_32_BITS = 2**53 + 1
ODD_JSON = {"z": 1, "a": [0.1, 1e300, None, True, {"ñ\u0000\U0001f4a5": "\u0000"}], "": ""}
ODD_TEXT = "línea 1\nline\t2 \U0001f4a5 '\"\\ \u202e\x7f €"
EXACT = "-0.10000000000000000000000000000000000000001"
_PARENTS: Mapping[str, Callable[[int], Any]] = {
    "subject_id": lambda n: n,
    "supersedes": lambda n: n - 1 if n % 2 == 0 else None,
    "incident_id": lambda n: f"Inc-{'aZ_é0'[n - 1]}",
    "window_id": lambda n: f"win-{n}",
    "contract_id": lambda n: f"C/{n}",
    "terms_hash": lambda n: f"hash{n}",
    "credit_id": lambda n: f"BON-{n}",
    "account": lambda n: f"name-{n}",
    "subscription": lambda n: f"id-{n}",
    "owner": lambda n: f"name-{n}",
}
_KEYS: Mapping[str, Callable[[int], Any]] = {
    "incident": _PARENTS["incident_id"],
    "maintenance_window": _PARENTS["window_id"],
    "contract": _PARENTS["contract_id"],
    "terms": _PARENTS["terms_hash"],
    "credit": _PARENTS["credit_id"],
}
_FIRST_STEPS: Mapping[str, Mapping[str, Any]] = {
    "credit_event": {"seq": 1, "state_before": None, "state_after": "eligible"},
    "ruling": {"revision": 1, "via": "console", "approved_by": None, "refused_by": None},
}
"""How a life begins, a credit's or a ruling's: the database wants that of a row that is new."""


class Unwatched:
    def begins(self, stage: CopyStage, rows: int) -> None: ...

    def passes(self, stage: CopyStage, rows: int) -> None: ...


def fill(url: str, only: Container[str] = METADATA.tables) -> None:
    """Write a journal that no core would, yet every database must keep."""
    engine = open_engine(parse_url(url))
    with engine.begin() as connection:
        for table in METADATA.sorted_tables:
            if table in (change_counter, core_epoch) or table.name not in only:
                continue
            rows = [_row(table, number) for number in range(1, ROWS + 1)]
            connection.execute(sa.insert(_untyped(table)), rows)
        connection.execute(sa.update(change_counter).values(seq=BEYOND_32_BITS + ROWS))
        connection.execute(sa.update(core_epoch).values(epoch=41, host="ñandú", pid=4_194_304))
    if not url.startswith("sqlite"):
        _count_on(url)
    engine.dispose()


def _untyped(table: sa.Table) -> sa.TableClause:
    columns = [
        sa.column(c.name, c.type.impl_instance if isinstance(c.type, sa.TypeDecorator) else c.type)
        for c in table.c
    ]
    return sa.table(table.name, *columns)


def _row(table: sa.Table, number: int) -> dict[str, Any]:
    return {c.name: _value(table, c, number) for c in table.c}


def _value(table: sa.Table, column: sa.Column[Any], number: int) -> Any:
    if column.name in (first := _FIRST_STEPS.get(table.name, {})):
        return first[column.name]
    if column.name in _PARENTS:
        return _PARENTS[column.name](number)
    if column.primary_key and table.name in _KEYS:
        return _KEYS[table.name](number)
    if table.name == "change" and column.name == "seq":
        return BEYOND_32_BITS + number
    if column.primary_key or column.name in ("revision", "reference", "event", "check_id"):
        return number if isinstance(column.type, sa.Integer) else f"{column.name}-{number}"
    if column.name == "refused_by":
        return None if number % 2 == 0 else "eva"  # a decision is one or the other
    if column.nullable and number % 2:
        return None
    return _odd(column, number)


def _odd(column: sa.Column[Any], number: int) -> Any:
    kind = column.type.impl_instance if isinstance(column.type, sa.TypeDecorator) else column.type
    match kind:
        case sa.Boolean():
            return number % 2 == 0
        case sa.BigInteger():
            return (-1) ** number * (BEYOND_32_BITS + number)
        case sa.Integer():
            return 2**31 - number
        case sa.JSON():
            return ODD_JSON if number > 1 else {}
        case sa.LargeBinary():
            return bytes([0, 255, number])
    return {"net": EXACT, "approved_by": "beto"}.get(column.name, f"{ODD_TEXT}{number}")


def _count_on(url: str) -> None:
    """What PostgreSQL would have done, had it numbered the rows."""
    with psycopg.connect(url, autocommit=True) as session:
        for name in ("subject", "transition", "notification", "exclusion", "ruling"):
            session.execute(f"SELECT setval('{name}_id_seq', {ROWS})".encode())


def content(url: str) -> Mapping[str, list[tuple[Any, ...]]]:
    """Every row of every table as the drivers give it, JSON read, in one order."""
    tables = METADATA.sorted_tables
    return {t.name: sorted(_read(url, t), key=repr) for t in tables}


def _read(url: str, table: sa.Table) -> list[tuple[Any, ...]]:
    names = [column.name for column in table.c]
    statement = "SELECT {} FROM {}".format(", ".join(f'"{n}"' for n in names), table.name)  # noqa: S608 - our own names
    found = list(_rows(url, statement))
    return [
        tuple(_seen(column, value) for column, value in zip(table.c, row, strict=True))
        for row in found
    ]


def _rows(url: str, statement: str) -> Iterable[tuple[Any, ...]]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            yield from connection.execute(statement)
    else:
        with psycopg.connect(url) as session:
            yield from session.execute(statement.encode())


def _seen(column: sa.Column[Any], value: Any) -> Any:
    kind = column.type.impl_instance if isinstance(column.type, sa.TypeDecorator) else column.type
    if isinstance(kind, sa.JSON):
        parsed = json.loads(value) if isinstance(value, str) else value
        return json.dumps(parsed)
    return bool(value) if isinstance(kind, sa.Boolean) else value
