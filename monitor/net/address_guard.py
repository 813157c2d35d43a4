"""The address guard: a target may not lead deeper inside a network than it lies itself.

A person or the configuration may name any address. A redirect, a playlist's URI or a name that
now resolves elsewhere was written by somebody else. It may go outwards or sideways, but never from
public to private, nor from a private network into this machine (loopback, 169.254.169.254).

Where the address stands in the URI itself, every visitor is sent to a place that he cannot reach,
or to his own machine: that is the target's fault. Where a name resolves to the address, it may do
so only here (split DNS, a hosts file): that is no failure of the target.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from monitor.net.errors import ADDRESS_REFUSED, LEADS_NOWHERE, ProbeFailure

Ip = IPv4Address | IPv6Address


class Depth(IntEnum):
    """How far inside an address lies. Nobody uses documentation networks, so they are public."""

    PUBLIC = 0
    PRIVATE = 1
    OWN = 2


_OWN = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/127",
        "fe80::/10",
        "ff00::/8",
    )
)
_PRIVATE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "64:ff9b:1::/48",
        "100::/64",
        "fc00::/7",
        "fec0::/10",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")


class Guard:
    """Holds the networks (CIDR) that a target may lead to although they are not public."""

    __slots__ = ("_allowed",)

    def __init__(self, allow: Iterable[str] = ()) -> None:
        """Raises ValueError where an entry is no network."""
        self._allowed: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, allow))

    def check(self, address: str, led_from: str | None, host: str = "") -> None:
        """Raises ProbeFailure where `led_from`, the address that named this one, may not lead to
        it. The class is `leads_nowhere` where the address stands in `host` as the URI has it, else
        `address_refused`. `led_from` is None where a person named the address."""
        if led_from is None:
            return
        wanted = ip_address(address)
        if self._is_allowed(wanted) or depth(wanted) <= depth(ip_address(led_from)):
            return
        raise ProbeFailure(
            LEADS_NOWHERE if stated_address(host) else ADDRESS_REFUSED,
            f"refused to follow from {led_from} to {host or address}, which is not public",
            address=address,
            led_from=led_from,
        )

    def _is_allowed(self, address: Ip) -> bool:
        return any(
            form in network for form in (address, *inner(address)) for network in self._allowed
        )


def stated_address(host: str) -> str | None:
    """The address that stands in a URI as its host, in whatever spelling browsers understand
    (WHATWG URL, "IPv4 parser"); None for a name. `localhost` is an address too (RFC 6761 6.3).

    >>> stated_address("127.1"), stated_address("0x7F000001"), stated_address("0177.0.0.1.")
    ('127.0.0.1', '127.0.0.1', '127.0.0.1')
    >>> stated_address("fe80::1"), stated_address("app.localhost"), stated_address("example.org")
    ('fe80::1', '127.0.0.1', None)
    """
    bare = host.lower().removesuffix(".")
    if bare == "localhost" or bare.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return str(ip_address(host))
    except ValueError:
        return _loose_ipv4(bare)


def _loose_ipv4(host: str) -> str | None:
    """One to four numbers, each decimal, octal or hexadecimal; the last one fills what is left."""
    numbers = [_number(part) for part in host.split(".")]
    if len(numbers) > 4 or None in numbers:
        return None
    *first, last = (number for number in numbers if number is not None)
    if any(number > 255 for number in first) or last >= 256 ** (4 - len(first)):
        return None
    return str(IPv4Address(last + sum(n << 8 * (3 - place) for place, n in enumerate(first))))


def _number(part: str) -> int | None:
    """
    >>> _number("0x1f"), _number("010"), _number("9"), _number("0x"), _number("09"), _number("a")
    (31, 8, 9, 0, None, None)
    """
    if not (part.isascii() and part.isalnum()) or len(part) > 40:
        return None
    base, digits = (16, part[2:]) if part.startswith("0x") else (10, part)
    if base == 10 and len(part) > 1 and part.startswith("0"):
        base = 8
    try:
        return int(digits or "0", base)
    except ValueError:
        return None


def depth(address: Ip) -> Depth:
    """The greatest depth of any form of an address.

    >>> depth(ip_address("::ffff:10.0.0.1")).name, depth(ip_address("2002:a9fe:a9fe::1")).name
    ('PRIVATE', 'OWN')
    >>> depth(ip_address("203.0.113.9")).name
    'PUBLIC'
    """
    if any(address in network for network in _OWN):
        return Depth.OWN
    own = Depth.PRIVATE if any(address in network for network in _PRIVATE) else Depth.PUBLIC
    return max((own, *(depth(form) for form in inner(address))))


def inner(address: Ip) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 one carries: mapped, compatible, 6to4, Teredo (server and
    client), NAT64.

    >>> inner(ip_address("64:ff9b::7f00:1"))
    (IPv4Address('127.0.0.1'),)
    """
    if isinstance(address, IPv4Address):
        return ()
    found = [form for form in (address.ipv4_mapped, address.sixtofour) if form is not None]
    found.extend(address.teredo or ())
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        found.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    return tuple(found)
