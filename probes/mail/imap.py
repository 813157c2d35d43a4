"""`imap`: a mailbox server greets, goes into TLS, lets its user in and opens the mailbox."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from monitor.domain.checks.observation import Observation
from monitor.domain.checks.probe import Context
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
_SAID = re.compile(r"\* (OK|NO|BAD|BYE|PREAUTH)\b", re.IGNORECASE)
"""Lines that end in a person's words: what looks like a literal there is none."""
_FAILURES = by_id((*SHARED, *MAILBOX_FAILURES))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSpec(MailSettings):
    """A server on port 143 or 993."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    mailbox: str = setting("what to open after the login", "INBOX")


@dataclass(frozen=True, slots=True)
class ImapProbe:
    """Greeting, CAPABILITY, STARTTLS, LOGIN, EXAMINE (nothing is marked as read), LOGOUT."""

    transport: Transport

    def start(self, spec: ImapSpec, context: Context) -> Awaitable[Observation]:
        run = self.transport.run(context)
        return observe(run, _FAILURES, self._look(run, spec))

    async def _look(self, run: Session, spec: ImapSpec) -> None:
        connection = await dial_mail(self.transport, run, spec)
        try:
            is_let_in = await _greeted(run, connection)
            run.enter("processing")
            talk = _Dialogue(connection)
            offers = await talk.capabilities()
            if is_let_in:
                _stay_in_the_clear(spec)
            elif wants_starttls(spec, offered="STARTTLS" in offers):
                await self._secure(run, connection, talk, spec)
            if spec.username is not None:
                if not is_let_in:
                    await _log_in(run, talk, spec)
                await _open(run, talk, spec)
            await connection.send(b"z LOGOUT\r\n")
            check_expiry(self.transport, spec, run)
        finally:
            connection.close()

    async def _secure(
        self, run: Session, connection: Connection, talk: _Dialogue, spec: ImapSpec
    ) -> None:
        status, words, _ = await talk.ask("STARTTLS")
        if status != "OK":
            raise ProbeFailure(NO_STARTTLS, f"STARTTLS was answered {status} {words}")
        await self.transport.start_tls(connection, spec.tls_options())
        run.enter("processing")
        await talk.capabilities()


class _Dialogue:
    """Tagged commands and their answers (RFC 3501 2.2)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._count = 0

    async def ask(self, command: str) -> tuple[str, str, list[str]]:
        """(OK, NO or BAD; its words; the untagged lines before it)."""
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


async def _greeted(run: Session, connection: Connection) -> bool:
    """Whether it lets us in without a login (RFC 3501 7.1.4)."""
    greeting = await _line(connection)
    run.evidence["greeting"] = greeting[:200]
    words = greeting.upper()
    if words.startswith("* BYE"):
        raise ProbeFailure(UNAVAILABLE, f"the greeting says {greeting[2:200]}")
    if not words.startswith(("* OK", "* PREAUTH")):
        raise ProbeFailure(PROTOCOL_ERROR, f"no IMAP greeting: {greeting[:80]!a}")
    return words.startswith("* PREAUTH")


def _stay_in_the_clear(spec: ImapSpec) -> None:
    """Who is let in already cannot go into TLS (RFC 3501 6.2.1): so may somebody on the way."""
    if spec.starttls is StartTls.REQUIRE and not spec.implicit_tls:
        raise ProbeFailure(
            NO_STARTTLS, "the greeting is PREAUTH, which leaves no room for STARTTLS"
        )


async def _log_in(run: Session, talk: _Dialogue, spec: ImapSpec) -> None:
    account = credentials(run, spec)
    if account is None:
        return
    run.enter("auth")
    username, password = account
    run.hide(quoted(password))
    status, words, _ = await talk.ask(f"LOGIN {quoted(username)} {quoted(password)}")
    if status != "OK":
        raise login_refused("LOGIN", words)


async def _open(run: Session, talk: _Dialogue, spec: ImapSpec) -> None:
    run.enter("processing")
    status, words, lines = await talk.ask(f"EXAMINE {quoted(modified_utf7(spec.mailbox))}")
    if status != "OK":
        raise ProbeFailure(MAILBOX_CLOSED, f"EXAMINE {spec.mailbox} was answered {status} {words}")
    counts = [line.split()[0] for line in lines if line.upper().endswith(" EXISTS")]
    if counts and is_count(counts[0]):
        run.evidence["messages"] = int(counts[0])


def quoted(text: str) -> str:
    """An IMAP quoted string; raises ValueError for what one cannot hold.

    >>> quoted('a"b')
    '"a\\\\"b"'
    """
    if any(c in text for c in "\r\n\0"):
        raise ValueError("a line end cannot be part of an IMAP string")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


async def _response(connection: Connection) -> str:
    """A line with the literals that it holds put in their place (RFC 3501 4.3)."""
    whole = line = await _line(connection)
    while whole.startswith("* ") and not _SAID.match(whole):
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
