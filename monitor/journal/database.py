"""Opening the database: SQLite by default, PostgreSQL in production, one behaviour.

A transaction excludes all others from its first read on, in both: SQLite begins IMMEDIATE,
PostgreSQL locks the counter row (`transaction.py`). So a decision never rests on rows that another
transaction is changing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from monitor.journal.ports import JournalBusy, JournalDamaged, JournalError

BUSY_MS = 10_000
"""How long a transaction waits for another one, in either database."""
CORE_BUSY_MS = 1_500
"""How long one of the core's does: it has more to do than to wait, and no decision waits for more
than two seconds."""
HELD_BUSY_MS = 100
"""How long it does as long as the one before has waited in vain."""

GUEST_STOPPED_MS = 10_000
"""After that PostgreSQL ends a transaction of the console or of a command whose process is stopped:
the core waits for it. None of them waits for a person or a client within one."""

_KEPT_ENGINES = 8
"""Of addresses that were read from last."""
_LOCK_NOT_AVAILABLE = "55P03"
"""What PostgreSQL calls a wait for a lock that has taken too long."""
_MANY = 16
"""Rows that PostgreSQL gets together: of fewer each is a statement that it has planned already."""
_TOGETHER, _ROWS = "postgresql, together", "rows"
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

Upsert: TypeAlias = "sqlite.Insert | postgresql.Insert"
_Making: TypeAlias = Callable[[Connection, sa.Table, tuple[str, ...]], Upsert]


def parse_url(url: str) -> URL:
    """A database address with its driver. Raises JournalError for one that no journal can use."""
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        raise JournalError(
            "the journal's address is not understood; wanted sqlite:///FILE or "
            "postgresql://USER:PASSWORD@HOST/DATABASE"
        ) from error
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise JournalError(f"a journal lives in SQLite or PostgreSQL, got {backend}")
    if not parsed.database or parsed.database == ":memory:":
        raise JournalError("a SQLite journal is a file: sqlite:///FILE")
    return parsed.set(drivername="sqlite")


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def sqlite_file(url: URL) -> Path:
    """The file of a SQLite journal."""
    return Path(str(url.database)).absolute()


def open_engine(
    url: URL,
    *,
    foreign_keys: bool = True,
    patient: bool = False,
    busy_ms: int = BUSY_MS,
    stopped_ms: int | None = None,
) -> Engine:
    """An engine whose transactions are durable when their commit returns.

    `foreign_keys` is off only for migrations of SQLite, which rebuild tables. With `patient`,
    PostgreSQL does not limit the time of a statement: for migrations and copies. A transaction
    waits `busy_ms` for another one. After `stopped_ms` PostgreSQL ends one whose process says
    nothing.
    """
    if is_sqlite(url):
        return _open_sqlite(url, foreign_keys=foreign_keys, busy_ms=busy_ms)
    stopping = {} if stopped_ms is None else {"stopped_ms": stopped_ms}
    return _open_postgres(url, lock_ms=busy_ms, patient=patient, pool_pre_ping=True, **stopping)


@lru_cache(maxsize=_KEPT_ENGINES)
def open_reading(url: URL) -> Engine:
    """An engine whose transactions read one moment of the journal, wait for no other transaction
    and write nothing. Each has its own connection, so that a database that replaced another is
    noticed. There is one engine for an address, which threads may share: a new one would compile
    each statement anew, and that takes longer than most of them run."""
    if is_sqlite(url):
        return _open_sqlite_reading(url)
    alone = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return _open_postgres(url, poolclass=sa.NullPool, execution_options=alone)


def _open_postgres(url: URL, *, lock_ms: int = BUSY_MS, **options: Any) -> Engine:
    try:
        # Imported here: SQLite does not need that driver.
        from monitor.journal.postgres import open_postgres

        return open_postgres(url, lock_ms=lock_ms, **options)
    except ImportError as error:
        raise JournalError("PostgreSQL needs psycopg: install estado[postgres]") from error


def explain(url: URL, error: SQLAlchemyError) -> JournalError:
    """The database's own message, with the address (its password masked) and without the rows."""
    cause = getattr(error, "orig", None) or error
    message = f"journal {url.render_as_string(hide_password=True)}: {str(cause).strip()}"
    return JournalDamaged(message) if is_damage(cause) else JournalError(message)


def explain_wait(url: URL, error: SQLAlchemyError) -> JournalError:
    """As `explain`, for what fails before a transaction has begun."""
    explained = explain(url, error)
    return JournalBusy(str(explained)) if _is_busy(error) else explained


def _is_busy(error: SQLAlchemyError) -> bool:
    """Whether it is another transaction that lets ours not begin."""
    cause = getattr(error, "orig", None)
    sqlite_code = getattr(cause, "sqlite_errorcode", None) or 0
    is_locked = sqlite_code & 0xFF == sqlite3.SQLITE_BUSY
    return is_locked or getattr(cause, "sqlstate", None) == _LOCK_NOT_AVAILABLE


def wait_no_longer(connection: Connection, busy_ms: int) -> None:
    """Let the transactions of a SQLite connection wait so long for another one, from the next on.
    PostgreSQL keeps to what its session was opened with."""
    if connection.dialect.name != "sqlite" or connection.info.get("busy_ms") == busy_ms:
        return
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA busy_timeout = {busy_ms}")
        connection.info["busy_ms"] = busy_ms


def is_damage(error: BaseException) -> bool:
    """Whether SQLite reports that the file itself is damaged."""
    return ((getattr(error, "sqlite_errorcode", None) or 0) & 0xFF) in _DAMAGED


def insert_into(connection: Connection, table: sa.Table) -> Upsert:
    """An INSERT of this database's dialect, which has ON CONFLICT."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def among(
    connection: Connection, column: sa.Column[str], texts: Sequence[str]
) -> sa.ColumnElement[bool]:
    """Whether a column has one of many texts, which are bound as one value: as a list each would be
    compiled, checked and bound by itself."""
    if connection.dialect.name == "sqlite":
        given = sa.func.json_each(json.dumps(list(texts))).table_valued("value")
        return column.in_(sa.select(given.c.value))
    array = sa.literal(list(texts), postgresql.ARRAY(sa.Text()))
    return column == sa.any_(array)


def put(connection: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows; where the primary key exists already, update the other columns."""
    if rows:
        connection.execute(_upsert(connection, table, tuple(rows[0])), rows)


def put_encoded(connection: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """`put` of many rows whose values the driver takes as they are (JSON as text): converting each
    of them first would cost as much as all the rest."""
    if not rows:
        return
    _execute_encoded(connection, table, rows, _upsert)


def insert_encoded(connection: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """As `put_encoded`, for rows that are new: one whose key exists already is refused."""
    if rows:
        _execute_encoded(connection, table, rows, _insert)


def _execute_encoded(
    connection: Connection, table: sa.Table, rows: list[dict[str, Any]], make: _Making
) -> None:
    if len(rows) >= _MANY and connection.dialect.name != "sqlite":
        _execute_together(connection, table, rows, make)
        return
    sql, order = _compiled(connection, table, tuple(rows[0]), make)
    connection.exec_driver_sql(sql, [tuple(map(r.get, order)) for r in rows] if order else rows)


_STATEMENTS: dict[tuple[str, sa.Table, tuple[str, ...], _Making], tuple[str, tuple[str, ...]]] = {}


def _compiled(
    connection: Connection, table: sa.Table, columns: tuple[str, ...], make: _Making
) -> tuple[str, tuple[str, ...]]:
    """The statement as SQL, and the order in which the driver takes the values: empty where it
    takes them by name."""
    key = (connection.dialect.name, table, columns, make)
    if key not in _STATEMENTS:
        statement = make(connection, table, columns)
        compiled = statement.compile(dialect=connection.dialect, column_keys=columns)
        _STATEMENTS[key] = (compiled.string, tuple(compiled.positiontup or ()))
    return _STATEMENTS[key]


def _execute_together(
    connection: Connection, table: sa.Table, rows: list[dict[str, Any]], make: _Making
) -> None:
    """All rows by one statement, as one value of JSON: PostgreSQL would plan and answer each of
    them, and the driver convert each of its values."""
    columns = tuple(rows[0])
    key = (_TOGETHER, table, columns, make)
    if key not in _STATEMENTS:
        statement = make(connection, table, columns).from_select(columns, _given(table, columns))
        compiled = statement.compile(dialect=connection.dialect)
        _STATEMENTS[key] = (compiled.string, ())
    connection.exec_driver_sql(_STATEMENTS[key][0], {_ROWS: json.dumps(rows)})


def _given(table: sa.Table, columns: Sequence[str]) -> sa.Select[Any]:
    """What `_ROWS` holds as rows of the table; JSON stands in them as text."""
    own = [table.c[name] for name in columns]
    kinds = [sa.Text() if isinstance(c.type, sa.JSON) else c.type for c in own]
    typed = [sa.column(c.name, kind) for c, kind in zip(own, kinds, strict=True)]
    bound = sa.cast(sa.bindparam(_ROWS, type_=sa.Text()), sa.JSON())
    given = sa.func.json_to_recordset(bound).table_valued(*typed)
    given = given.render_derived(name="given", with_types=True)
    return sa.select(*(sa.cast(given.c[c.name], c.type) for c in own))


def _insert(connection: Connection, table: sa.Table, _: tuple[str, ...]) -> Upsert:
    return insert_into(connection, table)


def _upsert(connection: Connection, table: sa.Table, columns: tuple[str, ...]) -> Upsert:
    statement = insert_into(connection, table)
    keys = [column.name for column in table.primary_key.columns]
    updated = {name: statement.excluded[name] for name in columns if name not in keys}
    if updated:
        return statement.on_conflict_do_update(index_elements=keys, set_=updated)
    return statement.on_conflict_do_nothing(index_elements=keys)


def _open_sqlite(url: URL, *, foreign_keys: bool, busy_ms: int) -> Engine:
    engine = sa.create_engine(url, connect_args={"timeout": busy_ms / 1000})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        # The driver must not begin transactions by itself: it would begin them deferred.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # What is deleted is overwritten: a subscriber's address is gone when it is erased.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _open_sqlite_reading(url: URL) -> Engine:
    """An engine on a file that exists; a missing one is not created."""
    uri = f"{sqlite_file(url).as_uri()}?mode=rw"
    settings: dict[str, Any] = {"timeout": BUSY_MS / 1000, "uri": True}
    engine = sa.create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(uri, **settings), poolclass=sa.NullPool
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
