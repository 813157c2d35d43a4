"""Datagrams over a connected socket: a closed port answers at once (ECONNREFUSED), and nobody
but the server asked can answer."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Sequence

from monitor.net.faults import of_os_error
from monitor.net.run import Run
from monitor.net.stream import family_of, socket_address

_DATAGRAM_LIMIT = 65535
Accept = Callable[[bytes], bool]
"""Whether a datagram is one that was waited for; strays are passed over."""


async def ask(
    run: Run,
    server: tuple[str, int],
    queries: Sequence[tuple[bytes, Accept]],
    until: float | None = None,
) -> list[bytes]:
    """Send each query to one server; the accepted answers in the order of the queries.

    Raises Fault, or TooSlow once `until` has come.
    """
    address, port = server
    kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    try:
        sock = socket.socket(family_of(address), kind)
    except OSError as error:
        raise of_os_error(error, "opening a socket") from error
    with sock:
        try:
            sock.connect(socket_address(address, port))
            for payload, _ in queries:
                sock.send(payload)
            return await _Exchange(run, sock, [accept for _, accept in queries]).wait(until)
        except OSError as error:
            raise of_os_error(error, f"asking {address} port {port}") from error


class _Exchange:
    """The answers of one socket until each query has its own."""

    __slots__ = ("_accepts", "_found", "_run", "_sock", "_waiter")

    def __init__(self, run: Run, sock: socket.socket, accepts: Sequence[Accept]) -> None:
        self._run = run
        self._sock = sock
        self._accepts = accepts
        self._found: list[bytes | None] = [None] * len(accepts)
        self._waiter: asyncio.Future[list[bytes]] = run.loop.create_future()

    async def wait(self, until: float | None) -> list[bytes]:
        fd = self._sock.fileno()
        self._run.loop.add_reader(fd, self._on_readable)
        try:
            return await self._run.wait(self._waiter, until)
        finally:
            self._run.loop.remove_reader(fd)

    def _on_readable(self) -> None:
        if self._waiter.done():
            return
        try:
            received = self._sock.recv(_DATAGRAM_LIMIT)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._waiter.set_exception(error)
            return
        self._file(received)
        answers = [answer for answer in self._found if answer is not None]
        if len(answers) == len(self._found):
            self._waiter.set_result(answers)

    def _file(self, received: bytes) -> None:
        for index, accept in enumerate(self._accepts):
            if self._found[index] is None and accept(received):
                self._found[index] = received
                return


def framed(message: bytes) -> bytes:
    """A DNS message as TCP carries it: its length before it (RFC 1035 4.2.2)."""
    return struct.pack("!H", len(message)) + message
