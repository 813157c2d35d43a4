"""Which sockets are ready, asked of an epoll of our own that the loop watches as one descriptor.

The loop's `add_reader` and `remove_reader` cost uvloop six system calls and a handle a time, which
a look with its fresh socket cannot spread over anything. Here a wait is one system call, and
closing the socket ends its registration.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Iterator
from contextlib import contextmanager

READ = select.EPOLLIN
WRITE = select.EPOLLOUT
_AT_ONCE = 64
"""Events taken in one go; the loop asks again while there are more."""


class Poller:
    """One a loop (`poller_of`), open while anybody holds it."""

    __slots__ = ("_epoll", "_holders", "_loop", "_waiters")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._waiters: dict[int, asyncio.Future[None] | None] = {}
        self._holders = 0
        loop.add_reader(self._epoll.fileno(), self._on_ready)

    def hold(self) -> None:
        """Each look does, and who looks time after time does so all the while."""
        self._holders += 1

    def release(self) -> None:
        self._holders -= 1
        if not self._holders:
            del _pollers[self._loop]
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()

    def watch(self, fd: int, event: int, waiter: asyncio.Future[None]) -> None:
        """Give `waiter` its result once the descriptor is ready, or broken. A descriptor has one
        waiter at a time: a new one takes the old one's place."""
        if fd in self._waiters:
            self._epoll.modify(fd, event | select.EPOLLONESHOT)
        else:
            self._epoll.register(fd, event | select.EPOLLONESHOT)
        self._waiters[fd] = waiter

    def forget(self, fd: int) -> None:
        """Call it before the descriptor is closed: its number is another socket's then."""
        self._waiters.pop(fd, None)

    def _on_ready(self) -> None:
        # All are looked up before any is woken: who is woken may close a descriptor of this very
        # batch, and open another one of the same number.
        woken = [self._taken(fd) for fd, _ in self._epoll.poll(0, _AT_ONCE)]
        for waiter in woken:
            if waiter is not None and not waiter.done():
                waiter.set_result(None)

    def _taken(self, fd: int) -> asyncio.Future[None] | None:
        waiter = self._waiters.get(fd)
        if waiter is not None:
            self._waiters[fd] = None
        return waiter


_pollers: dict[asyncio.AbstractEventLoop, Poller] = {}


def poller_of(loop: asyncio.AbstractEventLoop) -> Poller:
    """The loop's own, made where nobody holds one: whoever asks holds it at once."""
    poller = _pollers.get(loop)
    if poller is None:
        poller = _pollers[loop] = Poller(loop)
    return poller


@contextmanager
def kept_open() -> Iterator[None]:
    """For whoever looks time after time: the running loop's poller stays open meanwhile."""
    poller = poller_of(asyncio.get_running_loop())
    poller.hold()
    try:
        yield
    finally:
        poller.release()
