"""Where a URL leads: the host and port to connect to, and the request's first lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import quote, quote_from_bytes, unquote, urljoin, urlsplit

from monitor.net.host_names import ascii_host

_PORTS = {"http": 80, "https": 443}
_NOT_IN_HOST = frozenset("/?#@<>[]^|%" + chr(92))
_SAFE_CHARS = "!$%&'()*+,-./:;=?@[]_~"
_ASCII = "".join(map(chr, range(33, 127)))
_MAX_REFERENCE_BYTES = 65_536
"""Bytes of a reference: as many as an answer's whole head may have."""
LONGEST_CACHED = 512
"""Characters of the longest URL whose parts and whose request are cached between check runs."""
_WEB_SCHEME = re.compile("(https?):", re.IGNORECASE)
_STRIPPED = "".join(map(chr, range(33)))
"""Controls and spaces, which browsers strip from both ends of a URL."""


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

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


def parse_url(url: str) -> Place:
    """Raises ValueError with what is wanted and what was got.

    >>> parse_url("https://example.org:8443/a?b#c").target
    '/a?b'
    """
    # A target may lead to another long address each time: those are not cached.
    return _cached(url) if len(url) <= LONGEST_CACHED else _parsed(url)


@lru_cache(maxsize=16384)
def _cached(url: str) -> Place:
    return _parsed(url)


def _parsed(url: str) -> Place:
    if any(ord(c) <= 32 or c == "\x7f" for c in url):
        raise ValueError(f"a URL has no spaces or control characters: {url!r}")
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        raise ValueError(f"want http:// or https://, got {url!r}")
    if "@" in parts.netloc:
        raise ValueError("no user or password in a URL: use username and password")
    host = _ascii_host(parts.hostname or "", url)
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    if port == 0:
        raise ValueError(f"nothing listens on port 0: {url!r}")
    shown = f"[{host}]" if ":" in host else host
    query = f"?{parts.query}" if parts.query else ""
    return Place(
        url=parts._replace(fragment="").geturl(),
        scheme=parts.scheme,
        host=host,
        port=port,
        authority=shown if port == _PORTS[parts.scheme] else f"{shown}:{port}",
        target=quote((parts.path or "/") + query, safe=_SAFE_CHARS),
    )


def follow(place: Place, location: str | bytes) -> Place:
    """The place that a Location header names, relative to `place`. Raises ValueError."""
    return parse_url(join(place.url, location))


def join(base: str, reference: str | bytes) -> str:
    """A reference written by a server (Location, a playlist's URI), relative to `base`, as browsers
    read it (WHATWG URL). Bytes that are not ASCII are escaped as they came; spaces too. Line ends
    and tabs are dropped. A backslash is a slash. Two slashes or more begin a host; after a scheme
    other than the base's no slashes are needed. Raises ValueError.

    >>> join("http://a.test/b", "/mi pagina"), join("http://a.test/b/", "música/".encode())
    ('http://a.test/mi%20pagina', 'http://a.test/b/m%C3%BAsica/')
    >>> join("http://a.test/b", "///c.test/d"), join("http://a.test/b/", "http:d")
    ('http://c.test/d', 'http://a.test/b/d')
    """
    raw = reference if isinstance(reference, bytes) else reference.encode()
    if len(raw) > _MAX_REFERENCE_BYTES:
        raise ValueError(f"a URL of {len(raw)} bytes")
    raw = raw.strip(_STRIPPED.encode()).translate(None, delete=b"\t\r\n")
    escaped = quote_from_bytes(raw, safe=_ASCII)
    return _joined(base, _with_slashes(escaped))


def _joined(base: str, reference: str) -> str:
    """By WHATWG URL ("special authority ignore slashes state"), any number of slashes may stand
    before a host, and `http:x` relative to an http URL is `x`."""
    home = urlsplit(base).scheme
    named = _WEB_SCHEME.match(reference)
    scheme = named[1].lower() if named else home
    rest = reference[named.end() :] if named else reference
    if scheme in _PORTS and (rest.startswith("//") or scheme != home):
        # Parsed, so that an invalid URL raises here.
        return urlsplit(f"{scheme}://{rest.lstrip('/')}").geturl()
    return urljoin(base, rest)


def _with_slashes(reference: str) -> str:
    """The reference with its backslashes before the query as slashes."""
    end = min((at for c in "?#" if (at := reference.find(c)) >= 0), default=len(reference))
    return reference[:end].replace("\\", "/") + reference[end:]


def _ascii_host(host: str, url: str) -> str:
    # As browsers do (WHATWG URL, "host parsing"): %6cocalhost is localhost.
    host = unquote(host)
    if not host:
        raise ValueError(f"want a host, got {url!r}")
    if ":" in host:
        return str(IPv6Address(host))
    _refuse_in_host(host)
    named = ascii_host(host)
    # Some characters are mapped to others: the result is checked as well.
    _refuse_in_host(named)
    return named


def _refuse_in_host(host: str) -> None:
    if any(c in _NOT_IN_HOST or ord(c) <= 32 or c == "\x7f" for c in host):
        raise ValueError(f"{host!r} is no host name")
