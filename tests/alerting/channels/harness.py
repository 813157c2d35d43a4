"""What the contract suite needs of a channel: a server that behaves, a specification, what arrived.

A new channel brings one `Harness` and a line in `HARNESSES`.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import pytest

from monitor.alerting.channels.email import EmailSpec, Security
from monitor.alerting.channels.webhook import WebhookSpec
from monitor.domain.secret import Secret
from tests.alerting.channels.smtp_script import HANG, scripted
from tests.support.certificates import Authority
from tests.support.http_sink import sink

SECRET = "a-secret-that-nobody-may-read"
VARIABLE = "CHANNEL_SECRET"
WAIT_S = 17
_NOISE = "\x1b[2J" + "x" * 700


class Behaviour(StrEnum):
    ACCEPTS = "accepts"
    REFUSES = "refuses for good"
    BUSY = "asks for later, where the protocol can: in `WAIT_S` seconds"
    HANGS = "says nothing"
    REPEATS = "refuses for good, and repeats the secret"
    TALKS = "refuses for good, at length and with control characters"


@dataclass(frozen=True, slots=True)
class Served:
    """`texts`: the plain text of each message that arrived whole."""

    spec: object
    texts: Callable[[], list[str]]


class Harness(Protocol):
    """`can_name_wait`: its protocol has something like Retry-After. `is_guarded`: its host may be
    of somebody else's choice, so that it asks the egress guard before it connects."""

    can_name_wait: bool
    is_guarded: bool

    def serving(
        self, how: Behaviour, folder: Path, environment: pytest.MonkeyPatch, timeout_s: float
    ) -> AbstractAsyncContextManager[Served]:
        """A server on loopback, and a specification that leads there. Its secret is `SECRET`, or
        an address that contains it, by reference to the variable `VARIABLE`."""
        ...


class WebhookHarness:
    can_name_wait = True
    is_guarded = True

    @asynccontextmanager
    async def serving(
        self, how: Behaviour, folder: Path, environment: pytest.MonkeyPatch, timeout_s: float
    ) -> AsyncIterator[Served]:
        status, headers, body = _HTTP.get(how, (204, {}, ""))
        async with sink(status, dict(headers), body.encode()) as there:
            if how is Behaviour.HANGS:
                there.reply = there.hang
            environment.setenv(VARIABLE, f"{there.url}/{SECRET}")
            spec = WebhookSpec(secret_url=Secret(f"${{{VARIABLE}}}"), timeout_s=timeout_s)
            yield Served(spec, lambda: [json.loads(got)["text"] for _, got in there.got])


_HTTP: Mapping[Behaviour, tuple[int, Mapping[str, str], str]] = {
    Behaviour.REFUSES: (404, {}, "no such channel"),
    Behaviour.BUSY: (429, {"Retry-After": str(WAIT_S)}, "later"),
    Behaviour.REPEATS: (404, {}, f"nothing is at /hook/{SECRET}"),
    Behaviour.TALKS: (404, {}, _NOISE * 1_000),
}


class EmailHarness:
    can_name_wait = False
    is_guarded = False
    """A mail server on the same machine or in the same network is the usual one."""

    @asynccontextmanager
    async def serving(
        self, how: Behaviour, folder: Path, environment: pytest.MonkeyPatch, timeout_s: float
    ) -> AsyncIterator[Served]:
        authority = Authority()
        (folder / "roots.pem").write_bytes(authority.ca_pem())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.good().write(folder, "mx"))
        environment.setenv(VARIABLE, SECRET)
        async with scripted(_SMTP.get(how, {}), context) as server:
            spec = EmailSpec(
                host="127.0.0.1",
                port=server.port,
                security=Security.TLS,
                ca_file=str(folder / "roots.pem"),
                sender="guardia@estado.example",
                recipients=("ops@fix.test",),
                username="guardia",
                password=Secret(f"${{{VARIABLE}}}"),
                timeout_s=timeout_s,
            )
            yield Served(spec, lambda: list(map(_plain, server.mails)))


_SMTP: Mapping[Behaviour, Mapping[str, str]] = {
    Behaviour.REFUSES: {"RCPT": "550 no such channel"},
    Behaviour.BUSY: {"RCPT": "451 later"},
    Behaviour.HANGS: {"MAIL": HANG},
    Behaviour.REPEATS: {"AUTH": f"535 {SECRET} is not the password"},
    Behaviour.TALKS: {"RCPT": "550-" + "\r\n550-".join([_NOISE] * 8) + "\r\n550 no"},
}


def _plain(mail: bytes) -> str:
    parser = BytesParser(EmailMessage, policy=policy.default)
    body = parser.parsebytes(mail.removesuffix(b".\r\n")).get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())


HARNESSES: Mapping[str, Harness] = {"email": EmailHarness(), "webhook": WebhookHarness()}
