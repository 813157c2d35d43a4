"""`imap`: a mailbox server greets, starts TLS, accepts the login and opens the mailbox."""

from __future__ import annotations

import re
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
from monitor.registry import EXTRA_FORBIDDEN, setting
from probes._failures import SHARED
from probes._kind import ProbeKind, by_id
from probes._observe import check_expiry, observe
from probes.mail.dialogue import (
    MAILBOX_CLOSED,
    MAILBOX_FAILURES,
    NO_STARTTLS,
    UNAVAILABLE,
    MailSettings,
    StartTls,
    credentials,
    dial_mail,
    is_count,
    login_refused,
    mail_target,
    wants_starttls,
)
from probes.mail.imap_names import modified_utf7

_MAX_LINES = 200
_MAX_LITERAL = 65_536
_LITERAL = re.compile(r"\{(\d{1,9})\+?\}$")
_STATUS_LINE = re.compile(r"\* (OK|NO|BAD|BYE|PREAUTH)\b", re.IGNORECASE)
"""Lines that end in text for people: what looks like a literal there is none."""
_FAILURES = by_id((*SHARED, *MAILBOX_FAILURES))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSpec(MailSettings):
    """A server on port 143 or 993."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    mailbox: str = setting("what to open after the login", "INBOX")

    @property
    def service_kind(self) -> ServiceKind:
        return ServiceKind.MAILBOXES


@dataclass(frozen=True, slots=True)
class ImapProbe:
    """Greeting, CAPABILITY, STARTTLS, LOGIN, EXAMINE (nothing is marked as read), LOGOUT."""

    transport: Transport

    def start(self, spec: ImapSpec, context: Context) -> Awaitable[Observation]:
        session = self.transport.run(context)
        return observe(session, _FAILURES, self._run(session, spec))

    async def _run(self, session: Session, spec: ImapSpec) -> None:
        connection = await dial_mail(self.transport, session, spec)
        try:
            is_preauthenticated = await _read_greeting(session, connection)
            session.enter("processing")
            dialogue = _Dialogue(connection)
            offers = await dialogue.capabilities()
            if is_preauthenticated:
                _refuse_required_starttls(spec)
            elif wants_starttls(spec, offered="STARTTLS" in offers):
                await self._secure(session, connection, dialogue, spec)
            if spec.username is not None:
                if not is_preauthenticated:
                    await _log_in(session, dialogue, spec)
                await _open(session, dialogue, spec)
            await connection.send(b"z LOGOUT\r\n")
            check_expiry(self.transport, spec, session)
        finally:
            connection.close()

    async def _secure(
        self, session: Session, connection: Connection, dialogue: _Dialogue, spec: ImapSpec
    ) -> None:
        status, words, _ = await dialogue.ask("STARTTLS")
        if status != "OK":
            raise ProbeFailure(NO_STARTTLS, f"STARTTLS was answered {status} {words}")
        await self.transport.start_tls(connection, spec.tls_options())
        session.enter("processing")
        await dialogue.capabilities()


class _Dialogue:
    """Tagged commands and their answers (RFC 3501 2.2)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._count = 0

    async def ask(self, command: str) -> tuple[str, str, list[str]]:
        """Send a command. Returns (OK, NO or BAD; its text; the untagged lines before it)."""
        self._count += 1
        tag = f"a{self._count}"
        await self._connection.send(f"{tag} {command}\r\n".encode())
        untagged: list[str] = []
        for _ in range(_MAX_LINES):
            line = await _response(self._connection)
            if line.startswith(f"{tag} "):
                status, _, words = line[len(tag) + 1 :].partition(" ")
                return status.upper(), words[:200], untagged
            if not line.startswith(("* ", "+ ")):
                raise ProbeFailure(PROTOCOL_ERROR, f"no IMAP answer: {line[:80]!a}")
            if line[:6].upper() == "* BYE ":
                raise ProbeFailure(UNAVAILABLE, f"{command.split()[0]} was answered {line[2:200]}")
            untagged.append(line[2:])
        raise ProbeFailure(TOO_LARGE, f"an answer of more than {_MAX_LINES} lines")

    async def capabilities(self) -> frozenset[str]:
        status, words, lines = await self.ask("CAPABILITY")
        if status != "OK":
            raise ProbeFailure(PROTOCOL_ERROR, f"CAPABILITY was answered {status} {words}")
        listed = [line.upper().split() for line in lines]
        return frozenset(w for found in listed if found[:1] == ["CAPABILITY"] for w in found[1:])


async def _read_greeting(session: Session, connection: Connection) -> bool:
    """Read the greeting. Returns whether no login is needed (PREAUTH, RFC 3501 7.1.4)."""
    greeting = await _line(connection)
    session.evidence["greeting"] = greeting[:200]
    words = greeting.upper()
    if words.startswith("* BYE"):
        raise ProbeFailure(UNAVAILABLE, f"the greeting says {greeting[2:200]}")
    if not words.startswith(("* OK", "* PREAUTH")):
        raise ProbeFailure(PROTOCOL_ERROR, f"no IMAP greeting: {greeting[:80]!a}")
    return words.startswith("* PREAUTH")


def _refuse_required_starttls(spec: ImapSpec) -> None:
    """After PREAUTH a session cannot switch to TLS (RFC 3501 6.2.1); an attacker between may send
    PREAUTH for that reason. Raises ProbeFailure where the settings require STARTTLS."""
    if spec.starttls is StartTls.REQUIRE and not spec.implicit_tls:
        raise ProbeFailure(
            NO_STARTTLS, "the greeting is PREAUTH, which leaves no room for STARTTLS"
        )


async def _log_in(session: Session, dialogue: _Dialogue, spec: ImapSpec) -> None:
    account = credentials(session, spec)
    if account is None:
        return
    session.enter("auth")
    username, password = account
    session.hide(quoted(password))
    status, words, _ = await dialogue.ask(f"LOGIN {quoted(username)} {quoted(password)}")
    if status != "OK":
        raise login_refused("LOGIN", words)


async def _open(session: Session, dialogue: _Dialogue, spec: ImapSpec) -> None:
    session.enter("processing")
    status, words, lines = await dialogue.ask(f"EXAMINE {quoted(modified_utf7(spec.mailbox))}")
    if status != "OK":
        raise ProbeFailure(MAILBOX_CLOSED, f"EXAMINE {spec.mailbox} was answered {status} {words}")
    counts = [line.split()[0] for line in lines if line.upper().endswith(" EXISTS")]
    if counts and is_count(counts[0]):
        session.evidence["messages"] = int(counts[0])


def quoted(text: str) -> str:
    """An IMAP quoted string; raises ValueError for what one cannot hold.

    >>> quoted('a"b')
    '"a\\\\"b"'
    """
    if any(c in text for c in "\r\n\0"):
        raise ValueError("a line end cannot be part of an IMAP string")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


async def _response(connection: Connection) -> str:
    """A line with its literals put in their place (RFC 3501 4.3)."""
    whole = line = await _line(connection)
    while whole.startswith("* ") and not _STATUS_LINE.match(whole):
        found = _LITERAL.search(line)
        if found is None:
            break
        size = int(found[1])
        if size > _MAX_LITERAL:
            raise ProbeFailure(TOO_LARGE, f"a literal of {size} bytes")
        literal = (await connection.read_exact(size)).decode("utf-8", "replace")
        line = await _line(connection)
        whole += f" {literal}{line}"
        if len(whole) > _MAX_LITERAL * 2:
            raise ProbeFailure(TOO_LARGE, "literals without end")
    return whole


async def _line(connection: Connection) -> str:
    return (await connection.read_line()).decode("utf-8", "replace")


def _from_target(target: str) -> Mapping[str, Any]:
    return mail_target(target, "imap", (143, 993))


KIND = ProbeKind(
    name="imap",
    spec=ImapSpec,
    from_target=_from_target,
    build=ImapProbe,
    failures=tuple(_FAILURES.values()),
    phases=("resolve", "connect", "tls", "greeting", "processing", "auth"),
    summary="a mailbox server greets, goes into TLS and, where asked, opens the mailbox",
    example="estado probe imap imaps://mail.example",
)
