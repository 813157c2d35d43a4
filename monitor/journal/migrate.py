"""Brings a journal's schema up to date. A SQLite journal is copied first."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from monitor.journal.database import (
    explain,
    is_damage,
    is_sqlite,
    open_engine,
    parse_url,
    sqlite_file,
)
from monitor.journal.locks.lease import lock_of
from monitor.journal.ports import JournalDamaged, JournalError
from monitor.journal.schema import (
    HEAD,
    SchemaState,
    require_current,
    revision_of,
    state_of,
)
from monitor.journal.tables import core_epoch
from monitor.runtime.folders import sync_folder

_SCRIPTS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """What a migration did. `before` is None for an empty database. Where `before` equals `after`,
    there was nothing to do."""

    before: str | None
    after: str
    backup: Path | None = None


def migrate(url: str, *, backup: bool = True) -> Migrated:
    """Bring the schema up to this version's. No core may hold the journal meanwhile.

    With `backup` a SQLite journal that has a schema is first copied to a file beside it.
    PostgreSQL is copied by its own tools. Raises LeaseTaken, which names the holder, or
    JournalError.
    """
    parsed = parse_url(url)
    before = _refuse_other(parsed)
    if before == HEAD:
        return Migrated(before=before, after=HEAD)
    with lock_of(parsed):
        before = _refuse_other(parsed)  # another process may have migrated it
        copy = _copy(parsed, before) if backup and before is not None else None
        upgrade(parsed, HEAD, depose=before is not None)
    return Migrated(before=before, after=HEAD, backup=copy)


def upgrade(url: URL, revision: str, *, depose: bool = False) -> None:
    """Run the migrations up to one, all in one transaction.

    With `depose` no core that ran before can write to the new schema, not even one that does not
    know that the server lost its lock.
    """
    engine = open_engine(url, foreign_keys=False, patient=True)
    try:
        with engine.begin() as connection:
            _run(connection, revision)
            if depose:
                connection.execute(sa.update(core_epoch).values(epoch=core_epoch.c.epoch + 1))
            if is_sqlite(url):
                _check_references(connection)
    except SQLAlchemyError as error:
        raise explain(url, error) from error
    finally:
        engine.dispose()


def _refuse_other(url: URL) -> str | None:
    revision = revision_of(url)
    if state_of(revision) in (SchemaState.AHEAD, SchemaState.COPYING):
        require_current(url)
    return revision


def _run(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    command.upgrade(config, revision)


def _check_references(connection: Connection) -> None:
    broken = connection.execute(sa.text("PRAGMA foreign_key_check")).all()
    if broken:
        raise JournalError(f"the migration would break references, nothing was changed: {broken}")


def _copy(url: URL, revision: str | None) -> Path | None:
    """Make a copy, named after the old schema and the time; None for PostgreSQL."""
    if not is_sqlite(url):
        return None
    file = sqlite_file(url)
    try:
        return _copied(file, revision)
    except (sqlite3.Error, OSError) as error:
        is_damaged = isinstance(error, sqlite3.Error) and is_damage(error)
        kind = JournalDamaged if is_damaged else JournalError
        raise kind(f"journal {file} cannot be copied before its migration: {error}") from error


def _copied(file: Path, revision: str | None) -> Path:
    """A copy has its name once it is whole: what is put back must not be half of a journal. Of one
    that was broken off nothing stays, or each start would leave another."""
    unfinished = file.with_name(f"{file.stem}-{revision}-unfinished{file.suffix}")
    for left in (unfinished, unfinished.with_name(f"{unfinished.name}-journal")):
        left.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as source:
        (at,) = source.execute("SELECT strftime('%Y%m%dT%H%M%SZ', 'now')").fetchone()
        target = file.with_name(f"{file.stem}-{revision}-{at}{file.suffix}")
        with closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
    unfinished.replace(target)
    sync_folder(target.parent)
    return target
