"""Where a URL leads: what is dialled, and what the request's first lines say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import quote, unquote, urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}
_NOT_IN_HOST = frozenset("/?#@<>[]^|%" + chr(92))
_KEPT = "!$%&'()*+,-./:;=?@[]_~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A URL taken apart. `authority` is the Host header, `target` the request's path and query."""

    url: str
    scheme: str
    host: str
    port: int
    authority: str
    target: str

    @property
    def is_tls(self) -> bool:
        return self.scheme == "https"

    @property
    def origin(self) -> tuple[str, str, int]:
        return (self.scheme, self.host, self.port)


@lru_cache(maxsize=16384)
def parse_url(url: str) -> Place:
    """Raises ValueError with what is wanted and what was got.

    >>> parse_url("https://example.org:8443/a?b#c").target
    '/a?b'
    """
    if any(ord(c) <= 32 or c == "\x7f" for c in url):
        raise ValueError(f"a URL has no spaces or control characters: {url!r}")
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        raise ValueError(f"want http:// or https://, got {url!r}")
    if "@" in parts.netloc:
        raise ValueError("no user or password in a URL: use username and password")
    host = _ascii_host(parts.hostname or "", url)
    port = parts.port or _PORTS[parts.scheme]
    shown = f"[{host}]" if ":" in host else host
    query = f"?{parts.query}" if parts.query else ""
    return Place(
        url=parts._replace(fragment="").geturl(),
        scheme=parts.scheme,
        host=host,
        port=port,
        authority=shown if port == _PORTS[parts.scheme] else f"{shown}:{port}",
        target=quote((parts.path or "/") + query, safe=_KEPT),
    )


def follow(place: Place, location: str) -> Place:
    """The place that a Location header names, seen from here. Raises ValueError."""
    return parse_url(urljoin(place.url, location))


def _ascii_host(host: str, url: str) -> str:
    # As browsers do (WHATWG URL, "host parsing"): %6cocalhost is localhost.
    host = unquote(host)
    if not host:
        raise ValueError(f"want a host, got {url!r}")
    if ":" in host:
        return str(IPv6Address(host))
    if any(c in _NOT_IN_HOST or ord(c) <= 32 for c in host):
        raise ValueError(f"{host!r} is no host name")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"{host!r} is no host name") from error
