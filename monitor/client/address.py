"""Where a door is: an address that a credential may be sent to."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from monitor.client.faults import NotAsked
from monitor.domain.untrusted_text import visible

_API = "/api/v1"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorAddress:
    """`prefix` is the path below which a web server has put the door; mostly empty."""

    scheme: str
    host: str
    port: int
    prefix: str = ""

    @property
    def is_encrypted(self) -> bool:
        return self.scheme == "https"

    @property
    def url(self) -> str:
        """The one way to write it, by which credentials are kept apart."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.prefix}"

    def path(self, below: str) -> str:
        return f"{self.prefix}{_API}{below}"


def door_address(text: str) -> DoorAddress:
    """Raises NotAsked with the way out.

    >>> door_address("HTTPS://Estado.example:443/api/v1/").url
    'https://estado.example'
    """
    shown = visible(text)
    parts, port = _parts(text, shown)
    if parts.username is not None or parts.password is not None:
        raise NotAsked(
            "name and password do not belong in an address, which shells and logs keep: leave them "
            "out; estado login asks for them"
        )
    if parts.query or parts.fragment:
        raise NotAsked(f"{shown}: an address without ? and #, such as https://estado.example")
    host = (parts.hostname or "").lower()
    if parts.scheme == "http" and not _is_loopback(host):
        raise NotAsked(
            f"{shown}: over plain http the whole way could read the credential. Take https://, or "
            "a tunnel: ssh -N -L 9092:127.0.0.1:9092 HOST, and then http://127.0.0.1:9092"
        )
    return DoorAddress(
        scheme=parts.scheme,
        host=host,
        port=port or _PORTS[parts.scheme],
        prefix=parts.path.rstrip("/").removesuffix(_API).rstrip("/"),
    )


def _parts(text: str, shown: str) -> tuple[SplitResult, int | None]:
    wanted = "want an address such as https://estado.example"
    if not text.isascii() or not text.isprintable() or " " in text:
        raise NotAsked(f"{shown}: {wanted}, in plain ASCII and without spaces")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise NotAsked(f"{wanted}: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        # What stands there may be a password: it is not repeated.
        raise NotAsked(wanted)
    return parts, port


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
