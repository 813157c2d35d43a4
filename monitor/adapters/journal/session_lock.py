"""The lock of a PostgreSQL journal: an advisory lock of a session of its own."""

from __future__ import annotations

import os
import socket
from types import TracebackType

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from monitor.adapters.journal.database import explain
from monitor.ports.lease import LeaseTaken

_KEY = 0x0E57AD0
"""Advisory locks are numbers of the whole database; their second half is the journal's schema."""
_TAKE = sa.text("SELECT pg_try_advisory_lock(:key, hashtext(current_schema()))")
_HOLDER = sa.text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = CAST(:key AS oid) "
    # Object ids are unsigned, the hash is not.
    "AND l.objid = CAST(CAST(hashtext(current_schema()) AS bigint) & 4294967295 AS oid) "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_NAME_LENGTH = 63
"""What PostgreSQL keeps of an application's name."""


class SessionLock:
    """The session's name says who holds it; its end, however it comes, frees the lock."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._engine: Engine | None = None
        self._session: Connection | None = None

    def __enter__(self) -> None:
        self._engine = sa.create_engine(
            self._url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"application_name": _own_name()},
        )
        try:
            self._session = self._engine.connect()
            self._take(self._session)
        except SQLAlchemyError as error:
            self._close()
            raise explain(self._url, error) from error
        except LeaseTaken:
            self._close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _take(self, session: Connection) -> None:
        # A machine that vanished answers no more; the server notices within half a minute.
        for setting, value in (("idle", 10), ("interval", 5), ("count", 3)):
            session.execute(sa.text(f"SET tcp_keepalives_{setting} = {value}"))
        if not session.execute(_TAKE, {"key": _KEY}).scalar_one():
            raise LeaseTaken(f"another core holds this journal: {_holder(session)}; stop it first")

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def _own_name() -> str:
    pid = f" (pid {os.getpid()})"
    return f"on {socket.gethostname()}"[: _NAME_LENGTH - len(pid)] + pid


def _holder(session: Connection) -> str:
    named = session.execute(_HOLDER, {"key": _KEY}).scalar()
    return str(named or "its session has just ended, try again")
