"""Bytes over one non-blocking socket: the plain stream, and how it is dialled.

It stands on `add_reader` alone, which asyncio's loop and uvloop both have: half the cost of a
transport and protocol pair, and nothing is buffered behind our back.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from typing import Protocol

from monitor.net.faults import Fault, of_os_error
from monitor.net.run import Run

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
    """A connected socket. One receiver at a time; reading happens in the loop's callback."""

    __slots__ = ("_early", "_fd", "_run", "_sock", "_waiter", "_watching")

    def __init__(self, run: Run, sock: socket.socket) -> None:
        self._run = run
        self._sock = sock
        self._fd = sock.fileno()
        self._early: list[bytes | OSError] = []
        self._waiter: asyncio.Future[bytes] | None = None
        self._watching = False

    @property
    def peer(self) -> str:
        """The address at the other end, as the kernel has it."""
        return str(self._sock.getpeername()[0])

    async def receive(self, until: float | None = None) -> bytes:
        if self._early:
            return self._taken(self._early.pop(0))
        waiter: asyncio.Future[bytes] = self._run.loop.create_future()
        self._waiter = waiter
        if not self._watching:
            self._run.loop.add_reader(self._fd, self._on_readable)
            self._watching = True
        try:
            return await self._run.wait(waiter, until)
        except OSError as error:
            raise of_os_error(error, "reading") from error
        finally:
            self._waiter = None

    async def send(self, payload: bytes) -> None:
        rest = memoryview(payload)
        while True:
            try:
                sent = self._sock.send(rest)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError as error:
                raise of_os_error(error, "sending") from error
            if sent == len(rest):
                return
            rest = rest[sent:]
            await _until_writable(self._run, self._fd)

    def close(self) -> None:
        if self._watching:
            self._run.loop.remove_reader(self._fd)
            self._watching = False
        self._sock.close()

    def _on_readable(self) -> None:
        outcome: bytes | OSError
        try:
            outcome = self._sock.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            outcome = error
        waiter = self._waiter
        if waiter is None or waiter.done():
            # Nobody asked yet: keep this one piece and let the kernel hold the rest.
            self._early.append(outcome)
            self._pause()
        elif isinstance(outcome, bytes):
            self._run.flowed()
            waiter.set_result(outcome)
        else:
            waiter.set_exception(outcome)
        if not outcome or isinstance(outcome, OSError):
            self._pause()

    def _taken(self, outcome: bytes | OSError) -> bytes:
        if isinstance(outcome, OSError):
            raise of_os_error(outcome, "reading") from outcome
        self._run.flowed()
        return outcome

    def _pause(self) -> None:
        if self._watching:
            self._run.loop.remove_reader(self._fd)
            self._watching = False


async def dial(run: Run, address: str, port: int, until: float | None = None) -> SocketStream:
    """Connect to a literal address. Raises Fault, or TooSlow once `until` has come."""
    try:
        sock = _new_socket(address)
    except OSError as error:
        raise of_os_error(error, f"opening a socket for {address}") from error
    try:
        code = sock.connect_ex(socket_address(address, port))
        if code in _UNDER_WAY:
            await _until_writable(run, sock.fileno(), until)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise _of_code(code, f"connecting to {address} port {port}")
    except BaseException:
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


def _new_socket(address: str) -> socket.socket:
    kind = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    sock = socket.socket(family_of(address), kind)
    # A request that follows a handshake must not wait for the acknowledgement of its last flight.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _of_code(code: int, doing: str) -> Fault:
    return of_os_error(OSError(code, os.strerror(code)), doing)


async def _until_writable(run: Run, fd: int, until: float | None = None) -> None:
    waiter: asyncio.Future[None] = run.loop.create_future()
    run.loop.add_writer(fd, _wake, waiter)
    try:
        await run.wait(waiter, until)
    finally:
        run.loop.remove_writer(fd)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
