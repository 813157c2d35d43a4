"""The cookies of one check run: stored from hop to hop as browsers do (RFC 6265), no longer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from ipaddress import ip_address

from probes.http.url import Place

_MAX_BYTES = 4096
_MAX_COOKIES = 180
"""The largest cookie that browsers store, and how many they store of one site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """A cookie. With `is_host_only` it goes to the host `domain` alone; it applies under `path`."""

    name: str
    value: str
    domain: str
    is_host_only: bool
    path: str
    is_secure: bool

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.domain, self.path, self.name)

    def goes_to(self, place: Place) -> bool:
        return (
            (place.is_tls or not self.is_secure)
            and (place.host == self.domain if self.is_host_only else self._covers(place.host))
            and _is_under(place.path, self.path)
        )

    def _covers(self, host: str) -> bool:
        return _is_within(host, self.domain)


class CookieJar:
    """Created for each check run: nothing is carried over to the next one. `now` is the wall clock
    in seconds, which decides whether a cookie has expired."""

    __slots__ = ("_kept", "_now")

    def __init__(self, now: float) -> None:
        self._now = now
        self._kept: dict[tuple[str, str, str], Cookie] = {}

    def take(self, place: Place, fields: Iterable[str]) -> None:
        """Apply the Set-Cookie fields of an answer from `place`; malformed ones are ignored."""
        for field in fields:
            self._take(place, field)

    def header(self, place: Place) -> str:
        """The Cookie field of a request to `place`, longest path first; empty without cookies."""
        applicable = [cookie for cookie in self._kept.values() if cookie.goes_to(place)]
        applicable.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in applicable)

    def _take(self, place: Place, field: str) -> None:
        pair, _, rest = field.partition(";")
        name, equals, value = (part.strip() for part in pair.partition("="))
        attributes = _attributes(rest)
        cookie = _cookie(place, name, value, attributes)
        if cookie is None or not (name and equals) or len(name) + len(value) > _MAX_BYTES:
            return
        if _has_expired(attributes, self._now):
            self._kept.pop(cookie.key, None)
        elif cookie.key in self._kept or len(self._kept) < _MAX_COOKIES:
            self._kept[cookie.key] = cookie


def _attributes(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _cookie(place: Place, name: str, value: str, attributes: dict[str, str]) -> Cookie | None:
    """None where the cookie is for another site."""
    domain = attributes.get("domain", "").lower().removeprefix(".")
    is_host_only = not domain or (domain == place.host and _is_address(domain))
    if not is_host_only and not _is_within(place.host, domain):
        return None
    path = attributes.get("path", "")
    return Cookie(
        name=name,
        value=value,
        domain=domain or place.host,
        is_host_only=is_host_only,
        path=path if path.startswith("/") else _folder_of(place.path),
        is_secure="secure" in attributes,
    )


def _has_expired(attributes: dict[str, str], now: float) -> bool:
    """Max-Age goes before Expires (RFC 6265 5.3); an invalid date means no expiry."""
    age = attributes.get("max-age", "")
    if age.removeprefix("-").isdecimal():
        return age.startswith("-") or not age.strip("0")
    try:
        return parsedate_to_datetime(attributes["expires"]).timestamp() <= now
    except (KeyError, ValueError, TypeError, OverflowError):
        return False


def _is_within(host: str, domain: str) -> bool:
    """Whether a cookie of `domain` may go to `host`; a domain of one label is not shared."""
    return host == domain or (
        "." in domain and host.endswith(f".{domain}") and not _is_address(host)
    )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder if folder.endswith("/") else f"{folder}/")


def _folder_of(path: str) -> str:
    return path[: path.rfind("/")] or "/"
