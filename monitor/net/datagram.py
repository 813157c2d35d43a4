"""Datagrams over a connected socket: a closed port answers at once (ECONNREFUSED), and only the
server that was asked can answer."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from monitor.net.errors import ProbeFailure, of_os_error
from monitor.net.poller import READ
from monitor.net.session import Session
from monitor.net.stream import family_of, socket_address

_DATAGRAM_LIMIT = 65535
Server = tuple[str, int]
Accept = Callable[[bytes], bool]
"""Whether a datagram is an expected one; strays are passed over."""


async def query(
    session: Session,
    server: tuple[str, int],
    queries: Sequence[tuple[bytes, Accept]],
    until: float | None = None,
) -> list[bytes]:
    """Send each query to one server. Returns the accepted answers in the order of the queries.

    Raises ProbeFailure, or TooSlow once `until` has come.
    """
    address, port = server
    try:
        sock = _connected(server)
    except OSError as error:
        raise of_os_error(error, f"asking {address} port {port}") from error
    try:
        for payload, _ in queries:
            sock.send(payload)
        return await _answers(session, sock, [accept for _, accept in queries], until)
    except OSError as error:
        raise of_os_error(error, f"asking {address} port {port}") from error
    finally:
        session.poller.forget(sock.fileno())
        sock.close()


async def _answers(
    session: Session, sock: socket.socket, accepts: Sequence[Accept], until: float | None
) -> list[bytes]:
    """Receive until each query has its answer. Raises OSError as well."""
    answers: dict[int, bytes] = {}
    while len(answers) < len(accepts):
        await session.ready(sock.fileno(), READ, until)
        try:
            received = sock.recv(_DATAGRAM_LIMIT)
        except (BlockingIOError, InterruptedError):
            continue
        for index, accept in enumerate(accepts):
            if index not in answers and accept(received):
                answers[index] = received
                break
    return [answers[index] for index in range(len(accepts))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What one of the asked servers sent, or why nothing comes from it."""

    server: Server
    outcome: bytes | ProbeFailure


class Inquiry:
    """A question put to several servers, or to one several times. Use it as a context manager.

    Every socket stays open until the end, because a slow answer to an early attempt is an answer.
    Dropping the socket with each attempt would miss every server that takes longer than that.
    """

    __slots__ = ("_run", "_socks")

    def __init__(self, session: Session) -> None:
        self._run = session
        self._socks: dict[Server, socket.socket] = {}

    def __enter__(self) -> Inquiry:
        return self

    def __exit__(self, *_: object) -> None:
        for server in tuple(self._socks):
            self._drop(server)

    def send(self, server: Server, payloads: Iterable[bytes]) -> None:
        """Ask once, or once more over the same socket. Raises ProbeFailure."""
        try:
            if server not in self._socks:
                self._socks[server] = _connected(server)
            for payload in payloads:
                self._socks[server].send(payload)
        except OSError as error:
            self._drop(server)
            raise of_os_error(error, f"asking {server[0]} port {server[1]}") from error

    async def receive(self, until: float) -> Received:
        """The next datagram of any server, or the failure of one. Raises ProbeFailure at the
        deadline, TooSlow once `until` has come."""
        while True:
            fds = [sock.fileno() for sock in self._socks.values()]
            # Wait each time: a server that floods must not keep the loop from the other runs.
            await self._run.ready_any(fds, READ, until)
            for server, sock in self._socks.items():
                try:
                    return Received(server=server, outcome=sock.recv(_DATAGRAM_LIMIT))
                except (BlockingIOError, InterruptedError):
                    continue
                except OSError as error:
                    self._drop(server)
                    fault = of_os_error(error, f"asking {server[0]} port {server[1]}")
                    return Received(server=server, outcome=fault)

    def _drop(self, server: Server) -> None:
        sock = self._socks.pop(server, None)
        if sock is not None:
            self._run.poller.forget(sock.fileno())
            sock.close()


def _connected(server: Server) -> socket.socket:
    """Raises OSError."""
    address, port = server
    kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    sock = socket.socket(family_of(address), kind)
    try:
        sock.connect(socket_address(address, port))
    except BaseException:
        sock.close()
        raise
    return sock


def framed(message: bytes) -> bytes:
    """A DNS message as TCP carries it: its length comes first (RFC 1035 4.2.2)."""
    return struct.pack("!H", len(message)) + message
