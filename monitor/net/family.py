"""Which family of addresses a check run uses, and in which order addresses are tried."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from enum import StrEnum

from monitor.net.stream import family_of, socket_address


class Family(StrEnum):
    """`any`: IPv6 first where this machine has a route there (RFC 6724), then IPv4."""

    IPV4 = "4"
    IPV6 = "6"
    ANY = "any"


def in_order(addresses: Iterable[str], family: Family) -> tuple[str, ...]:
    """The addresses of a family, in the order in which to try them.

    >>> in_order(["::1", "127.0.0.1"], Family.IPV4)
    ('127.0.0.1',)
    """
    unique = tuple(dict.fromkeys(addresses))
    if family is Family.ANY and len(unique) == 1:
        return unique
    four = tuple(address for address in unique if ":" not in address)
    six = tuple(address for address in unique if ":" in address)
    if family is not Family.ANY:
        return four if family is Family.IPV4 else six
    if not four or not six:
        return unique
    return (*six, *four) if _has_way_to(six[0]) else (*four, *six)


def _has_way_to(address: str) -> bool:
    """Whether a route exists. Connecting a datagram socket asks the kernel and sends nothing."""
    try:
        with socket.socket(family_of(address), socket.SOCK_DGRAM) as sock:
            sock.connect(socket_address(address, 9))
    except OSError:
        return False
    return True
