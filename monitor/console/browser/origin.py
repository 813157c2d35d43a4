"""Where a browser may come from: the names that the console answers to, and its own origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.domain.refusals import Refused

_SECURE_COOKIE = "__Host-estado"
_LOCAL_COOKIE = "estado-session"
_SAME = "same-origin"
_PORTS = {"https": ":443", "http": ":80"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """`public_url` is the console's address from outside; without one it is used on loopback alone,
    over plain http, where browsers would drop a cookie that is for https."""

    public_url: str | None

    @property
    def is_secure(self) -> bool:
        return urlsplit(self.public_url or "").scheme == "https"

    @property
    def cookie(self) -> str:
        """`__Host-`: no other host and no other path of ours can have set it."""
        return _SECURE_COOKIE if self.is_secure else _LOCAL_COOKIE

    def require_host(self, host: str) -> None:
        """The name in the address bar is one of ours. Any other name that leads to loopback is
        somebody else's page (DNS rebinding). Raises Refused."""
        if not self._is_public(host) and not _is_loopback(host):
            raise Refused("request.host", host=host[:100])

    def require_own(self, headers: Mapping[str, str], host: str) -> None:
        """A form of ours was sent: browsers say where it came from. Raises Refused."""
        site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
        if site is None and origin is None:
            raise Refused("request.foreign")
        if site is not None and site != _SAME:
            raise Refused("request.foreign")
        if origin is not None and origin not in self._origins(host):
            raise Refused("request.foreign")

    def _origins(self, host: str) -> set[str]:
        own = {f"http://{host}"} if _is_loopback(host) else set()
        if self.public_url is not None:
            parts = urlsplit(self.public_url)
            own.add(f"{parts.scheme}://{_plain_host(parts.netloc, parts.scheme)}")
        return own

    def _is_public(self, host: str) -> bool:
        if self.public_url is None:
            return False
        parts = urlsplit(self.public_url)
        return _plain_host(host, parts.scheme) == _plain_host(parts.netloc, parts.scheme)


def own_path(wanted: str) -> str:
    """A path of ours to go on to, or `/`: nothing that a browser reads as another host.

    >>> own_path("/incidents/k3f9?x=1"), own_path("//evil.example"), own_path("/\\\\evil.example")
    ('/incidents/k3f9?x=1', '/', '/')
    >>> own_path("https://evil.example"), own_path("/\\tx"), own_path("/sign-in?next=/")
    ('/', '/', '/')
    """
    is_path = wanted.startswith("/") and not wanted.startswith(("//", "/sign-in"))
    is_plain = wanted.isprintable() and wanted.isascii() and "\\" not in wanted
    return wanted if is_path and is_plain else "/"


def _plain_host(host: str, scheme: str) -> str:
    """As browsers write it: in small letters, and without the port that goes without saying.

    >>> _plain_host("Estado.Example:443", "https"), _plain_host("estado.example:443", "http")
    ('estado.example', 'estado.example:443')
    """
    return host.lower().removesuffix(_PORTS[scheme])


def _is_loopback(host: str) -> bool:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.strip("[]")
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
