"""What each form of strangers needs: how much of it is read, from whom, and how often."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import OrderedDict
from collections.abc import Awaitable, Hashable, Mapping
from ipaddress import IPv6Address, ip_network
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from monitor.domain.checks.observation import Json
from monitor.domain.ip_address import read_address as read_ip
from monitor.domain.leaky_bucket import LeakyBucket, Limit
from statuspage.serve.responder import Request
from statuspage.serve.responses import Response

READ_WITHIN_S = 10.0
_MOST_KNOWN = 10_000
_OWN_SITES = ("same-origin", "none")


class Appending(Protocol):
    def __call__(self, kind: str, body: Mapping[str, Json], /) -> Awaitable[None]:
        """It is on the disk when this returns. Raises InboxFull, InboxUnavailable."""
        ...


class Pages(Protocol):
    """The published pages of one site, for what answers a form."""

    @property
    def page(self) -> str:
        """The id of a brand's page; empty: the company's."""
        ...

    def answer(self, request: Request) -> Response:
        """As a request of that method and path is answered."""
        ...

    async def plain(self, path: str) -> bytes:
        """A page's bytes, neither packed nor compressed, as it reads now."""
        ...


class Desk(Protocol):
    """Takes the forms of some pages."""

    def page_of(self, path: str) -> str:
        """The page whose form is sent to an address; empty where none is."""
        ...

    async def answer(self, sent: web.Request, asked: Request, pages: Pages) -> Response:
        """The answer to a form that was sent to one of its pages."""
        ...


class Buckets:
    """Limits by a key; keys are kept hashed, as many as matter, the least recently used go."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._salt = os.urandom(16)
        self._known: OrderedDict[bytes, LeakyBucket] = OrderedDict()

    def takes(self, key: Hashable, now: float) -> bool:
        """Whether there is room for one more; it is counted where there is."""
        hashed = hashlib.blake2b(str(key).encode(), key=self._salt, digest_size=16).digest()
        bucket = self._known.setdefault(hashed, LeakyBucket())
        self._known.move_to_end(hashed)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        if bucket.wait_s(self._limit, now) > 0:
            return False
        bucket.fill(self._limit, now)
        return True


def is_own(headers: Mapping[str, str], host: str) -> bool:
    """Whether a form of ours was sent, as far as browsers say. Our pages send no referrer, and so
    `Origin: null`; what says nothing at all is no browser that somebody lured here."""
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in _OWN_SITES
    origin = headers.get(hdrs.ORIGIN, "null")
    return origin == "null" or urlsplit(origin).netloc.lower() == host.lower()


def is_json(sent: web.Request) -> bool:
    """Whether a program sent it: no form of a page is JSON."""
    return sent.content_type == "application/json"


def wants_json(sent: web.Request) -> bool:
    """Whether the answer is for a program: browsers name pages among what they take."""
    accepted = sent.headers.get(hdrs.ACCEPT, "").lower()
    return is_json(sent) or ("application/json" in accepted and "html" not in accepted)


def network_of(client: str) -> str:
    """What one subscriber of a provider has: a /24, or a /56 of IPv6.

    >>> network_of("192.0.2.77"), network_of("2001:db8:1:2345::7"), network_of("?")
    ('192.0.2.0/24', '2001:db8:1:2300::/56', '?')
    """
    try:
        address = read_ip(client)
    except ValueError:
        return client
    bits = 56 if isinstance(address, IPv6Address) else 24
    return str(ip_network(f"{address}/{bits}", strict=False))


async def read_body(request: web.Request, most: int) -> bytes | None:
    """All of it; None where it is longer than so many bytes, or does not come."""
    read = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            async for chunk in request.content.iter_chunked(4_096):
                read += chunk
                if len(read) > most:
                    return None
    except (TimeoutError, ConnectionError, web.RequestPayloadError):
        return None
    return bytes(read)
