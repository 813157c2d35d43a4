"""The settings of a WHMCS installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import ClassVar
from urllib.parse import urlsplit

from monitor.domain.secret import Secret
from monitor.registry import EXTRA_FORBIDDEN, mapping_setting, required, setting

LONGEST_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WhmcsSpec:
    """An API role of its own, with no more than the actions that are used, is enough."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    url: str = required("the address of its includes/api.php, by https")
    identifier: Secret = required("the API credential's identifier: ${ENV} or file:/path")
    secret: Secret = required("the API credential's secret: ${ENV} or file:/path")
    access_key: Secret | None = setting(
        "the key that lets past WHMCS's list of addresses: ${ENV} or file:/path", None
    )
    dry_run: bool = setting("read everything and apply nothing", True)
    tickets: bool = setting(
        "refuse a credit that was asked for by no ticket of its client; needs GetTicket", True
    )
    ca_file: str | None = setting("PEM file of the roots to trust instead of the system's", None)
    timeout_s: float = setting("seconds that each call may take", 20.0)
    products: Mapping[str, str] = mapping_setting(
        "for `estado contracts import --from whmcs`: the terms of a product, by its number"
    )
    servers: Mapping[str, str] = mapping_setting(
        "for the same: components that a server's customers need, by its host name"
    )

    def __post_init__(self) -> None:
        checked_https(self.url)
        if not 0 < self.timeout_s <= LONGEST_S:
            wanted = f"timeout_s must be above 0 and at most {LONGEST_S}"
            raise ValueError(f"{wanted}, got {self.timeout_s:g}")


def checked_https(url: str) -> None:
    """Raises ValueError where money and credentials would travel in the clear. On loopback they
    travel nowhere."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    if not host or not is_safe or "@" in parts.netloc or not url.isprintable():
        raise ValueError("url must be an https address such as https://panel.example.com/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
