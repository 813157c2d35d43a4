"""Readiness by an epoll of our own: one wake a wait, never another's, nothing left open."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.net.poller import READ, WRITE, kept_open, poller_of


def open_epolls() -> int:
    """How many epolls this process has open, the loop's own with them."""
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found += "eventpoll" in str(entry.readlink())
        except FileNotFoundError:
            continue
    return found


@contextmanager
def pairs(count: int) -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    made = [socket.socketpair() for _ in range(count)]
    try:
        yield made
    finally:
        for pair in made:
            for end in pair:
                end.close()


async def test_it_wakes_who_waits_once_the_descriptor_is_ready() -> None:
    loop = asyncio.get_running_loop()
    with kept_open(), pairs(1) as [(ours, theirs)]:
        readable: asyncio.Future[None] = loop.create_future()
        poller_of(loop).watch(ours.fileno(), READ, readable)
        await asyncio.sleep(0)
        assert not readable.done()
        theirs.send(b"x")
        await asyncio.wait_for(readable, 5)
        writable: asyncio.Future[None] = loop.create_future()
        poller_of(loop).watch(ours.fileno(), WRITE, writable)
        await asyncio.wait_for(writable, 5)


async def test_it_wakes_who_waits_on_a_connection_that_broke() -> None:
    loop = asyncio.get_running_loop()
    with kept_open(), pairs(1) as [(ours, theirs)]:
        waiter: asyncio.Future[None] = loop.create_future()
        poller_of(loop).watch(ours.fileno(), READ, waiter)
        theirs.close()
        await asyncio.wait_for(waiter, 5)


async def test_it_is_quiet_about_bytes_that_nobody_waits_for() -> None:
    loop = asyncio.get_running_loop()
    with kept_open(), pairs(2) as [(ours, theirs), (other, far)]:
        poller = poller_of(loop)
        first: asyncio.Future[None] = loop.create_future()
        poller.watch(ours.fileno(), READ, first)
        theirs.send(b"x")
        await asyncio.wait_for(first, 5)
        # Unread as yet; another socket's event does not bring it up again.
        second: asyncio.Future[None] = loop.create_future()
        poller.watch(other.fileno(), READ, second)
        assert poller._epoll.poll(0) == []
        far.send(b"x")
        await asyncio.wait_for(second, 5)


async def test_it_takes_no_event_for_another_socket_of_the_same_number() -> None:
    """Both are ready in one batch; who is woken first closes the second and opens a third."""
    loop = asyncio.get_running_loop()
    with kept_open(), pairs(2) as [(a, a_far), (b, b_far)], pairs(1) as [(quiet, _)]:
        poller = poller_of(loop)
        number = b.fileno()
        third: asyncio.Future[None] = loop.create_future()

        class Replacing(asyncio.Future[None]):
            def set_result(self, result: None) -> None:
                super().set_result(result)
                poller.forget(number)
                os.dup2(quiet.fileno(), number)
                poller.watch(number, READ, third)

        poller.watch(a.fileno(), READ, Replacing())
        poller.watch(number, READ, loop.create_future())
        a_far.send(b"x")
        b_far.send(b"x")
        poller._on_ready()
        assert not third.done()


async def test_it_is_open_only_while_somebody_holds_it() -> None:
    before = open_epolls()
    with kept_open():
        with kept_open():
            assert open_epolls() == before + 1
        assert open_epolls() == before + 1
    assert open_epolls() == before
    with kept_open():
        assert open_epolls() == before + 1
    assert open_epolls() == before
