"""`pop3`: a mailbox server greets, starts TLS, accepts the login and counts the messages."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from monitor.domain.checks.observation import Observation
from monitor.domain.checks.probe import Context
from monitor.domain.checks.symptoms import ServiceKind
from monitor.net.connection import Connection
from monitor.net.errors import PROTOCOL_ERROR, TOO_LARGE, ProbeFailure
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.registry import EXTRA_FORBIDDEN
from probes._failures import SHARED
from probes._kind import ProbeKind, by_id
from probes._observe import check_expiry, observe
from probes.mail.dialogue import (
    MAILBOX_CLOSED,
    MAILBOX_FAILURES,
    NO_STARTTLS,
    UNAVAILABLE,
    MailSettings,
    credentials,
    dial_mail,
    is_count,
    login_refused,
    mail_target,
    wants_starttls,
)

_MAX_LINES = 100
_FAILURES = by_id((*SHARED, *MAILBOX_FAILURES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pop3Spec(MailSettings):
    """A server on port 110 or 995."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    @property
    def service_kind(self) -> ServiceKind:
        return ServiceKind.MAILBOXES


@dataclass(frozen=True, slots=True)
class Pop3Probe:
    """Greeting, CAPA, STLS, USER and PASS, STAT, QUIT."""

    transport: Transport

    def start(self, spec: Pop3Spec, context: Context) -> Awaitable[Observation]:
        session = self.transport.run(context)
        return observe(session, _FAILURES, self._run(session, spec))

    async def _run(self, session: Session, spec: Pop3Spec) -> None:
        connection = await dial_mail(self.transport, session, spec)
        try:
            await _read_greeting(session, connection)
            session.enter("processing")
            offers = await _capabilities(connection)
            if wants_starttls(spec, offered="STLS" in offers):
                is_good, words = await _ask(connection, "STLS")
                if not is_good:
                    raise ProbeFailure(NO_STARTTLS, f"STLS was answered {words}")
                await self.transport.start_tls(connection, spec.tls_options())
                session.enter("processing")
            await _log_in(session, connection, spec)
            await connection.send(b"QUIT\r\n")
            check_expiry(self.transport, spec, session)
        finally:
            connection.close()


async def _read_greeting(session: Session, connection: Connection) -> None:
    is_good, words = await _answer(connection)
    session.evidence["greeting"] = words
    if not is_good:
        raise ProbeFailure(UNAVAILABLE, f"the greeting says {words}")


async def _capabilities(connection: Connection) -> frozenset[str]:
    """What CAPA lists; nothing where the server is too old to know CAPA (RFC 2449)."""
    is_good, _ = await _ask(connection, "CAPA")
    if not is_good:
        return frozenset()
    found: set[str] = set()
    for _ in range(_MAX_LINES):
        line = (await connection.read_line()).decode("utf-8", "replace")
        if line == ".":
            return frozenset(found)
        found.update(line.upper().split()[:1])
    raise ProbeFailure(TOO_LARGE, f"more than {_MAX_LINES} capabilities")


async def _log_in(session: Session, connection: Connection, spec: Pop3Spec) -> None:
    account = credentials(session, spec)
    if account is None:
        return
    session.enter("auth")
    for command in (f"USER {account[0]}", f"PASS {account[1]}"):
        is_good, words = await _ask(connection, command)
        if not is_good:
            raise login_refused(command[:4], words)
    session.enter("processing")
    is_good, words = await _ask(connection, "STAT")
    count = words.split()[:1]
    if not (is_good and count and is_count(count[0])):
        raise ProbeFailure(
            MAILBOX_CLOSED, f"STAT was answered {'+OK' if is_good else '-ERR'} {words}"
        )
    session.evidence["messages"] = int(count[0])


async def _ask(connection: Connection, command: str) -> tuple[bool, str]:
    if any(c in command for c in "\r\n\0"):
        raise ValueError("a line end cannot be part of a POP3 command")
    await connection.send(f"{command}\r\n".encode())
    return await _answer(connection)


async def _answer(connection: Connection) -> tuple[bool, str]:
    """Read an answer. Returns (whether it is +OK, the text after it)."""
    line = (await connection.read_line()).decode("utf-8", "replace")
    status, _, words = line.partition(" ")
    if status.upper() not in ("+OK", "-ERR"):
        raise ProbeFailure(PROTOCOL_ERROR, f"no POP3 answer: {line[:80]!a}")
    return status.upper() == "+OK", words[:200]


def _from_target(target: str) -> Mapping[str, Any]:
    return mail_target(target, "pop3", (110, 995))


KIND = ProbeKind(
    name="pop3",
    spec=Pop3Spec,
    from_target=_from_target,
    build=Pop3Probe,
    failures=tuple(_FAILURES.values()),
    phases=("resolve", "connect", "tls", "greeting", "processing", "auth"),
    summary="a mailbox server greets, goes into TLS and, where asked, lets its user in",
    example="estado probe pop3 pop3s://mail.example",
)
