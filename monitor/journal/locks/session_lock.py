"""The lock of a PostgreSQL journal: an advisory lock of a session of its own.

The session may end while its holder lives: a server that restarts, a cut line, somebody's
`idle_session_timeout`. `keep` notices it, and takes the lock again unless another was faster.
"""

from __future__ import annotations

import os
import socket
import time
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, Row
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from monitor.journal.database import BUSY_MS, explain
from monitor.journal.locks.ports import LeaseTaken
from monitor.journal.ports import JournalError

_KEY = 0x0E57AD0
"""Advisory locks are numbers of the whole database; their second half is the journal's schema."""
_TAKE = sa.text("SELECT pg_try_advisory_lock(:key, hashtext(current_schema()))")
_SELF = sa.text("SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()")
_HOLDER = sa.text(
    "SELECT a.pid, a.application_name AS name, a.query_start "
    "FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = CAST(:key AS oid) "
    # Object ids are unsigned, the hash is not.
    "AND l.objid = CAST(CAST(hashtext(current_schema()) AS bigint) & 4294967295 AS oid) "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_END_SESSION = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid = :pid AND backend_start = :backend_start"
)
_RETRY_S = 0.1
_NAME_LENGTH = 63
"""The length at which PostgreSQL cuts an application's name."""


class SessionLock:
    """The session's name says who holds the lock; the session's end, whatever its cause, frees it.

    A server keeps the session of a killed holder for a while, and that of a holder whose machine
    vanished for half a minute. With `patience_s` a new holder waits for that end, unless the old
    holder's session executes something: the session of a core does so every few seconds.
    """

    def __init__(self, url: URL, patience_s: float = 0.0) -> None:
        self._url = url
        self._patience_s = patience_s
        self._engine: Engine | None = None
        self._session: Connection | None = None
        self._own_session: Row[Any] | None = None

    def __enter__(self) -> None:
        # Imported here: SQLite does not need that driver. The journal has been read by then.
        from monitor.journal.postgres import open_postgres

        self._engine = open_postgres(
            self._url,
            lock_ms=BUSY_MS,
            name=_own_name(),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        try:
            self._open()
        except BaseException:
            self._close()
            raise

    def keep(self) -> None:
        """Check that the lock is held, or take it again. Raises LeaseTaken, or JournalError where
        the server does not answer."""
        if self._session is not None:
            try:
                self._session.execute(_SELF)
            except SQLAlchemyError:
                self._drop()
            else:
                return
        self._open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _open(self) -> None:
        if self._engine is None:
            raise RuntimeError("a lock is kept between entering and leaving")
        try:
            self._session = self._engine.connect()
            self._take(self._session)
        except SQLAlchemyError as error:
            self._drop()
            raise explain(self._url, error) from error
        except (LeaseTaken, JournalError):
            self._drop()
            raise

    def _take(self, session: Connection) -> None:
        if self._own_session is not None:
            # After a cut of the line, the server may keep our former session for long.
            session.execute(_END_SESSION, self._own_session._asdict())
        self._wait(session)
        self._own_session = session.execute(_SELF).one()

    def _wait(self, session: Connection) -> None:
        first, ends = None, time.monotonic() + self._patience_s
        while not session.execute(_TAKE, {"key": _KEY}).scalar_one():
            holder = session.execute(_HOLDER, {"key": _KEY}).first()
            if (
                self._own_session is not None
                and holder is not None
                and holder.pid == self._own_session.pid
            ):
                raise JournalError("the journal's lock is still held by our own former session")
            first = first or holder
            is_alive = holder is not None and holder != first
            if is_alive or time.monotonic() >= ends:
                name = holder.name if holder else "its session has just ended, try again"
                raise LeaseTaken(f"another core holds this journal: {name}; stop it first")
            time.sleep(_RETRY_S)

    def _drop(self) -> None:
        """Close the session, whether it still works or not."""
        session, self._session = self._session, None
        if session is not None:
            session.invalidate()
            session.close()

    def _close(self) -> None:
        self._drop()
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def _own_name() -> str:
    pid = f" (pid {os.getpid()})"
    return f"on {socket.gethostname()}"[: _NAME_LENGTH - len(pid)] + pid
