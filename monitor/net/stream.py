"""Bytes over one non-blocking socket: the plain stream, and how it is dialled.

It stands on `Session.ready` alone: a fraction of the cost of a transport and protocol pair, and
nothing is buffered behind our back.
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
        """The next bytes; empty once the other side has closed. Raises Fault, or TooSlow once
        `until` has come; nothing is lost then."""
        ...

    async def send(self, payload: bytes) -> None:
        """All of it, or Fault."""
        ...

    def close(self) -> None: ...


class SocketStream:
    """A connected socket. One receiver at a time; what nobody asks for stays in the kernel."""

    __slots__ = ("_fd", "_run", "_sock")

    def __init__(self, run: Session, sock: socket.SocketType) -> None:
        self._run = run
        self._sock = sock
        self._fd = sock.fileno()

    @property
    def peer(self) -> str:
        """The address at the other end, as the kernel has it."""
        return str(self._sock.getpeername()[0])

    async def receive(self, until: float | None = None) -> bytes:
        while True:
            # Never without a wait: a peer that floods must not keep the loop from the others.
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
        """As much as the kernel takes now."""
        try:
            return self._sock.send(payload)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as error:
            raise of_os_error(error, "sending") from error

    def close(self) -> None:
        # Not by the number that it had: twice closed, that may be another look's.
        self._run.poller.forget(self._sock.fileno())
        self._sock.close()


async def dial(run: Session, address: str, port: int, until: float | None = None) -> SocketStream:
    """Connect to a literal address. Raises Fault, or TooSlow once `until` has come."""
    try:
        sock = _new_socket(address)
    except OSError as error:
        raise of_os_error(error, f"opening a socket for {address}") from error
    try:
        code = _connect(sock, _place(address, port))
        if code in _UNDER_WAY:
            await run.ready(sock.fileno(), WRITE, until)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise _of_code(code, f"connecting to {address} port {port}")
    except BaseException:
        run.poller.forget(sock.fileno())
        sock.close()
        raise
    return SocketStream(run, sock)


def family_of(address: str) -> socket.AddressFamily:
    """The family of a literal address."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def socket_address(address: str, port: int) -> tuple[str, int] | tuple[str, int, int, int]:
    """What the kernel wants to be told; an IPv6 zone (`fe80::1%eth0`) becomes its index."""
    if ":" not in address:
        return (address, port)
    bare, _, zone = address.partition("%")
    index = 0 if not zone else int(zone) if zone.isdigit() else socket.if_nametoindex(zone)
    return (bare, port, 0, index)


def _place(address: str, port: int) -> tuple[str, int] | tuple[str, int, int, int]:
    """As `socket_address`. Raises Fault for a zone that is no interface's."""
    try:
        return socket_address(address, port)
    except OSError as error:
        raise of_os_error(error, f"the zone of {address}") from error


def _new_socket(address: str) -> socket.SocketType:
    # The C type alone: what `socket.socket` adds to it (files, timeouts by default) is not used.
    kind = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    sock = socket.SocketType(family_of(address), kind)
    # A request that follows a handshake must not wait for the acknowledgement of its last flight.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _connect(sock: socket.SocketType, where: tuple[str, int] | tuple[str, int, int, int]) -> int:
    """Begin; 0 where that was all. On this machine the handshake is over when the call returns,
    only that the call does not say so: asked a second time, it does."""
    code = sock.connect_ex(where)
    if code in _UNDER_WAY:
        code = sock.connect_ex(where)
    return 0 if code == errno.EISCONN else code


def _of_code(code: int, doing: str) -> ProbeFailure:
    return of_os_error(OSError(code, os.strerror(code)), doing)
