"""Bytes over one non-blocking socket: the plain stream, and how it is dialled.

It uses only `Session.ready`. That costs a fraction of a transport and protocol pair, and nothing
is buffered without our knowledge.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import Protocol

from monitor.net.errors import ProbeFailure, of_os_error
from monitor.net.poller import READ, WRITE
from monitor.net.session import Session

CHUNK = 65536
_UNDER_WAY = frozenset({errno.EINPROGRESS, errno.EALREADY, errno.EWOULDBLOCK})


class Stream(Protocol):
    """What a connection reads from and writes to: a socket, or TLS over one."""

    async def receive(self, until: float | None = None) -> bytes:
        """The next bytes; empty once the other side has closed. Raises ProbeFailure, or TooSlow
        once `until` has come; no byte is lost then."""
        ...

    async def send(self, payload: bytes) -> None:
        """Send all of it. Raises ProbeFailure."""
        ...

    def close(self) -> None: ...


class SocketStream:
    """A connected socket. One receiver at a time; what is not received stays in the kernel."""

    __slots__ = ("_fd", "_run", "_sock")

    def __init__(self, session: Session, sock: socket.SocketType) -> None:
        self._run = session
        self._sock = sock
        self._fd = sock.fileno()

    @property
    def peer(self) -> str:
        """The address at the other end, as the kernel has it."""
        return str(self._sock.getpeername()[0])

    async def receive(self, until: float | None = None) -> bytes:
        while True:
            # Wait each time: a peer that floods must not keep the loop from the other runs.
            await self._run.ready(self._fd, READ, until)
            try:
                received = self._sock.recv(CHUNK)
            except (BlockingIOError, InterruptedError):
                continue
            except OSError as error:
                raise of_os_error(error, "reading") from error
            self._run.flowed()
            return received

    async def send(self, payload: bytes) -> None:
        while (sent := self._send(payload)) < len(payload):
            payload = payload[sent:]
            await self._run.ready(self._fd, WRITE)

    def _send(self, payload: bytes) -> int:
        """Send as much as the kernel takes now; how many bytes that was."""
        try:
            return self._sock.send(payload)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as error:
            raise of_os_error(error, "sending") from error

    def close(self) -> None:
        # Not `_fd`: on a second close that number may belong to another run's socket.
        self._run.poller.forget(self._sock.fileno())
        self._sock.close()


async def dial(
    session: Session, address: str, port: int, until: float | None = None
) -> SocketStream:
    """Connect to a literal address. Raises ProbeFailure, or TooSlow once `until` has come."""
    try:
        sock = _new_socket(address)
    except OSError as error:
        raise of_os_error(error, f"opening a socket for {address}") from error
    try:
        code = _connect(sock, _place(address, port))
        if code in _UNDER_WAY:
            await session.ready(sock.fileno(), WRITE, until)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise _of_code(code, f"connecting to {address} port {port}")
    except BaseException:
        session.poller.forget(sock.fileno())
        sock.close()
        raise
    return SocketStream(session, sock)


def family_of(address: str) -> socket.AddressFamily:
    """The family of a literal address."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def socket_address(address: str, port: int) -> tuple[str, int] | tuple[str, int, int, int]:
    """The address as the kernel needs it; an IPv6 zone (`fe80::1%eth0`) becomes its index."""
    if ":" not in address:
        return (address, port)
    bare, _, zone = address.partition("%")
    index = 0 if not zone else int(zone) if zone.isdigit() else socket.if_nametoindex(zone)
    return (bare, port, 0, index)


def _place(address: str, port: int) -> tuple[str, int] | tuple[str, int, int, int]:
    """As `socket_address`. Raises ProbeFailure for a zone that is no interface."""
    try:
        return socket_address(address, port)
    except OSError as error:
        raise of_os_error(error, f"the zone of {address}") from error


def _new_socket(address: str) -> socket.SocketType:
    # The C type: what `socket.socket` adds to it (files, timeouts by default) is not used.
    kind = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    sock = socket.SocketType(family_of(address), kind)
    # A request that follows a handshake must not wait for the acknowledgement of its last flight.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _connect(sock: socket.SocketType, where: tuple[str, int] | tuple[str, int, int, int]) -> int:
    """Begin to connect; 0 where the connection stands. To an address of this machine the handshake
    is over when the first call returns, but only a second call says so."""
    code = sock.connect_ex(where)
    if code in _UNDER_WAY:
        code = sock.connect_ex(where)
    return 0 if code == errno.EISCONN else code


def _of_code(code: int, doing: str) -> ProbeFailure:
    return of_os_error(OSError(code, os.strerror(code)), doing)
