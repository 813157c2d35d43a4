"""What mail servers really say, each line of it judged as a mail client would."""

from __future__ import annotations

import asyncio
import imaplib
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from monitor.domain.checks.probe import Context
from monitor.domain.secret import Secret
from monitor.net.errors import ProbeFailure
from monitor.net.transport import Transport
from probes.mail.dialogue import StartTls
from probes.mail.imap_names import modified_utf7
from tests.probes.real_rows import Record, judged, look_at
from tests.support.mail import PASSWORD, USER, Mail
from tests.support.scripted import Handler, scripted

CAPABLE = b"* CAPABILITY IMAP4rev1\r\na1 OK\r\n"
EXISTS = b"* 3 EXISTS\r\na3 OK\r\n"
AUTH_OFFER = b"250-mx\r\n250 AUTH PLAIN\r\n"
CAPA = b"+OK\r\nUSER\r\n.\r\n"


@pytest.fixture
def account(tmp_path: Path) -> Mapping[str, Any]:
    file = tmp_path / "password"
    file.write_text("corr3ct", "utf-8")
    return {
        "username": "probe",
        "password": Secret(f"file:{file}"),
        "starttls": StartTls.NEVER,
    }


def answering(*lines: bytes) -> Handler:
    """Greets with the first, answers each line that it hears with the next, then hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for line in lines:
            writer.write(line)
            await reader.readline()

    return serve


@pytest.mark.parametrize(
    ("line", "kind", "lines", "expected"),
    [
        ("M1: USER is [IN-USE]", "pop3", (CAPA, b"-ERR [IN-USE] go\r\n"), "service_unavailable"),
        *(
            (f"M1: PASS is {code}", "pop3", (CAPA, b"+OK\r\n", answer), expected)
            for code, answer, expected in (
                ("[IN-USE]", b"-ERR [IN-USE] locked\r\n", "service_unavailable"),
                ("[LOGIN-DELAY]", b"-ERR [LOGIN-DELAY] wait\r\n", "service_unavailable"),
                ("[SYS/TEMP]", b"-ERR [sys/temp] later\r\n", "service_unavailable"),
                ("[SYS/PERM]", b"-ERR [SYS/PERM] broken\r\n", "service_unavailable"),
                ("[AUTH]", b"-ERR [AUTH] wrong\r\n", "auth_failed"),
                ("refused without a code", b"-ERR wrong [IN-USE]\r\n", "auth_failed"),
            )
        ),
        *(
            (f"M1: LOGIN is {code}", "imap", (CAPABLE, answer), expected)
            for code, answer, expected in (
                ("[UNAVAILABLE]", b"a2 NO [UNAVAILABLE] later\r\n", "service_unavailable"),
                ("[INUSE]", b"a2 NO [INUSE] locked\r\n", "service_unavailable"),
                ("[LIMIT]", b"a2 NO [LIMIT] sessions\r\n", "service_unavailable"),
                ("[CONTACTADMIN]", b"a2 NO [CONTACTADMIN] ask\r\n", "service_unavailable"),
                ("[AUTHENTICATIONFAILED]", b"a2 NO [AUTHENTICATIONFAILED] no\r\n", "auth_failed"),
                ("[EXPIRED]", b"a2 NO [EXPIRED] old\r\n", "auth_failed"),
                ("[ALERT]", b"a2 NO [ALERT] Invalid credentials\r\n", "auth_failed"),
            )
        ),
        *(
            (f"M1: AUTH is {code}", "smtp", (AUTH_OFFER, answer), expected)
            for code, answer, expected in (
                ("454 4.7.0", b"454 4.7.0 no way to the users\r\n", "service_unavailable"),
                ("451", b"451 try again\r\n", "service_unavailable"),
                ("554 5.3.0", b"554 5.3.0 system\r\n", "service_unavailable"),
                ("535 5.7.8", b"535 5.7.8 wrong\r\n", "auth_failed"),
                ("432 4.7.12", b"432 4.7.12 new password needed\r\n", "auth_failed"),
            )
        ),
        *(
            (f"M2: STAT is {said}", "pop3", (CAPA, b"+OK\r\n", b"+OK in\r\n", answer), expected)
            for said, answer, expected in (
                ("-ERR [SYS/TEMP]", b"-ERR [SYS/TEMP] no disk\r\n", "mailbox_closed"),
                ("+OK without numbers", b"+OK\r\n", "mailbox_closed"),
                ("+OK 3 1200", b"+OK 3 1200\r\n", None),
            )
        ),
    ],
)
async def test_it_tells_the_servers_trouble_from_a_wrong_password(
    line: str,
    kind: str,
    lines: tuple[bytes, ...],
    expected: str | None,
    account: Mapping[str, Any],
    record_property: Record,
) -> None:
    greeting = {"smtp": b"220 mx\r\n", "imap": b"* OK\r\n", "pop3": b"+OK\r\n"}[kind]
    async with scripted(answering(greeting, *lines, b"")) as port:
        measured = await look_at(kind, port, account)
    judged(record_property, kind, line, expected, measured)


@pytest.mark.parametrize(
    ("line", "kind", "lines", "expected"),
    [
        ("M4: 502 to EHLO, HELO works", "smtp", (b"502 what\r\n", b"250 mx\r\n", b""), None),
        ("M4: 500 to EHLO, HELO works", "smtp", (b"500 what\r\n", b"250 mx\r\n", b""), None),
        ("M4: 502 to both", "smtp", (b"502 what\r\n", b"502 what\r\n", b""), "protocol_error"),
        ("M5: 550 5.7.1 to EHLO", "smtp", (b"550 5.7.1 no\r\n", b""), "service_unavailable"),
        ("M5: 550 to HELO", "smtp", (b"502 no\r\n", b"550 no\r\n"), "service_unavailable"),
        ("M5: 450 to EHLO", "smtp", (b"450 4.3.2 later\r\n", b""), "service_unavailable"),
        ("M6: 250- without end", "smtp", (b"250-more\r\n" * 101,), "too_large"),
        ("M6: untagged lines without end", "imap", (b"* 1 RECENT\r\n" * 201,), "too_large"),
        ("M6: CAPA without end", "pop3", (b"+OK\r\n" + b"TOP\r\n" * 101,), "too_large"),
        (
            "M7: a literal in an untagged line",
            "imap",
            (b'* LIST () "/" {6}\r\ncorreo\r\n' + CAPABLE, b""),
            None,
        ),
        (
            "M7: a literal that reads like an answer",
            "imap",
            (b'* LIST () "/" {8}\r\na1 BAD\r\n\r\n' + CAPABLE, b""),
            None,
        ),
        ("M7: a literal of 9 MB", "imap", (b"* LIST {9000000}\r\n",), "too_large"),
        (
            "M7: words that look like a literal",
            "imap",
            (b"* OK see {7}\r\n" + CAPABLE, b""),
            None,
        ),
    ],
)
async def test_it_understands_what_servers_answer(
    line: str, kind: str, lines: tuple[bytes, ...], expected: str | None, record_property: Record
) -> None:
    greeting = {"smtp": b"220 mx\r\n", "imap": b"* OK\r\n", "pop3": b"+OK\r\n"}[kind]
    async with scripted(answering(greeting, *lines)) as port:
        measured = await look_at(kind, port, {})
    judged(record_property, kind, line, expected, measured)


async def test_a_greeting_without_end_is_too_large(record_property: Record) -> None:
    async with scripted(answering(b"220-mx\r\n" * 101)) as port:
        measured = await look_at("smtp", port, {})
    judged(record_property, "smtp", "M6: greeting without end", "too_large", measured)


async def test_it_says_that_an_older_greeting_was_taken() -> None:
    async with scripted(
        answering(b"220 mx\r\n", b"502 5.5.1 what\r\n", b"250 mx\r\n", b"")
    ) as port:
        seen = (await look_at("smtp", port, {})).observation
    assert seen.evidence["ehlo"] == "502 5.5.1 what; HELO was taken"


async def test_a_preauthenticated_session_opens_its_mailbox_without_a_login(
    account: Mapping[str, Any], record_property: Record
) -> None:
    opened = EXISTS.replace(b"a3", b"a2")
    async with scripted(answering(b"* PREAUTH in\r\n", CAPABLE, opened, b"")) as port:
        settings = {**account, "starttls": StartTls.AUTO}
        measured = await look_at("imap", port, settings)
    seen = judged(record_property, "imap", "M7: * PREAUTH", None, measured)
    assert seen.evidence["messages"] == 3


async def test_a_preauthenticated_session_in_the_clear_is_not_what_was_required(
    record_property: Record,
) -> None:
    async with scripted(answering(b"* PREAUTH in\r\n", CAPABLE, b"")) as port:
        measured = await look_at("imap", port, {"starttls": StartTls.REQUIRE})
    judged(record_property, "imap", "M7: * PREAUTH, TLS required", "no_starttls", measured)


# Mailboxes whose names are not ASCII


def _create_mailbox(mail: Mail, name: str) -> None:
    with imaplib.IMAP4("127.0.0.1", mail.ports["imap_bare"]) as client:
        client.login(USER, PASSWORD)
        client.create(name)


@pytest.mark.parametrize("name", ["Papelería", "Papeler&AO0-a"])
async def test_it_opens_a_mailbox_with_an_accent_in_its_name(
    mail: Mail, name: str, record_property: Record
) -> None:
    await asyncio.to_thread(_create_mailbox, mail, "Papeler&AO0-a")
    settings = {
        "username": USER,
        "password": Secret(f"file:{mail.password_file}"),
        "starttls": StartTls.NEVER,
        "mailbox": name,
    }
    measured = await look_at("imap", mail.ports["imap_bare"], settings)
    judged(record_property, "imap", f"M3: mailbox {name}", None, measured)


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("INBOX", "INBOX"),
        ("R&D", "R&-D"),
        ("R&-D", "R&--D"),
        ("台北/日本語", "&U,BTFw-/&ZeVnLIqe-"),
        ("&U,BTFw-", "&U,BTFw-"),
        ("A&B-C", "A&-B-C"),
        ("📻", "&2D3c+w-"),
    ],
)
def test_it_spells_a_mailbox_as_imap_does(name: str, spelt: str) -> None:
    assert modified_utf7(name) == spelt


# Who hangs up while we still write


async def _say_and_reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greets, says why it goes, and is gone before anything can be written to it."""
    writer.write(b"220 mx\r\n421 4.3.2 going down\r\n")
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_it_reads_why_before_it_says_that_the_connection_broke(
    record_property: Record,
) -> None:
    async with scripted(_say_and_reset) as port:
        measured = await look_at("smtp", port, {})
    seen = judged(
        record_property, "smtp", "M8: says why, hangs up", "service_unavailable", measured
    )
    assert "going down" in (seen.message or "")


async def _leave_at_the_last_command(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(b"220 mx\r\n")
    await reader.readline()
    writer.write(b"250 mx\r\n")
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_a_server_that_is_gone_before_our_goodbye_is_up(record_property: Record) -> None:
    async with scripted(_leave_at_the_last_command) as port:
        measured = await look_at("smtp", port, {})
    judged(record_property, "smtp", "M8: gone before QUIT", None, measured)


async def test_what_lies_unread_in_the_socket_is_read_after_a_write_that_failed(
    transport: Transport,
) -> None:
    is_gone = asyncio.Event()

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _say_and_reset(reader, writer)
        with suppress(OSError):
            await writer.wait_closed()
        is_gone.set()

    async with scripted(leave) as port:
        with transport.run(Context(deadline=monotonic() + 5)) as run:
            connection = await transport.connect(run, "127.0.0.1", port)
            await is_gone.wait()
            for _ in range(3):
                await connection.send(b"EHLO monitor\r\n")
            assert await connection.read_line() == b"220 mx"
            assert await connection.read_line() == b"421 4.3.2 going down"
            with pytest.raises(ProbeFailure) as caught:
                await connection.read_line()
            connection.close()
    assert caught.value.failure == "conn_reset"
