"""Engines on PostgreSQL that never wait for ever.

A server can be there and silent: stopped, swapped out, behind a line that swallows packets. The
kernel tells of a line that is dead, the server of a statement that takes too long; neither tells
of a server that has stopped in its tracks, so a wait for an answer ends by our own clock too.
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
"""Without a byte from the server for so long it is given up, and the connection with it."""
STOPPED_MS = 60_000
"""After that the server ends a transaction whose process has been stopped, so others go on."""
LINE = {
    "connect_timeout": 10,
    # A machine that vanished while we wait for it, and one that no longer takes what we send.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_RV = TypeVar("_RV")


class NoAnswer(psycopg.OperationalError):
    """The server was silent for too long; whether it did what it was asked is not known."""


class BoundedConnection(psycopg.Connection[Any]):
    """Ends instead of waiting longer than `ANSWER_S` for an answer."""

    def wait(self, gen: PQGen[_RV], *args: Any, **options: Any) -> _RV:
        try:
            return super().wait(_bounded(gen, ANSWER_S), *args, **options)
        except NoAnswer:
            self.pgconn.finish()
            raise


def open_postgres(
    url: URL, *, lock_ms: int, name: str = "estado", patient: bool = False, **options: Any
) -> Engine:
    """An engine whose waits are bounded; a `patient` one waits for long statements: it migrates
    or copies. What the address itself sets (`?connect_timeout=3`) is kept."""
    limits = {
        "lock_timeout": lock_ms,
        "statement_timeout": 0 if patient else STATEMENT_S * 1000,
        "idle_in_transaction_session_timeout": 0 if patient else STOPPED_MS,
    }
    given = url.query.get("options", "")
    settings = [f"-c {setting}={value}" for setting, value in limits.items()]
    connect: dict[str, Any] = {k: value for k, value in LINE.items() if k not in url.query}
    connect |= {"application_name": name, "options": " ".join([*settings, str(given)])}
    engine = sa.create_engine(url, connect_args=connect, **options)
    if not patient:
        event.listen(engine, "do_connect", _connect)
    return engine


def _connect(dialect: object, record: object, words: Any, settings: Any) -> BoundedConnection:
    return BoundedConnection.connect(*words, **settings)


def _bounded(gen: PQGen[_RV], limit_s: float) -> Generator[Wait, Ready | int, _RV]:
    """The same conversation with the socket; the driver reports silence ten times a second."""
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
