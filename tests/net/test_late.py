"""A loop that comes round late reads what is ready before it believes a deadline."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from monitor.domain.checks.probe import Context
from monitor.net.connection import Connection
from monitor.net.errors import READ_TIMEOUT, ProbeFailure, TooSlow
from monitor.net.session import Session
from monitor.net.stream import SocketStream

Strike = Callable[[], None]


@contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        yield ours, theirs


def connection_over(run: Session, sock: socket.socket) -> Connection:
    return Connection(run, SocketStream(run, sock), host="peer", peer="peer")


async def two_lines(run: Session, connection: Connection) -> list[bytes]:
    with run:
        return [await connection.read_line(), await connection.read_line()]


def context(strikes: list[Strike]) -> Context:
    """A deadline that is told by the test, and by nobody else."""
    return Context(deadline=monotonic() + 60, at_deadline=strikes.append)


async def test_what_lies_in_the_socket_is_read_before_the_deadline_is_believed() -> None:
    strikes: list[Strike] = []
    with pair() as (ours, theirs):
        run = Session(context(strikes))
        talk = run.drive(two_lines(run, connection_over(run, ours)))
        theirs.send(b"220 ready\r\n250 ok\r\n")
        strikes[0]()
        assert talk.result() == [b"220 ready", b"250 ok"]


async def test_what_is_missing_then_has_come_too_late() -> None:
    strikes: list[Strike] = []
    with pair() as (ours, theirs):
        run = Session(context(strikes))
        talk = run.drive(two_lines(run, connection_over(run, ours)))
        theirs.send(b"220 ready\r\n")
        strikes[0]()
        with pytest.raises(ProbeFailure) as fault:
            talk.result()
    assert fault.value.failure in (READ_TIMEOUT, "total_timeout")


async def test_a_peer_that_floods_does_not_put_the_deadline_off() -> None:
    strikes: list[Strike] = []
    with pair() as (ours, theirs):
        run = Session(context(strikes))
        connection = connection_over(run, ours)
        theirs.setblocking(False)

        async def swallow() -> None:
            with run:
                while True:
                    await connection.read_some()
                    theirs.send(b"x" * 100)

        talk = run.drive(swallow())
        theirs.send(b"x")
        strikes[0]()
        with pytest.raises(ProbeFailure):
            talk.result()


async def test_a_stall_puts_a_share_of_the_time_off_too() -> None:
    lost = [0.0]
    with pair() as (ours, theirs):
        began = monotonic()
        with Session(Context(deadline=began + 60, stalled_s=lambda: lost[0])) as run:
            connection = connection_over(run, ours)
            until = run.now() + 0.02
            lost[0] = 0.08
            with pytest.raises(TooSlow):
                await connection.read_some(until)
            assert monotonic() - began >= 0.09
            theirs.send(b"late")
            assert await connection.read_some() == b"late"


async def test_a_deadline_of_the_runs_own_lies_later_by_a_stall() -> None:
    lost = [0.0]
    with pair() as (ours, _):
        began = monotonic()
        with Session(Context(deadline=began + 0.02, stalled_s=lambda: lost[0])) as run:
            lost[0] = 0.08
            with pytest.raises(ProbeFailure):
                await connection_over(run, ours).read_line()
            assert monotonic() - began >= 0.09
