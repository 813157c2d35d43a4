"""Nothing leaves the machine during the tests: sockets reach loopback alone.

An audit hook sees every connect and send of this process before the kernel does, whatever class or
loop made the socket (uvloop excepted: it calls libuv). A process in a network namespace other than
the one where the tests began is free: nothing leaves it anyway.

Code under test may well turn the refusal into an observation, so refusals are kept too, and
`tests/conftest.py` fails the test that caused them.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from pathlib import Path

_SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKING_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})
_HOME = "ESTADO_TESTS_NETNS"
_OUR_NAME = socket.gethostname()

refused: list[str] = []


class NetworkBlockedError(RuntimeError):
    """A test tried to reach something beyond loopback. No OSError: no probe should expect it."""


def install() -> None:
    """Block this process from now on; workers that it starts know where home was."""
    os.environ.setdefault(_HOME, _namespace())
    sys.addaudithook(_watch)


def is_local(host: str) -> bool:
    """Whether a host, as a socket call is given it, stays on this machine.

    >>> [is_local(h) for h in ("127.8.9.1", "::1", "::ffff:127.0.0.1", "localhost", "192.0.2.1")]
    [True, True, True, True, False]
    """
    if host in ("", "localhost", _OUR_NAME) or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    # Connecting to the unspecified address reaches this machine too.
    return (mapped or address).is_loopback or address.is_unspecified


def _watch(event: str, args: tuple[object, ...]) -> None:
    if event in _SENDING:
        sock, address = args[0], args[1]
        if isinstance(sock, socket.SocketType) and sock.family not in _INTERNET:
            return
        if isinstance(address, tuple):
            _refuse_unless_local(event, address[0])
    elif event in _LOOKING_UP and not _is_literal(args[0]):
        _refuse_unless_local(event, args[0])


def _refuse_unless_local(event: str, host: object) -> None:
    name = _text(host)
    if is_local(name) or os.environ.get(_HOME) != _namespace():
        return
    refused.append(f"{event} to {name}")
    raise NetworkBlockedError(refused[-1])


def _is_literal(host: object) -> bool:
    """Whether there is nothing to look up: an address, or none."""
    try:
        ipaddress.ip_address(_text(host).partition("%")[0])
    except ValueError:
        return host is None
    return True


def _text(host: object) -> str:
    if isinstance(host, bytes | bytearray):
        return host.decode("ascii", "replace")
    return "" if host is None else str(host)


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/net").readlink())
    except OSError:
        return "unknown"
