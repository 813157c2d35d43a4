"""One core per journal: a lock that is freed when its holder dies, and a new epoch for each holder.

SQLite: `flock` on a file beside the database. PostgreSQL: an advisory lock of a session that does
nothing else. The epoch stops a holder that was cut off and does not know it yet.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from contextlib import ExitStack
from types import TracebackType

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from monitor.journal.database import (
    CORE_BUSY_MS,
    explain_wait,
    is_sqlite,
    open_engine,
    parse_url,
    sqlite_file,
)
from monitor.journal.locks.file_lock import FileLock
from monitor.journal.locks.own_file import OwnFile
from monitor.journal.locks.ports import LeaseTaken
from monitor.journal.locks.session_lock import SessionLock
from monitor.journal.ports import Deposed, JournalError
from monitor.journal.schema import require_current
from monitor.journal.tables import core_epoch
from monitor.journal.transaction import lock_out_others

_CHECK_EVERY_S = 5.0


class SqlLease:
    """Entering takes the lock and increments the epoch; leaving frees the lock. It is used once."""

    def __init__(self, url: URL, patience_s: float) -> None:
        self._url = url
        self._lock = lock_of(url, patience_s)
        self._stack = ExitStack()
        self._checked_at = 0.0
        self._own_file: OwnFile | None = None

    def __enter__(self) -> int:
        """The new epoch. Raises LeaseTaken, or JournalError where the schema is not current."""
        with ExitStack() as taking:
            taking.enter_context(self._lock)
            require_current(self._url)
            epoch = _next_epoch(self._url)
            self._own_file = _own_file(self._url)
            self._stack = taking.pop_all()
        self._checked_at = time.monotonic()
        return epoch

    def keep(self) -> None:
        """Check the lock, every few seconds; between two checks only the epoch protects."""
        if time.monotonic() - self._checked_at < _CHECK_EVERY_S:
            return
        try:
            self._lock.keep()
            if self._own_file is not None:
                self._own_file.check()
        except LeaseTaken as error:
            raise Deposed(f"the lock was lost, and {error}") from error
        self._checked_at = time.monotonic()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


def open_lease(url: str, *, patience_s: float = 0.0) -> SqlLease:
    """The lease of a journal, not yet taken. Taking it waits up to `patience_s` seconds for the
    session of a holder that is dead to end."""
    return SqlLease(parse_url(url), patience_s)


def lock_of(url: URL, patience_s: float = 0.0) -> FileLock | SessionLock:
    """The lock alone, without an epoch: what a migration holds. Entering raises LeaseTaken."""
    return FileLock(url) if is_sqlite(url) else SessionLock(url, patience_s)


def _own_file(url: URL) -> OwnFile | None:
    if not is_sqlite(url):
        return None
    try:
        return OwnFile(sqlite_file(url))
    except sqlite3.Error as error:
        raise JournalError(f"journal {sqlite_file(url)}: {error}") from error


def _next_epoch(url: URL) -> int:
    engine = open_engine(url, busy_ms=CORE_BUSY_MS)
    try:
        with engine.begin() as connection:
            # A transaction of the former core that is under way ends first, or waits for this.
            lock_out_others(connection)
            incremented = (
                sa.update(core_epoch)
                .values(
                    epoch=core_epoch.c.epoch + 1,
                    host=socket.gethostname(),
                    pid=os.getpid(),
                    taken_at=_now(connection),
                )
                .returning(core_epoch.c.epoch)
            )
            return int(connection.execute(incremented).scalar_one())
    except SQLAlchemyError as error:
        # It fails as a whole: whoever tries again has lost nothing.
        raise explain_wait(url, error) from error
    finally:
        engine.dispose()


def _now(connection: Connection) -> sa.ColumnElement[int]:
    """The database's clock: no decision rests on when a lease was taken."""
    if connection.dialect.name == "sqlite":
        return sa.cast(sa.func.strftime("%s", "now"), sa.BigInteger)
    return sa.cast(sa.func.floor(sa.extract("epoch", sa.func.now())), sa.BigInteger)
