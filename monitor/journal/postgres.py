"""Engines on PostgreSQL that never wait for ever.

A server can be reachable and silent: stopped, swapped out, behind a line that drops packets. The
kernel reports a dead line, and the server ends a statement that takes too long. Neither reports a
server that has stopped, so a wait for an answer is also limited by our own clock.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.abc import PQGen
from psycopg.waiting import Ready, Wait
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine

STATEMENT_S = 30
"""The server ends a statement that takes longer: the largest one of the core takes a second."""
ANSWER_S = 40.0
"""After so long without a byte from the server, the wait and its connection are given up."""
STOPPED_MS = 60_000
"""After that the server ends a transaction whose process was stopped, so that others go on."""
CONNECTION_LIMITS = {
    "connect_timeout": 10,
    # For a machine that vanished while we wait for it, and one that no longer takes what we send.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
SERVER_LIMITS = {
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_RV = TypeVar("_RV")


class NoAnswer(psycopg.OperationalError):
    """The server was silent for too long. Whether it executed the statement is not known."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that ends instead of waiting longer than `ANSWER_S` for an answer."""

    def wait(self, gen: PQGen[_RV], *args: Any, **options: Any) -> _RV:
        try:
            return super().wait(_bounded(gen, ANSWER_S), *args, **options)
        except NoAnswer:
            self.pgconn.finish()
            raise


def open_postgres(
    url: URL,
    *,
    lock_ms: int,
    stopped_ms: int = STOPPED_MS,
    name: str = "estado",
    patient: bool = False,
    **options: Any,
) -> Engine:
    """An engine whose waits are bounded. A `patient` one waits for long statements: it is for
    migrations and copies. What the address itself sets (`?connect_timeout=3`) takes precedence."""
    limits = {
        "lock_timeout": lock_ms,
        "statement_timeout": 0 if patient else STATEMENT_S * 1000,
        "idle_in_transaction_session_timeout": 0 if patient else stopped_ms,
        # The server's own end of the line, for a client whose machine has vanished.
        **SERVER_LIMITS,
    }
    given = url.query.get("options", "")
    settings = [f"-c {setting}={value}" for setting, value in limits.items()]
    connect: dict[str, Any] = {
        k: value for k, value in CONNECTION_LIMITS.items() if k not in url.query
    }
    connect |= {"application_name": name, "options": " ".join([*settings, str(given)])}
    engine = sa.create_engine(url, connect_args=connect, **options)
    if not patient:
        event.listen(engine, "do_connect", _connect)
    return engine


def _connect(dialect: object, record: object, args: Any, settings: Any) -> BoundedConnection:
    return BoundedConnection.connect(*args, **settings)


def _bounded(gen: PQGen[_RV], limit_s: float) -> Generator[Wait, Ready | int, _RV]:
    """The same exchange with the socket, ended after `limit_s` seconds of silence. The driver
    reports silence ten times a second."""
    ends = time.monotonic() + limit_s
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if ready:
                ends = time.monotonic() + limit_s
            elif time.monotonic() > ends:
                raise NoAnswer(f"the server has not answered for {limit_s:g} s")
            wanted = gen.send(ready)
    except StopIteration as done:
        result: _RV = done.value
        return result
