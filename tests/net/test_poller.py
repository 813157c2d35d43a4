"""Readiness by an epoll of our own: one wake a wait, never another's, nothing left open."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.net.coroutine_driver import Waitable
from monitor.net.poller import READ, WRITE, Poller, held_open, poller_of


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


@contextmanager
def polling() -> Iterator[Poller]:
    with held_open():
        yield poller_of(asyncio.get_running_loop())


async def over(wait: Waitable) -> None:
    async with asyncio.timeout(5):
        await wait


async def test_it_ends_a_wait_once_the_descriptor_is_ready() -> None:
    with polling() as poller, pairs(1) as [(ours, theirs)]:
        readable, writable = Waitable(None), Waitable(None)
        poller.watch(ours.fileno(), READ, readable)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await readable
        readable = Waitable(None)
        poller.watch(ours.fileno(), READ, readable)
        theirs.send(b"x")
        await over(readable)
        poller.watch(ours.fileno(), WRITE, writable)
        await over(writable)


async def test_it_ends_a_wait_on_a_connection_that_broke() -> None:
    with polling() as poller, pairs(1) as [(ours, theirs)]:
        wait = Waitable(None)
        poller.watch(ours.fileno(), READ, wait)
        theirs.close()
        await over(wait)


async def test_it_is_quiet_about_bytes_that_nobody_waits_for() -> None:
    with polling() as poller, pairs(1) as [(ours, theirs)]:
        wait = Waitable(None)
        poller.watch(ours.fileno(), READ, wait)
        theirs.send(b"x")
        await over(wait)
        # Still unread.
        assert poller._epoll.poll(0) == []


async def test_it_takes_no_event_for_another_socket_of_the_same_number() -> None:
    """Both are ready in one batch; who goes on first closes the second and opens a third."""
    ended: list[str] = []

    class Noting(Waitable):
        def __init__(self, name: str, then: Callable[[], None] = lambda: None) -> None:
            super().__init__(None)
            self.name, self.then = name, then

        def end(self, error: Exception | None = None) -> None:
            ended.append(self.name)
            self.then()

    with polling() as poller, pairs(3) as [(a, a_far), (b, b_far), (quiet, _)]:
        number = b.fileno()

        def replace() -> None:
            poller.forget(number)
            os.dup2(quiet.fileno(), number)
            poller.watch(number, READ, Noting("third"))

        poller.watch(a.fileno(), READ, Noting("first", replace))
        poller.watch(number, READ, Noting("second"))
        a_far.send(b"x")
        b_far.send(b"x")
        poller._on_ready()
        assert ended == ["first", "second"]


async def test_it_is_open_only_while_somebody_holds_it() -> None:
    before = open_epolls()
    with held_open():
        with held_open():
            assert open_epolls() == before + 1
        assert open_epolls() == before + 1
    assert open_epolls() == before
    with held_open():
        assert open_epolls() == before + 1
    assert open_epolls() == before


async def test_a_wait_that_breaks_costs_the_others_of_its_batch_nothing() -> None:
    class Broken(Waitable):
        def end(self, error: Exception | None = None) -> None:
            raise LookupError("a bug")

    told: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    with polling() as poller, pairs(2) as [(one, its), (other, others)]:
        wait = Waitable(None)
        poller.watch(one.fileno(), READ, Broken(None))
        poller.watch(other.fileno(), READ, wait)
        its.send(b"x")
        others.send(b"x")
        await over(wait)
        assert [str(error) for error in told] == ["a bug"]


async def test_a_number_that_somebody_closed_unforgotten_can_be_watched_again() -> None:
    with polling() as poller:
        with pairs(1) as [(ours, _)]:
            poller.watch(ours.fileno(), READ, Waitable(None))
            number = ours.fileno()
        with pairs(1) as [(ours, theirs)]:
            assert number in (ours.fileno(), theirs.fileno())
            again, peer = (ours, theirs) if ours.fileno() == number else (theirs, ours)
            wait = Waitable(None)
            poller.watch(number, READ, wait)
            peer.send(b"x")
            await over(wait)
            poller.forget(again.fileno())
