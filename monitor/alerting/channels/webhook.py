"""`webhook`: a message to a machine, as JSON over HTTP.

2xx is delivered; 429, 5xx, a hang or no connection is transient, with Retry-After honoured; any
other answer is permanent. A redirect is not followed: whoever answers may not choose where an
incident's details go.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from monitor.alerting.channels.kind import ChannelDependencies, ChannelKind
from monitor.alerting.channels.last_known_addresses import LastKnownResolver
from monitor.alerting.ports import Message, Permanent, Transient
from monitor.domain.secret import Secret, SecretMissing
from monitor.domain.time.interval import Second
from monitor.net.http_errors import excerpt, retry_after, why
from monitor.registry import EXTRA_FORBIDDEN, mapping_setting, setting

_METHODS = ("POST", "PUT")
_LARGEST_ANSWER = 64 * 1024
_AGENT = "estado (+uptime monitor)"
_OURS = frozenset({"content-type", "idempotency-key", "user-agent", "x-estado-signature"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSpec:
    """One address. A URL that is itself a secret is given by reference, as `secret_url`."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    url: str | None = setting("where to send it", None)
    secret_url: Secret | None = setting("the same where it is a secret: ${ENV} or file:/path", None)
    method: str = setting("POST or PUT", "POST")
    headers: Mapping[str, str] = mapping_setting("headers to send")
    secret_headers: Mapping[str, Secret] = mapping_setting("headers whose values are secrets")
    secret: Secret | None = setting("signs each message (HMAC-SHA256): ${ENV} or file:/path", None)
    ca_file: str | None = setting("PEM file of the roots to trust instead of the system's", None)
    timeout_s: float = setting("seconds that the whole exchange may take", 10.0)

    def __post_init__(self) -> None:
        if (self.url is None) == (self.secret_url is None):
            raise ValueError("want either url or secret_url")
        if self.url is not None:
            _checked(self.url)
        if self.method not in _METHODS:
            raise ValueError(f"method must be POST or PUT, got {self.method!r}")
        for name in (*self.headers, *self.secret_headers):
            if name.lower() in _OURS:
                raise ValueError(f"the header {name} is ours")
        if not 0 < self.timeout_s <= 60:
            raise ValueError(f"timeout_s must be above 0 and at most 60, got {self.timeout_s:g}")


class WebhookNotifier:
    """Sends by a new connection each time. Between messages only the hosts' last addresses are
    kept."""

    def __init__(
        self, dependencies: ChannelDependencies, resolver: AbstractResolver | None = None
    ) -> None:
        self._dependencies = dependencies
        self._resolver = resolver or LastKnownResolver()

    async def send(self, message: Message, spec: WebhookSpec) -> None:
        """One request; see the module. Raises Transient, Permanent."""
        try:
            url, headers = _address(spec), self._headers(message, spec)
            body = body_of(message)
            if spec.secret is not None:
                at = self._dependencies.clock.now()
                headers["X-Estado-Signature"] = signature(spec.secret.reveal(), at, body)
        except SecretMissing as error:
            raise Permanent(str(error)) from None
        host = urlsplit(url).hostname or ""
        try:
            async with (
                self._session(spec, host) as session,
                session.request(
                    spec.method, url, data=body, headers=headers, allow_redirects=False
                ) as response,
            ):
                said = await response.content.read(_LARGEST_ANSWER)
                self._judge(response, said)
        except TimeoutError as error:
            raise Transient(f"{host}: no answer within {spec.timeout_s:g} s") from error
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

    def _session(self, spec: WebhookSpec, host: str) -> aiohttp.ClientSession:
        def guarded(found: tuple[Any, ...]) -> socket.socket:
            """Opens every socket, and so sees the address that it really leads to."""
            family, kind, protocol, _, address = found
            try:
                self._dependencies.admit(host, str(address[0]))
            except ValueError as error:
                raise _Refused(f"{host}: {error}") from error
            return socket.socket(family=family, type=kind, proto=protocol)

        context: ssl.SSLContext | bool = True
        if spec.ca_file is not None:
            try:
                context = ssl.create_default_context(cafile=spec.ca_file)
            except OSError as error:
                raise Permanent(f"ca_file {spec.ca_file}: {error.strerror or error}") from error
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=self._resolver,
                use_dns_cache=False,
                socket_factory=guarded,
                ssl=context,
                force_close=True,
                limit=1,
            ),
            timeout=aiohttp.ClientTimeout(total=spec.timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )

    def _headers(self, message: Message, spec: WebhookSpec) -> dict[str, str]:
        given = dict(spec.headers)
        given.update({name: value.reveal() for name, value in spec.secret_headers.items()})
        return given | {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.key,
            "User-Agent": _AGENT,
        }

    def _judge(self, response: aiohttp.ClientResponse, said: bytes) -> None:
        if 200 <= response.status < 300:
            return
        reason = f"{response.url.host}: status {response.status}{excerpt(said)}"
        if response.status == 429 or response.status >= 500:
            wait = retry_after(
                response.headers.get("Retry-After", ""), self._dependencies.clock.now()
            )
            raise Transient(reason, wait)
        raise Permanent(reason)


class _Refused(OSError):
    """The guard refused. An OSError, for that is what opening a socket may raise."""


def body_of(message: Message) -> bytes:
    """The fields, with the text for receivers that only pass it on."""
    whole = {**message.fields, "key": message.key, "thread": message.thread, "text": message.text}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: str, at: Second, body: bytes) -> str:
    """`t=<second>,v1=<hex>`: HMAC-SHA256 of the second, a point and the body.

    The second is signed too, so that a receiver can refuse what is old.
    """
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


def _address(spec: WebhookSpec) -> str:
    if spec.url is not None:
        return spec.url
    url = spec.secret_url.reveal() if spec.secret_url is not None else ""
    try:
        return _checked(url)
    except ValueError:
        raise Permanent("secret_url holds no http or https address") from None


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable():
        raise ValueError("url must be an address such as https://example.com/hook")
    return url


def _refusal(error: BaseException) -> _Refused | None:
    """The guard's refusal, wherever the client has wrapped it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _Refused):
            return cause
        cause = getattr(cause, "os_error", None) or cause.__cause__
    return None


KIND = ChannelKind(
    name="webhook", spec=WebhookSpec, build=WebhookNotifier, summary="JSON over HTTP"
)
