"""One HTTP exchange of a channel: the message goes out once, and the answer is judged.

No answer, a hang or no connection is transient; Retry-After is honoured. A redirect is not
followed: whoever answers may not choose where an incident's details go.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from monitor.alerting.channels.kind import ChannelDependencies
from monitor.alerting.channels.last_known_addresses import LastKnownResolver
from monitor.alerting.ports import Permanent, Transient
from monitor.net.http_errors import excerpt, retry_after, why

_LARGEST_ANSWER = 64 * 1024
_AGENT = "estado (+uptime monitor)"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Outgoing:
    """One request. Its address and its headers may hold secrets: it has no repr."""

    method: str = "POST"
    url: str
    headers: Mapping[str, str]
    body: bytes
    ca_file: str | None = None
    timeout_s: float

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answered:
    """A whole answer. Its body may hold secrets: it has no repr."""

    status: int
    body: bytes
    retry_after: float | None


class HttpExchange:
    """Sends by a new connection each time. Between messages only the hosts' last addresses are
    kept."""

    def __init__(
        self, dependencies: ChannelDependencies, resolver: AbstractResolver | None = None
    ) -> None:
        self._dependencies = dependencies
        self._resolver = resolver or LastKnownResolver()

    async def send(self, outgoing: Outgoing, is_refusal: Callable[[int], bool]) -> None:
        """2xx is delivered, whatever becomes of the body; `is_refusal` says of any other status
        whether it is permanent. Raises Transient, Permanent."""
        async with self._asked(outgoing) as response:
            if not 200 <= response.status < 300:
                self._refuse(response, await _said(response), is_refusal)

    async def ask(self, outgoing: Outgoing, *, most: int) -> Answered:
        """A whole answer, whatever its status. Raises Transient where there is none, or one of more
        than `most` bytes; Permanent."""
        async with self._asked(outgoing) as response:
            body = b""
            while len(body) <= most and (part := await response.content.read(most + 1 - len(body))):
                body += part
            if len(body) > most:
                raise Transient(f"{outgoing.host}: more than {most} bytes")
            asked = response.headers.get("Retry-After", "")
            wait = retry_after(asked, self._dependencies.clock.now())
            return Answered(status=response.status, body=body, retry_after=wait)

    @asynccontextmanager
    async def _asked(self, outgoing: Outgoing) -> AsyncIterator[aiohttp.ClientResponse]:
        """The beginning of an answer. Raises Transient, Permanent: while it is read too."""
        host = outgoing.host
        try:
            async with (
                self._session(outgoing) as session,
                session.request(
                    outgoing.method,
                    outgoing.url,
                    data=outgoing.body,
                    headers={**outgoing.headers, "User-Agent": _AGENT},
                    allow_redirects=False,
                ) as response,
            ):
                yield response
        except TimeoutError as error:
            raise Transient(f"{host}: no answer within {outgoing.timeout_s:g} s") from error
        except _Refused as error:
            raise Permanent(str(error)) from None
        except (aiohttp.InvalidURL, ValueError) as error:
            raise Permanent(f"{host}: cannot be asked: {type(error).__name__}") from None
        except (aiohttp.ClientError, OSError) as error:
            refused = _refusal(error)
            if refused is not None:
                raise Permanent(str(refused)) from None
            # The error's text may hold the URL, which may be a secret: its kind is enough.
            raise Transient(f"{host}: {why(error)}") from None

    def _session(self, outgoing: Outgoing) -> aiohttp.ClientSession:
        host = outgoing.host

        def guarded(found: tuple[Any, ...]) -> socket.socket:
            """Opens every socket, and so sees the address that it really leads to."""
            family, kind, protocol, _, address = found
            try:
                self._dependencies.admit(host, str(address[0]))
            except ValueError as error:
                raise _Refused(f"{host}: {error}") from error
            return socket.socket(family=family, type=kind, proto=protocol)

        context: ssl.SSLContext | bool = True
        if outgoing.ca_file is not None:
            try:
                context = ssl.create_default_context(cafile=outgoing.ca_file)
            except OSError as error:
                raise Permanent(f"ca_file {outgoing.ca_file}: {error.strerror or error}") from error
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=self._resolver,
                use_dns_cache=False,
                socket_factory=guarded,
                ssl=context,
                force_close=True,
                limit=1,
            ),
            timeout=aiohttp.ClientTimeout(total=outgoing.timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )

    def _refuse(
        self, response: aiohttp.ClientResponse, said: bytes, is_refusal: Callable[[int], bool]
    ) -> NoReturn:
        reason = f"{response.url.host}: status {response.status}{excerpt(said)}"
        if is_refusal(response.status):
            raise Permanent(reason)
        asked = response.headers.get("Retry-After", "")
        raise Transient(reason, retry_after(asked, self._dependencies.clock.now()))


class _Refused(OSError):
    """The guard refused. An OSError, for that is what opening a socket may raise."""


def checked_address(url: str) -> str:
    """The address itself. Raises ValueError where it is none; the message does not repeat it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable():
        raise ValueError("url must be an address such as https://example.com/hook")
    return url


async def _said(response: aiohttp.ClientResponse) -> bytes:
    """The beginning of the body; nothing where it breaks off or hangs: the status counts."""
    try:
        return await response.content.read(_LARGEST_ANSWER)
    except (TimeoutError, aiohttp.ClientError, OSError):
        return b""


def _refusal(error: BaseException) -> _Refused | None:
    """The guard's refusal, wherever the client has wrapped it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _Refused):
            return cause
        cause = getattr(cause, "os_error", None) or cause.__cause__
    return None
