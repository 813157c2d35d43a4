"""Datagrams over a connected socket: a closed port answers at once (ECONNREFUSED), and nobody
but the server asked can answer."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Sequence

from monitor.net.faults import of_os_error
from monitor.net.poller import READ
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
    try:
        sock.connect(socket_address(address, port))
        for payload, _ in queries:
            sock.send(payload)
        return await _answers(run, sock, [accept for _, accept in queries], until)
    except OSError as error:
        raise of_os_error(error, f"asking {address} port {port}") from error
    finally:
        run.poller.forget(sock.fileno())
        sock.close()


async def _answers(
    run: Run, sock: socket.socket, accepts: Sequence[Accept], until: float | None
) -> list[bytes]:
    """What the socket brings until each query has its own. Raises OSError as well."""
    found: dict[int, bytes] = {}
    while len(found) < len(accepts):
        await run.ready(sock.fileno(), READ, until)
        try:
            received = sock.recv(_DATAGRAM_LIMIT)
        except (BlockingIOError, InterruptedError):
            continue
        for index, accept in enumerate(accepts):
            if index not in found and accept(received):
                found[index] = received
                break
    return [found[index] for index in range(len(accepts))]


def framed(message: bytes) -> bytes:
    """A DNS message as TCP carries it: its length before it (RFC 1035 4.2.2)."""
    return struct.pack("!H", len(message)) + message
