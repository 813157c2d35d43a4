"""The journal over SQLAlchemy Core."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from monitor.journal.database import (
    CORE_BUSY_MS,
    GUEST_STOPPED_MS,
    HELD_BUSY_MS,
    explain,
    explain_wait,
    is_sqlite,
    open_engine,
    open_reading,
    parse_url,
    sqlite_file,
    wait_no_longer,
)
from monitor.journal.locks.ports import Lease
from monitor.journal.ports import JournalBusy, JournalError
from monitor.journal.schema import require_current, require_current_in
from monitor.journal.transaction import SqlTransaction, check_epoch, lock_out_others
from monitor.results.log.ports import FoldKey
from monitor.runtime.kill_points import reached


class SqlJournal:
    """A journal that is open until `close`; also a context manager.

    With `is_reading` it waits for nobody, keeps nobody waiting, and cannot write. Each transaction
    first checks that the schema is this version's.

    With an epoch it belongs to a core: each transaction first checks that the epoch is still in
    force. With the lease it also checks that nobody else could take it. A core waits for another
    transaction for a short time only, and for a shorter one after it has waited in vain.
    """

    def __init__(
        self,
        url: URL,
        engine: Engine,
        epoch: int | None = None,
        lease: Lease | None = None,
        *,
        is_reading: bool = False,
    ) -> None:
        self._url = url
        self._engine = engine
        self._epoch = epoch
        self._lease = lease
        self._is_reading = is_reading
        self._subjects: dict[FoldKey, int] = {}
        self._is_held = False

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Read and write as one unit. Raises Deposed, JournalBusy where another transaction holds
        the journal, or JournalError where the database fails."""
        if self._lease is not None:
            self._lease.keep()
        has_begun = False
        try:
            with self._engine.connect() as connection:
                if self._epoch is not None:
                    wait_no_longer(connection, HELD_BUSY_MS if self._is_held else CORE_BUSY_MS)
                begun = connection.begin()
                try:
                    tx = self._begin(connection)
                    has_begun, self._is_held = True, False
                    yield tx
                except BaseException:
                    begun.rollback()
                    raise
                reached("journal.commit.before")
                begun.commit()
                reached("journal.commit.after")
            self._subjects |= tx.subjects.new
        except SQLAlchemyError as error:
            raise self._explained(error, has_begun=has_begun) from error

    @contextmanager
    def snapshot(self) -> Iterator[SqlTransaction]:
        """Read one moment of the journal beside all transactions, with a connection of its own.
        Raises JournalError."""
        try:
            with open_reading(self._url).connect() as connection, connection.begin():
                require_current_in(connection, self._url)
                yield SqlTransaction(connection, self._subjects)
        except SQLAlchemyError as error:
            raise explain(self._url, error) from error

    def _explained(self, error: SQLAlchemyError, *, has_begun: bool) -> JournalError:
        if has_begun:
            return explain(self._url, error)
        explained = explain_wait(self._url, error)
        self._is_held = isinstance(explained, JournalBusy)
        return explained

    def _begin(self, connection: Connection) -> SqlTransaction:
        if self._is_reading:
            require_current_in(connection, self._url)
        else:
            lock_out_others(connection)
        if self._epoch is not None:
            check_epoch(connection, self._epoch)
        return SqlTransaction(connection, self._subjects)

    def is_erased(self) -> bool:
        """Whether nothing is left of what was deleted before: in SQLite the log of writes held it
        still, and is copied and cut here. False where a reader is in the way: ask again. What
        PostgreSQL deletes goes with its own vacuum. Raises JournalError."""
        if not is_sqlite(self._url):
            return True
        try:
            with self._engine.connect() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None  # noqa: S101 - it was connected a line above
                (is_busy, *_) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise JournalError(f"the journal's log of writes was not cut: {error}") from error
        return not is_busy

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> SqlJournal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_journal(url: str, *, epoch: int | None = None, lease: Lease | None = None) -> SqlJournal:
    """Open a journal whose schema is current. A core passes its epoch and its lease, a command
    neither.

    Raises JournalError, which says what to do where the schema is not this version's.
    """
    parsed = parse_url(url)
    require_current(parsed)
    if epoch is None:
        return SqlJournal(parsed, open_engine(parsed, stopped_ms=GUEST_STOPPED_MS))
    return SqlJournal(parsed, open_engine(parsed, busy_ms=CORE_BUSY_MS), epoch, lease)


def open_journal_to_read(url: str) -> SqlJournal:
    """Open a journal without a lease, to read it while a core writes. Raises JournalError where
    there is none; what it holds is asked by each transaction."""
    parsed = parse_url(url)
    if is_sqlite(parsed) and not sqlite_file(parsed).exists():
        require_current(parsed)
    return SqlJournal(parsed, open_reading(parsed), is_reading=True)
