"""`webhook`: a message to a machine, as JSON over HTTP.

2xx is delivered; 429, 5xx, a hang or no connection is transient, with Retry-After honoured; any
other answer is permanent. A redirect is not followed: whoever answers may not choose where an
incident's details go.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from aiohttp.abc import AbstractResolver

from monitor.alerting.channels.http_exchange import HttpExchange, Outgoing, checked_address
from monitor.alerting.channels.kind import ChannelDependencies, ChannelKind
from monitor.alerting.ports import Message, Permanent
from monitor.domain.secret import Secret, SecretMissing
from monitor.domain.time.interval import Second
from monitor.registry import EXTRA_FORBIDDEN, mapping_setting, setting

_METHODS = ("POST", "PUT")
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
            checked_address(self.url)
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
        self._clock = dependencies.clock
        self._exchange = HttpExchange(dependencies, resolver)

    async def send(self, message: Message, spec: WebhookSpec) -> None:
        """One request; see the module. Raises Transient, Permanent."""
        try:
            url, headers = _address(spec), self._headers(message, spec)
            body = body_of(message)
            if spec.secret is not None:
                at = self._clock.now()
                headers["X-Estado-Signature"] = signature(spec.secret.reveal(), at, body)
        except SecretMissing as error:
            raise Permanent(str(error)) from None
        await self._exchange.send(
            Outgoing(
                method=spec.method,
                url=url,
                headers=headers,
                body=body,
                ca_file=spec.ca_file,
                timeout_s=spec.timeout_s,
            ),
            is_refusal=_is_refusal,
        )

    def _headers(self, message: Message, spec: WebhookSpec) -> dict[str, str]:
        given = dict(spec.headers)
        given.update({name: value.reveal() for name, value in spec.secret_headers.items()})
        return given | {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.key,
        }


def _is_refusal(status: int) -> bool:
    return status < 500 and status != 429


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
        return checked_address(url)
    except ValueError:
        raise Permanent("secret_url holds no http or https address") from None


KIND = ChannelKind(
    name="webhook", spec=WebhookSpec, build=WebhookNotifier, summary="JSON over HTTP"
)
