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

from monitor.net.coroutine_driver import Waitable

READ = select.EPOLLIN
WRITE = select.EPOLLOUT
_AT_ONCE = 64
"""Events taken in one go; the loop asks again while there are more."""
_ROUNDS = 16
"""How often `drain` asks: a peer that floods has more for ever."""


class Poller:
    """One a loop (`poller_of`), open while anybody holds it."""

    __slots__ = ("_epoll", "_holders", "_loop", "_waits")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._waits: dict[int, Waitable | None] = {}
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

    def watch(self, fd: int, event: int, wait: Waitable) -> None:
        """End the wait once the descriptor is ready, or broken. A descriptor has one at a time: a
        new one takes the old one's place. Raises OSError."""
        try:
            if fd in self._waits:
                self._epoll.modify(fd, event | select.EPOLLONESHOT)
            else:
                self._epoll.register(fd, event | select.EPOLLONESHOT)
        except FileNotFoundError:
            # Somebody closed a socket of that number and had nothing forgotten.
            self._epoll.register(fd, event | select.EPOLLONESHOT)
        except FileExistsError:
            self._epoll.modify(fd, event | select.EPOLLONESHOT)
        self._waits[fd] = wait

    def forget(self, fd: int) -> None:
        """Call it before the descriptor is closed: its number is another socket's then."""
        self._waits.pop(fd, None)

    def drain(self) -> None:
        """Let everybody go on whose descriptor is ready, as far as what is ready takes them. Before
        a deadline is believed: a loop that comes round late may have its timers' turn first."""
        self.hold()
        try:
            for _ in range(_ROUNDS):
                if not self._on_ready():
                    return
        finally:
            self.release()

    def _on_ready(self) -> bool:
        """Whether anything was."""
        # All are looked up before any goes on: who goes on may close a descriptor of this very
        # batch, and open another one of the same number.
        ended = [self._taken(fd) for fd, _ in self._epoll.poll(0, _AT_ONCE)]
        for wait in ended:
            if wait is not None:
                self._end(wait)
        return bool(ended)

    def _end(self, wait: Waitable) -> None:
        """What one wait raises must not cost the others of its batch their wake-up."""
        try:
            wait.end()
        except Exception as error:  # noqa: BLE001 - told, and the next one has its turn
            self._loop.call_exception_handler({"message": "a wait broke", "exception": error})

    def _taken(self, fd: int) -> Waitable | None:
        wait = self._waits.get(fd)
        if wait is not None:
            self._waits[fd] = None
        return wait


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
