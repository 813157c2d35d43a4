"""What a provider answers over HTTP: JSON, bounded in size and time, from where it may come.

No redirect is followed, and each socket is checked as it is opened: a provider's own document
names further addresses, and whoever writes it may not lead us to machines inside.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from monitor.net.address_guard import Guard
from monitor.net.egress_guard import egress_guard
from monitor.net.errors import ProbeFailure
from monitor.net.http_errors import why
from monitor.oidc.errors import ProviderAway, Untrusted

TIMEOUT_S = 5.0
_LARGEST = 256 * 1024
_OUTSIDE = "192.0.2.1"
_AGENT = "estado (+sign-in)"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Asked:
    """One request. It may hold secrets: it has no repr."""

    url: str
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """`issuer` is what the configuration names; `allowed` are networks that are not public and may
    be reached all the same, as they are now."""

    issuer: str
    allowed: Callable[[], Iterable[str]]
    ca_file: str | None = None
    timeout_s: float = TIMEOUT_S

    async def ask(self, asked: Asked) -> tuple[int, dict[str, Any]]:
        """Status and object; 4xx too, for it says what is wrong. Raises ProviderAway, and
        Untrusted where the address is none that it may name."""
        host = self._host_of(asked.url)
        try:
            async with (
                self._session(host) as session,
                session.request(
                    "GET" if asked.form is None else "POST",
                    asked.url,
                    data=asked.form,
                    headers={"Accept": "application/json", **(asked.headers or {})},
                    allow_redirects=False,
                ) as response,
            ):
                return response.status, await _object(response, host)
        except TimeoutError as error:
            raise ProviderAway(f"{host}: no answer within {self.timeout_s:g} s") from error
        except (aiohttp.InvalidURL, ValueError) as error:
            raise ProviderAway(f"{host}: cannot be asked: {type(error).__name__}") from None
        except (aiohttp.ClientError, OSError) as error:
            # The error's own text may hold the address with a secret in it.
            raise ProviderAway(f"{host}: {_refusal(error) or why(error)}") from None

    def _host_of(self, url: str) -> str:
        issuer = urlsplit(self.issuer)
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            host, parts = "", issuer
        if not host or parts.scheme not in ("https", issuer.scheme) or parts.username:
            raise Untrusted("its document names an address that is no https address")
        return host

    def _session(self, host: str) -> aiohttp.ClientSession:
        def guarded(found: tuple[Any, ...]) -> socket.socket:
            family, kind, protocol, _, address = found
            self._admit(host, str(address[0]))
            return socket.socket(family=family, type=kind, proto=protocol)

        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                use_dns_cache=False, socket_factory=guarded, ssl=self._context(),
                force_close=True, limit=1,
            ),
            timeout=aiohttp.ClientTimeout(total=self.timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": _AGENT},
        )  # fmt: skip

    def _admit(self, host: str, address: str) -> None:
        """Where a person named the host, what he named passes; what a document names is either
        there as well, or outside. Raises OSError."""
        try:
            if host == urlsplit(self.issuer).hostname:
                egress_guard(self.allowed)(host, address)
            else:
                Guard(self.allowed()).check(address.partition("%")[0], led_from=_OUTSIDE)
        except (ValueError, ProbeFailure) as error:
            raise _Refused(f"leads to {address}, which is not public: allow_private") from error

    def _context(self) -> ssl.SSLContext | bool:
        if self.ca_file is None:
            return True
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ProviderAway(f"ca_file {self.ca_file}: {reason}") from error


class _Refused(OSError):
    """The guard refused. An OSError, for that is what opening a socket may raise."""


async def _object(response: aiohttp.ClientResponse, host: str) -> dict[str, Any]:
    """Raises ProviderAway."""
    body = await response.content.read(_LARGEST + 1)
    while len(body) <= _LARGEST and (more := await response.content.read(_LARGEST)):
        body += more
    if response.status >= 500 or 300 <= response.status < 400:
        raise ProviderAway(f"{host}: status {response.status}")
    if len(body) > _LARGEST:
        raise ProviderAway(f"{host}: an answer of more than {_LARGEST} bytes")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise ProviderAway(f"{host}: status {response.status}, and no JSON") from None
    if not isinstance(found, dict):
        raise ProviderAway(f"{host}: JSON that is no object")
    return found


def _refusal(error: BaseException) -> str:
    """The guard's, wherever the client has wrapped it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _Refused):
            return str(cause)
        cause = getattr(cause, "os_error", None) or cause.__cause__
    return ""
