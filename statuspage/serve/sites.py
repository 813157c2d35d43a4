"""Several pages of one process: which one a request asks for, and what of it may be seen.

A page is chosen by the host that the client asked for and by nothing else: what a client or a proxy
adds (`X-Forwarded-Host`) names no page. A host that no page has gets the company's, which is
public.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

from statuspage.serve.responder import Request
from statuspage.serve.responses import Response

_CACHED_HOSTS = 512
_LONGEST = 300
"""Characters of a host that are looked at: a name has at most 253."""


class SeenPage(Protocol):
    """A page, as whoever asks may see it."""

    @property
    def page(self) -> str:
        """The id of a brand's; empty: the company's."""
        ...

    def answer(self, request: Request) -> Response: ...

    def published(self, request: Request) -> Response:
        """The page at that address, also where it answers a form."""
        ...

    def has(self, path: str) -> bool:
        """Whether there is such a page."""
        ...

    def finished(self, response: Response) -> Response:
        """What a form is answered with, with the headers that this page needs."""
        ...


class Site(Protocol):
    def seen_by(self, request: Request) -> SeenPage:
        """What whoever asks may see."""
        ...


class RefreshedSite(Site, Protocol):
    def refresh(self) -> object:
        """Load what is newer; it may wait for the disk."""
        ...


class SitesByHost:
    """The company's page, which everybody sees, and those of brands by the names of their hosts, as
    `host_name` has them."""

    def __init__(self, company: SeenPage) -> None:
        self._company = company
        self._by_host: Mapping[str, Site] = {}

    def seen_by(self, request: Request) -> SeenPage:
        """As the port says."""
        if not self._by_host:
            return self._company
        site = self._by_host.get(host_name(request.host))
        return self._company if site is None else site.seen_by(request)

    def answer(self, request: Request) -> Response:
        return self.seen_by(request).answer(request)

    def replace(self, by_host: Mapping[str, Site]) -> None:
        """From now on these are the brands' pages."""
        self._by_host = by_host


@lru_cache(maxsize=_CACHED_HOSTS)
def host_name(header: str) -> str:
    """The name in a Host header, whatever its port and however it is written.

    >>> host_name("Status.Acme.example:8080"), host_name("status.acme.example.")
    ('status.acme.example', 'status.acme.example')
    >>> host_name("[2001:DB8::1]:443"), host_name("192.0.2.7"), host_name("")
    ('2001:db8::1', '192.0.2.7', '')
    """
    host = header[:_LONGEST].strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")
