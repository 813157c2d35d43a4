"""Which schema a database has, read without alembic, which takes long to import."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from monitor.journal.database import (
    explain,
    is_sqlite,
    open_reading,
    parse_url,
    sqlite_file,
)
from monitor.journal.ports import JournalError

REVISIONS = tuple(f"r{number:04d}" for number in range(1, 10))
"""Every migration's id, oldest first; the last is what this version needs."""
HEAD = REVISIONS[-1]
COPYING = f"copying-{HEAD}"
"""Stored in the place of a revision while a journal is copied in. An older version of this program
takes it for a newer schema, and does not touch it either."""

VERSION = sa.table("alembic_version", sa.column("version_num", sa.Text))


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
    revision = revision_of(url)
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
    return connection.execute(sa.select(VERSION.c.version_num)).scalar_one_or_none()
