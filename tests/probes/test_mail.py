"""What `smtp`, `imap` and `pop3` see, against a real Postfix and Dovecot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from monitor.domain.checks.observation import Observation, Outcome
from monitor.domain.secret import Secret
from monitor.net.transport import Transport
from probes.mail.dialogue import StartTls, is_count
from probes.registry import PROBES
from tests.support.looks import run_check
from tests.support.mail import PASSWORD, USER, Mail
from tests.support.transcript import RecordingTranscript

KINDS = ("smtp", "imap", "pop3")
LOGIN_PORT = {"smtp": "smtp_login", "imap": "imap", "pop3": "pop3"}


async def see(
    transport: Transport,
    kind: str,
    port: int,
    transcript: RecordingTranscript | None = None,
    **settings: Any,
) -> Observation:
    spec = PROBES[kind].spec(host="127.0.0.1", port=port, **settings)
    probe = PROBES[kind].build(transport)
    return await run_check(probe, spec, timeout_s=10, transcript=transcript)


def trusting(mail: Mail) -> dict[str, Any]:
    return {"ca_file": str(mail.ca_file)}


def account(mail: Mail) -> dict[str, Any]:
    return {
        **trusting(mail),
        "username": USER,
        "password": Secret(f"file:{mail.password_file}"),
    }


def over_tls(mail: Mail, kind: str) -> Mapping[str, int]:
    return {"smtp": mail.smtps, "imap": mail.imaps, "pop3": mail.pop3s}[kind]


@asynccontextmanager
async def saying(*lines: bytes) -> AsyncIterator[int]:
    """A server that greets with the first line and answers each line it hears with the next."""
    served: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for line in lines:
            writer.write(line)
            with suppress(ConnectionError):
                await reader.readline()
        writer.close()

    def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*served)


# A healthy server


@pytest.mark.parametrize("kind", KINDS)
async def test_it_goes_into_tls_where_it_is_offered(
    transport: Transport, mail: Mail, kind: str
) -> None:
    seen = await see(transport, kind, mail.ports[kind], **trusting(mail))
    assert seen.outcome is Outcome.UP, seen
    assert set(seen.phases_ms) == {"connect", "greeting", "processing", "tls"}
    assert "tls" in seen.evidence


@pytest.mark.parametrize("kind", KINDS)
async def test_it_logs_in_after_starttls(transport: Transport, mail: Mail, kind: str) -> None:
    port = mail.ports[LOGIN_PORT[kind]]
    seen = await see(transport, kind, port, starttls=StartTls.REQUIRE, **account(mail))
    assert seen.outcome is Outcome.UP, seen
    assert set(seen.phases_ms) == {"connect", "greeting", "processing", "tls", "auth"}


@pytest.mark.parametrize("kind", KINDS)
async def test_it_logs_in_where_tls_comes_first(
    transport: Transport, mail: Mail, kind: str
) -> None:
    port = over_tls(mail, kind)["good"]
    seen = await see(transport, kind, port, implicit_tls=True, **account(mail))
    assert seen.outcome is Outcome.UP, seen
    order = [phase for phase in PROBES[kind].phases if phase != "resolve"]
    assert list(seen.phases_ms) == order


@pytest.mark.parametrize("kind", ["imap", "pop3"])
async def test_it_counts_the_messages(transport: Transport, mail: Mail, kind: str) -> None:
    seen = await see(transport, kind, mail.ports[kind], **account(mail))
    assert seen.evidence["messages"] == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_it_stays_in_the_clear_when_told_to(
    transport: Transport, mail: Mail, kind: str
) -> None:
    seen = await see(transport, kind, mail.ports[kind], starttls=StartTls.NEVER)
    assert seen.outcome is Outcome.UP, seen
    assert "tls" not in seen.phases_ms
    assert "tls" not in seen.evidence


@pytest.mark.parametrize("kind", KINDS)
async def test_it_keeps_the_greeting(transport: Transport, mail: Mail, kind: str) -> None:
    seen = await see(transport, kind, mail.ports[kind], **trusting(mail))
    name, words = ("banner", "Postfix") if kind == "smtp" else ("greeting", "Dovecot")
    assert words in str(seen.evidence[name])


# Logins


@pytest.mark.parametrize("kind", KINDS)
async def test_it_tells_a_refused_login(
    transport: Transport, mail: Mail, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG", "wr0ng-horse")
    port = over_tls(mail, kind)["good"]
    settings = {**account(mail), "password": Secret("${WRONG}"), "implicit_tls": True}
    seen = await see(transport, kind, port, **settings)
    assert (seen.outcome, seen.failure) == (Outcome.DOWN, "auth_failed"), seen
    assert "wr0ng-horse" not in str(seen)


@pytest.mark.parametrize("kind", KINDS)
async def test_it_shows_the_password_nowhere(transport: Transport, mail: Mail, kind: str) -> None:
    transcript = RecordingTranscript()
    port = over_tls(mail, kind)["good"]
    seen = await see(transport, kind, port, transcript, implicit_tls=True, **account(mail))
    said = "\n".join(transcript.lines)
    assert seen.outcome is Outcome.UP, seen
    assert "***" in said
    assert PASSWORD not in f"{seen} {said}"
    assert "AGNv" not in said  # what base64 makes of NUL, c, o


async def test_it_logs_in_by_the_older_mechanism_where_only_that_is_offered(
    transport: Transport, mail: Mail
) -> None:
    replies = (b"250-mx\r\n250 AUTH LOGIN\r\n", b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n")
    transcript = RecordingTranscript()
    async with saying(b"220 mx\r\n", *replies, b"235 in\r\n", b"221 bye\r\n") as port:
        settings = {**account(mail), "starttls": StartTls.NEVER}
        seen = await see(transport, "smtp", port, transcript, **settings)
    assert seen.outcome is Outcome.UP, seen
    sent = [line for line in transcript.lines if line.startswith(">")]
    assert sent[1:4] == ["> AUTH LOGIN", "> cHJvYmVAcmFkaW8udGVzdA==", "> ***"]


async def test_it_gives_no_password_to_a_server_that_refuses_the_mechanism(
    transport: Transport, mail: Mail
) -> None:
    replies = (b"250-mx\r\n250 AUTH LOGIN\r\n", b"504 no such mechanism\r\n", b"500 what\r\n")
    transcript = RecordingTranscript()
    async with saying(b"220 mx\r\n", *replies, b"500 what\r\n") as port:
        settings = {**account(mail), "starttls": StartTls.NEVER}
        seen = await see(transport, "smtp", port, transcript, **settings)
    assert seen.failure == "auth_failed"
    assert "504" in seen.message
    assert "> ***" not in transcript.lines


async def test_it_names_no_account_where_the_server_ends_a_login(
    transport: Transport, mail: Mail
) -> None:
    replies = (b"250-mx\r\n250 AUTH LOGIN\r\n", b"334 VXNlcm5hbWU6\r\n", b"421 too busy\r\n")
    async with saying(b"220 mx\r\n", *replies) as port:
        settings = {**account(mail), "starttls": StartTls.NEVER}
        seen = await see(transport, "smtp", port, **settings)
    assert (seen.failure, seen.message) == ("service_unavailable", "AUTH was answered 421 too busy")


async def test_it_tells_a_mailbox_that_does_not_open(transport: Transport, mail: Mail) -> None:
    seen = await see(transport, "imap", mail.ports["imap"], mailbox="None", **account(mail))
    assert (seen.outcome, seen.failure) == (Outcome.DOWN, "mailbox_closed"), seen


@pytest.mark.parametrize("kind", KINDS)
def test_it_wants_user_and_password_together(kind: str) -> None:
    with pytest.raises(ValueError, match="together"):
        PROBES[kind].spec(host="mail.example", port=25, username="probe")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("port", [0, 65536])
def test_it_refuses_a_port_that_is_none(kind: str, port: int) -> None:
    with pytest.raises(ValueError, match="port must be"):
        PROBES[kind].spec(host="mail.example", port=port)


# STARTTLS


@pytest.mark.parametrize("kind", KINDS)
async def test_it_tells_that_starttls_is_gone(transport: Transport, mail: Mail, kind: str) -> None:
    seen = await see(transport, kind, mail.ports[f"{kind}_bare"], starttls=StartTls.REQUIRE)
    assert (seen.outcome, seen.failure) == (Outcome.DOWN, "no_starttls"), seen


@pytest.mark.parametrize("kind", KINDS)
async def test_it_takes_a_server_without_tls_where_nothing_is_asked(
    transport: Transport, mail: Mail, kind: str
) -> None:
    seen = await see(transport, kind, mail.ports[f"{kind}_bare"])
    assert seen.outcome is Outcome.UP, seen


@pytest.mark.parametrize("kind", KINDS)
async def test_it_sends_no_password_in_the_clear_because_an_offer_is_missing(
    transport: Transport, mail: Mail, kind: str
) -> None:
    transcript = RecordingTranscript()
    port = mail.ports[f"{kind}_bare"]
    seen = await see(transport, kind, port, transcript, **account(mail))
    assert seen.failure == "no_starttls"
    assert not [line for line in transcript.lines if "***" in line]


@pytest.mark.parametrize("kind", KINDS)
async def test_it_sends_one_in_the_clear_when_told_never_to_ask_for_tls(
    transport: Transport, mail: Mail, kind: str
) -> None:
    port = mail.ports[f"{kind}_bare"]
    seen = await see(transport, kind, port, starttls=StartTls.NEVER, **account(mail))
    assert seen.outcome is Outcome.UP, seen


async def test_it_takes_no_words_injected_before_tls(transport: Transport) -> None:
    offer = b"250-mx\r\n250 STARTTLS\r\n"
    async with saying(b"220 mx\r\n", offer, b"220 go\r\n250 injected\r\n") as port:
        seen = await see(transport, "smtp", port)
    assert seen.failure == "protocol_error"


# Certificates


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("quality", "failure"),
    [
        ("good", None),
        ("expired", "cert_expired"),
        ("self_signed", "self_signed"),
        ("wrong_host", "hostname_mismatch"),
        ("incomplete_chain", "incomplete_chain"),
        ("expiring", "cert_expiring"),
    ],
)
async def test_it_tells_the_qualities_apart(
    transport: Transport, mail: Mail, kind: str, quality: str, failure: str | None
) -> None:
    settings = {**trusting(mail), "implicit_tls": True, "cert_warn_days": 14.0}
    seen = await see(transport, kind, over_tls(mail, kind)[quality], **settings)
    assert seen.failure == failure, seen


@pytest.mark.parametrize("kind", KINDS)
async def test_it_verifies_the_certificate_after_starttls_too(
    transport: Transport, mail: Mail, kind: str
) -> None:
    seen = await see(transport, kind, mail.ports[kind])
    assert seen.failure == "incomplete_chain"
    seen = await see(
        transport, kind, mail.ports[kind], server_name="mail.example", **trusting(mail)
    )
    assert seen.failure == "hostname_mismatch"


@pytest.mark.parametrize("kind", KINDS)
async def test_it_puts_a_refused_login_before_a_certificate_that_ends_soon(
    transport: Transport, mail: Mail, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG", "wr0ng-horse")
    settings = {**account(mail), "password": Secret("${WRONG}"), "implicit_tls": True}
    port = over_tls(mail, kind)["good"]
    seen = await see(transport, kind, port, cert_warn_days=365.0, **settings)
    assert seen.failure == "auth_failed"


# What a server may say instead


@pytest.mark.parametrize(
    ("kind", "lines", "failure"),
    [
        ("smtp", [b"554 no service\r\n"], "service_unavailable"),
        ("smtp", [b"421 too many\r\n"], "service_unavailable"),
        ("smtp", [b"220 mx\r\n", b"421 going down\r\n"], "service_unavailable"),
        ("smtp", [b"220 mx\r\n", b"250-mx\r\n250 STARTTLS\r\n", b"454 not now\r\n"], "no_starttls"),
        ("smtp", [b"220 mx\r\n", b"502 what\r\n", b"502 what\r\n"], "protocol_error"),
        ("smtp", [b"22\r\n"], "protocol_error"),
        ("smtp", [b"220-mx\r\n" * 101], "too_large"),
        ("smtp", [b"220-two\r\n220 lines\r\n", b"250 mx\r\n"], None),
        ("imap", [b"* BYE full\r\n"], "service_unavailable"),
        ("imap", [b"* OK\r\n", b"* BYE going down\r\n"], "service_unavailable"),
        ("imap", [b"* OK\r\n", b"a1 BAD what\r\n"], "protocol_error"),
        ("imap", [b"* OK\r\n", b"* more\r\n" * 201], "too_large"),
        ("imap", [b"* PREAUTH\r\n", b"* CAPABILITY IMAP4rev1\r\na1 OK\r\n"], None),
        ("pop3", [b"-ERR full\r\n"], "service_unavailable"),
        ("pop3", [b"+OK\r\n", b"-ERR what\r\n"], None),
        ("pop3", [b"+OK\r\n", b"+OK\r\n" + b"TOP\r\n" * 101], "too_large"),
    ],
)
async def test_it_reads_the_servers_words(
    transport: Transport, kind: str, lines: list[bytes], failure: str | None
) -> None:
    async with saying(*lines) as port:
        seen = await see(transport, kind, port)
    assert seen.failure == failure, seen


# Targets


@pytest.mark.parametrize(
    ("kind", "target", "found"),
    [
        ("smtp", "smtp://mail.example", ("mail.example", 25, False)),
        ("smtp", "smtps://mail.example", ("mail.example", 465, True)),
        ("smtp", "mail.example:587", ("mail.example", 587, False)),
        ("imap", "imap://mail.example", ("mail.example", 143, False)),
        ("imap", "imaps://[::1]:1993", ("::1", 1993, True)),
        ("pop3", "pop3s://mail.example/", ("mail.example", 995, True)),
        ("pop3", "mail.example:995", ("mail.example", 995, True)),
    ],
)
def test_it_reads_a_target(kind: str, target: str, found: tuple[str, int, bool]) -> None:
    fields = PROBES[kind].from_target(target)
    assert (fields["host"], fields["port"], fields["implicit_tls"]) == found


@pytest.mark.parametrize("target", ["imaps://mail.example", "mail.example", "smtp://"])
def test_it_refuses_a_target_of_another_kind(target: str) -> None:
    with pytest.raises(ValueError, match="want"):
        PROBES["smtp"].from_target(target)


@pytest.mark.parametrize("word", ["\u00b2", "9" * 5000])
def test_a_word_that_is_no_number_counts_no_messages(word: str) -> None:
    assert not is_count(word)
