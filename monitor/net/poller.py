"""Which sockets are ready, asked of an epoll of our own that the loop watches as one descriptor.

The loop's `add_reader` and `remove_reader` cost uvloop six system calls and a handle each time.
A check run opens a new socket, so it cannot spread that cost over several waits. Here a wait is one
system call, and closing the socket ends its registration.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.net.coroutine_driver import Waitable

READ = select.EPOLLIN
WRITE = select.EPOLLOUT
_AT_ONCE = 64
"""Events taken in one poll; the loop polls again while there are more."""
_ROUNDS = 16
"""How often `drain` polls at most: a peer that floods always has more."""


class Poller:
    """One per loop (`poller_of`), open while anybody holds it."""

    __slots__ = ("_epoll", "_holders", "_loop", "_waits")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._waits: dict[int, Waitable | None] = {}
        self._holders = 0
        loop.add_reader(self._epoll.fileno(), self._on_ready)

    def hold(self) -> None:
        """Keep it open. Each check run does so; a role that runs checks does so all the while."""
        self._holders += 1

    def release(self) -> None:
        self._holders -= 1
        if not self._holders:
            del _pollers[self._loop]
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()

    def watch(self, fd: int, event: int, waitable: Waitable) -> None:
        """End the wait once the descriptor is ready, or broken. A descriptor has one wait at a
        time: a new one replaces the old one. Raises OSError."""
        try:
            if fd in self._waits:
                self._epoll.modify(fd, event | select.EPOLLONESHOT)
            else:
                self._epoll.register(fd, event | select.EPOLLONESHOT)
        except FileNotFoundError:
            # A socket of that number was closed without `forget`.
            self._epoll.register(fd, event | select.EPOLLONESHOT)
        except FileExistsError:
            self._epoll.modify(fd, event | select.EPOLLONESHOT)
        self._waits[fd] = waitable

    def forget(self, fd: int) -> None:
        """Call it before the descriptor is closed: afterwards another socket may get the number."""
        self._waits.pop(fd, None)

    def drain(self) -> None:
        """Continue every run whose descriptor is ready, as far as the ready data goes. It is called
        before a deadline strikes, because a late loop may call its timers first."""
        self.hold()
        try:
            for _ in range(_ROUNDS):
                if not self._on_ready():
                    return
        finally:
            self.release()

    def _on_ready(self) -> bool:
        """Whether any descriptor was ready."""
        # All are looked up before any continues: a run that continues may close a descriptor of
        # this batch and open another one of the same number.
        ended = [self._taken(fd) for fd, _ in self._epoll.poll(0, _AT_ONCE)]
        for waitable in ended:
            if waitable is not None:
                self._end(waitable)
        return bool(ended)

    def _end(self, waitable: Waitable) -> None:
        """An error of one wait must not keep the others of its batch from waking up."""
        try:
            waitable.end()
        except Exception as error:  # noqa: BLE001 - reported; the next wait goes on
            self._loop.call_exception_handler({"message": "a wait broke", "exception": error})

    def _taken(self, fd: int) -> Waitable | None:
        waitable = self._waits.get(fd)
        if waitable is not None:
            self._waits[fd] = None
        return waitable


_pollers: dict[asyncio.AbstractEventLoop, Poller] = {}


def poller_of(loop: asyncio.AbstractEventLoop) -> Poller:
    """The loop's poller, made where nobody holds one. The caller must `hold` it at once."""
    poller = _pollers.get(loop)
    if poller is None:
        poller = _pollers[loop] = Poller(loop)
    return poller


@contextmanager
def held_open() -> Iterator[None]:
    """For a role that runs checks again and again: the loop's poller stays open meanwhile."""
    poller = poller_of(asyncio.get_running_loop())
    poller.hold()
    try:
        yield
    finally:
        poller.release()
