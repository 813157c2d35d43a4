"""`smtp`: a mail server greets, lists its extensions, starts TLS and accepts the login."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from monitor.domain.checks.observation import FailureId, Observation
from monitor.domain.checks.probe import Context
from monitor.domain.checks.symptoms import ServiceKind, Symptom
from monitor.net.connection import Connection
from monitor.net.errors import GREETING_TIMEOUT, PROTOCOL_ERROR, TOO_LARGE, ProbeFailure
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.registry import EXTRA_FORBIDDEN, setting
from probes._failures import SHARED, failure, words
from probes._kind import ProbeKind, by_id
from probes._observe import check_expiry, observe
from probes.mail.dialogue import (
    MAIL_FAILURES,
    NO_STARTTLS,
    UNAVAILABLE,
    MailSettings,
    auth_refused,
    credentials,
    dial_mail,
    encoded,
    mail_target,
    plain_response,
    wants_starttls,
)

BANNER_TIMEOUT = FailureId("banner_timeout")
_MAX_LINES = 100
_DELIVERY = 25
_UNKNOWN_COMMAND = frozenset((500, 501, 502, 504))
"""Codes with which a server without EHLO answers it (RFC 5321 3.2, 4.1.4)."""
_CODE = re.compile(r"[2-5][0-9]{2}(?:[ -]|$)")
_OWN = (
    failure(
        "banner_timeout",
        Symptom.SILENT,
        is_timing=True,
        summary=words(
            "La conexión está abierta, pero el servidor de correo no saludó a tiempo.",
            "The connection stands but the mail server did not greet in time.",
        ),
        cause=words(
            "Se quedó sin procesos, espera una consulta lenta, o está colgado.",
            "It is out of processes, waits for a slow lookup, or hangs.",
        ),
        remedy=words(
            "Revise su límite de procesos y qué espera su saludo.",
            "Look at its process limit and at what its greeting waits for.",
        ),
    ),
)
_FAILURES = by_id((*SHARED, *MAIL_FAILURES, *_OWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSpec(MailSettings):
    """A server on port 25, 587 or 465."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    helo: str = setting("the name to greet with", "monitor.localdomain")

    def __post_init__(self) -> None:
        MailSettings.__post_init__(self)
        if not self.helo or any(c.isspace() for c in self.helo):
            raise ValueError(f"helo must be one word, got {self.helo!r}")

    @property
    def service_kind(self) -> ServiceKind:
        """Customers send by the ports of submission (RFC 6409, 8314); to port 25 others deliver,
        and wait where nobody answers."""
        is_delivery = self.port == _DELIVERY and self.username is None
        return ServiceKind.INCOMING_MAIL if is_delivery else ServiceKind.OUTGOING_MAIL


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply: its code, and its lines without the code."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"{self.code} {self.lines[-1]}".strip()

    @property
    def is_good(self) -> bool:
        return 200 <= self.code < 400


@dataclass(frozen=True, slots=True)
class SmtpProbe:
    """Greeting, EHLO, STARTTLS and EHLO again, AUTH, QUIT."""

    transport: Transport

    def start(self, spec: SmtpSpec, context: Context) -> Awaitable[Observation]:
        session = self.transport.run(context)
        return observe(session, _FAILURES, self._run(session, spec))

    async def _run(self, session: Session, spec: SmtpSpec) -> None:
        connection = await dial_mail(self.transport, session, spec)
        try:
            await _read_greeting(session, connection)
            session.enter("processing")
            offers = await _hello(session, connection, spec.helo)
            if wants_starttls(spec, offered="STARTTLS" in offers):
                offers = await self._secure(session, connection, spec)
            await _log_in(session, connection, spec, offers)
            await connection.send(b"QUIT\r\n")
            check_expiry(self.transport, spec, session)
        finally:
            connection.close()

    async def _secure(
        self, session: Session, connection: Connection, spec: SmtpSpec
    ) -> dict[str, str]:
        reply = await _command(connection, "STARTTLS")
        if reply.code != 220:
            raise ProbeFailure(NO_STARTTLS, f"STARTTLS was answered {reply.text}")
        await self.transport.start_tls(connection, spec.tls_options())
        session.enter("processing")
        return await _hello(session, connection, spec.helo)


async def _read_greeting(session: Session, connection: Connection) -> None:
    try:
        banner = await _reply(connection)
    except ProbeFailure as fault:
        if fault.failure == GREETING_TIMEOUT:
            raise ProbeFailure(BANNER_TIMEOUT, "no banner in time") from fault
        raise
    session.evidence["banner"] = banner.text[:200]
    if banner.code != 220:
        raise ProbeFailure(UNAVAILABLE, f"the banner says {banner.text}")


async def _hello(session: Session, connection: Connection, helo: str) -> dict[str, str]:
    """What the server offers: keyword to parameters. A server without EHLO offers nothing."""
    reply = await _command(connection, f"EHLO {helo}")
    if reply.code in _UNKNOWN_COMMAND:
        older = await _command(connection, f"HELO {helo}")
        if older.code in _UNKNOWN_COMMAND:
            raise ProbeFailure(PROTOCOL_ERROR, f"EHLO was answered {reply.text}, HELO {older.text}")
        session.evidence["ehlo"] = f"{reply.text[:120]}; HELO was taken"
        reply = Reply(code=older.code, lines=older.lines[-1:])
    if reply.code != 250:
        # The server speaks SMTP, and refuses our greeting.
        raise ProbeFailure(UNAVAILABLE, f"our greeting was answered {reply.text}")
    pairs = (line.partition(" ") for line in reply.lines[1:])
    return {keyword.upper(): rest.upper() for keyword, _, rest in pairs}


async def _log_in(
    session: Session, connection: Connection, spec: SmtpSpec, offers: Mapping[str, str]
) -> None:
    account = credentials(session, spec)
    if account is None:
        return
    session.enter("auth")
    username, password = account
    mechanisms = offers.get("AUTH", "").split()
    if "LOGIN" in mechanisms and "PLAIN" not in mechanisms:
        steps = ["AUTH LOGIN", encoded(username), encoded(password)]
    else:
        steps = [f"AUTH PLAIN {plain_response(username, password)}"]
    for left, step in reversed([*enumerate(reversed(steps))]):
        reply = await _command(connection, step, called="AUTH")
        if reply.code != (334 if left else 235):
            raise auth_refused(reply.code, reply.lines[-1])


async def _command(connection: Connection, words: str, called: str = "") -> Reply:
    """Send a command and read its reply. Raises ProbeFailure where the server ends the session
    instead (421, RFC 5321 3.8); what it says then names the command, or what it is `called`."""
    await connection.send(words.encode() + b"\r\n")
    reply = await _reply(connection)
    if reply.code == 421:
        raise ProbeFailure(UNAVAILABLE, f"{called or words.split()[0]} was answered {reply.text}")
    return reply


async def _reply(connection: Connection) -> Reply:
    """Read one reply; each line but the last has a hyphen after its code (RFC 5321 4.2.1)."""
    lines: list[str] = []
    for _ in range(_MAX_LINES):
        line = (await connection.read_line()).decode("utf-8", "replace")
        if not _CODE.match(line):
            raise ProbeFailure(PROTOCOL_ERROR, f"no SMTP reply: {line[:80]!a}")
        lines.append(line[4:])
        if line[3:4] != "-":
            return Reply(code=int(line[:3]), lines=tuple(lines))
    raise ProbeFailure(TOO_LARGE, f"a reply of more than {_MAX_LINES} lines")


def _from_target(target: str) -> Mapping[str, Any]:
    return mail_target(target, "smtp", (25, 465))


KIND = ProbeKind(
    name="smtp",
    spec=SmtpSpec,
    from_target=_from_target,
    build=SmtpProbe,
    failures=tuple(_FAILURES.values()),
    phases=("resolve", "connect", "tls", "greeting", "processing", "auth"),
    summary="a mail server greets, goes into TLS and, where asked, lets its user in",
    example="estado probe smtp smtp://mail.example:587 --set starttls=require",
)
