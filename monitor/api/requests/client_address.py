"""The client's address: the peer's, or what a trusted web server in front says of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_network

from aiohttp import web

from monitor.domain.ip_address import Address, read_address


def client_of(request: web.Request, trusted: Sequence[str]) -> str:
    """Who sent a request; `trusted` as in `client_address`."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return client_address(
        peer[0] if peer else "", request.headers.getall("X-Forwarded-For", []), trusted
    )


def client_address(peer: str, forwarded: Iterable[str], trusted: Sequence[str]) -> str:
    """`forwarded` are the X-Forwarded-For headers in order. Each trusted server appends whom it
    serves, so that the last address that is none of them is the client; what stands before it
    anybody may have written.

    >>> proxies = ["10.0.0.0/8"]
    >>> client_address("10.0.0.1", ["198.51.100.9, 192.0.2.7, 10.0.0.2"], proxies)
    '192.0.2.7'
    >>> client_address("192.0.2.7", ["198.51.100.9"], proxies)
    '192.0.2.7'
    """
    client = _read(peer)
    if client is None:
        return peer
    networks = [ip_network(text) for text in trusted]
    hops = [hop for header in forwarded for hop in header.split(",")]
    while hops and any(client in network for network in networks):
        before = _read(hops.pop())
        if before is None:
            break
        client = before
    return str(client)


def _read(text: str) -> Address | None:
    """An address, also with its port."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return read_address(bare.partition("%")[0])
    except ValueError:
        return None
