"""Which schema a database has, read without alembic, which takes long to import."""

from __future__ import annotations

import sqlite3
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from monitor.journal.database import (
    explain,
    is_sqlite,
    open_reading,
    parse_url,
    sqlite_file,
)
from monitor.journal.ports import JournalError

REVISIONS = tuple(f"r{number:04d}" for number in range(1, 26))
"""Every migration's id, oldest first; the last is what this version needs."""
HEAD = REVISIONS[-1]
COPYING = f"copying-{HEAD}"
"""Stored in the place of a revision while a journal is copied in. An older version of this program
takes it for a newer schema, and does not touch it either."""

VERSION = sa.table("alembic_version", sa.column("version_num", sa.Text))
_REVISION = sa.select(VERSION.c.version_num)
_UNDEFINED_TABLE = "42P01"
"""What PostgreSQL calls a table that there is not."""


class SchemaState(StrEnum):
    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"
    """Of a newer version: this one must not touch it."""
    EMPTY = "empty"
    COPYING = "half copied"


def schema_state(url: str) -> SchemaState:
    """How a journal's schema compares to this version's. Raises JournalError."""
    return state_of(revision_of(parse_url(url)))


def require_current(url: URL) -> None:
    """Raises JournalError, which says what to do, unless the schema is current."""
    _require(url, revision_of(url))


def require_current_in(connection: Connection, url: URL) -> None:
    """The same, asked by one statement within a transaction that goes on: each of those that read
    asks, for another file may have taken the place of the one before."""
    try:
        revision = connection.execute(_REVISION).scalar_one_or_none()
    except DBAPIError as error:
        if not _lacks_table(error):
            raise
        revision = None
    _require(url, revision)


def _require(url: URL, revision: str | None) -> None:
    where = f"journal {url.render_as_string(hide_password=True)}"
    match state_of(revision):
        case SchemaState.CURRENT:
            return
        case SchemaState.EMPTY:
            raise JournalError(f"{where} is empty; make it with: estado journal migrate")
        case SchemaState.BEHIND:
            raise JournalError(
                f"{where} has schema {revision}, this version needs {HEAD}; "
                "bring it up to date with: estado journal migrate"
            )
        case SchemaState.AHEAD:
            raise JournalError(
                f"{where} has schema {revision}, which is newer than this version's {HEAD}; "
                "install the estado that made it, or put back the copy made before its migration"
            )
        case SchemaState.COPYING:
            raise JournalError(
                f"{where} holds half of a copy; end it with: estado journal copy --to this address"
            )


def state_of(revision: str | None) -> SchemaState:
    if revision is None:
        return SchemaState.EMPTY
    if revision == HEAD:
        return SchemaState.CURRENT
    if revision.startswith("copying-"):
        return SchemaState.COPYING
    return SchemaState.BEHIND if revision in REVISIONS else SchemaState.AHEAD


def revision_of(url: URL) -> str | None:
    """The last migration of a database; None for one without a schema."""
    if is_sqlite(url) and not sqlite_file(url).exists():
        return None  # opening it would create the file
    engine = open_reading(url)
    try:
        with engine.connect() as connection:
            return _read_revision(connection)
    except SQLAlchemyError as error:
        raise explain(url, error) from error
    finally:
        engine.dispose()


def _read_revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION.name):
        return None
    return connection.execute(_REVISION).scalar_one_or_none()


def _lacks_table(error: DBAPIError) -> bool:
    cause = error.orig
    return getattr(cause, "sqlstate", None) == _UNDEFINED_TABLE or (
        isinstance(cause, sqlite3.OperationalError) and str(cause).startswith("no such table")
    )
