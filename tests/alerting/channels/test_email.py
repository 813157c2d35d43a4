"""E-mail: what a real server delivered is read as an operator would; refusals are told apart."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtplib import SMTPAuthenticationError

from monitor.alerting.channels.email import EmailNotifier, EmailSpec, Security, _of_smtp
from monitor.alerting.channels.email_message import as_email
from monitor.alerting.channels.kind import ChannelDependencies
from monitor.alerting.ports import Message, Permanent, Transient
from monitor.alerting.renderer import AlertRenderer
from monitor.domain.catalogue import Alerting
from monitor.domain.incidents.delivery import EventKind, pending
from monitor.domain.secret import Secret
from tests.alerting.channels.postfix import Postfix
from tests.alerting.channels.smtp_script import HANG, scripted, scripted_smtp
from tests.domain.incidents import (
    ALERTING,
    BACK_AT,
    DECIDED_AT,
    FAILURES,
    catalogue,
    incident,
    part,
)
from tests.support.clock import FakeClock
from tests.support.ports import free_ports

SENDER = "Guardia <guardia@estado.example>"
OPS, BOSS = "ops@fix.test", "boss@fix.test"


def notifier() -> EmailNotifier:
    return EmailNotifier(ChannelDependencies(clock=FakeClock(DECIDED_AT)))


def told(kind: EventKind = EventKind.OPENING, alerting: Alerting = ALERTING) -> Message:
    about = incident(part(end=BACK_AT if kind is EventKind.RESOLUTION else None))
    (owing,) = pending(about, kind, 0, alerting, DECIDED_AT)
    alert_renderer = AlertRenderer(
        catalogue=lambda: catalogue(alerting=alerting), failures=FAILURES
    )
    return alert_renderer.compose((owing,), {about.id: about}, DECIDED_AT)


def to(port: int, *recipients: str, security: Security = Security.NONE) -> EmailSpec:
    return EmailSpec(
        host="127.0.0.1",
        port=port,
        security=security,
        sender=SENDER,
        recipients=recipients or (OPS,),
        timeout_s=5,
    )


def part_of(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content())


async def test_a_real_server_delivers_what_was_composed(postfix: Postfix) -> None:
    message = told()
    await notifier().send(message, to(postfix.plain))
    (mail,) = postfix.delivered(1)
    assert mail["Subject"] == "CAÍDO radio2: stalled (k3f9a2)"
    assert mail["From"] == SENDER
    assert mail["To"] == OPS
    assert mail["Message-ID"] == "<incident.k3f9a2.opening.guardia@estado.example>"
    assert mail["Date"] == "Thu, 16 Apr 2026 17:10:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["In-Reply-To"] is None
    assert mail.get_content_type() == "multipart/alternative"
    assert part_of(mail, "plain").replace("\r\n", "\n") == message.text
    assert part_of(mail, "html").replace("\r\n", "\n") == message.html


async def test_a_resolution_answers_the_opening_and_is_not_urgent(postfix: Postfix) -> None:
    sender = notifier()
    await sender.send(told(), to(postfix.plain))
    postfix.delivered(1)
    await sender.send(told(EventKind.RESOLUTION), to(postfix.plain))
    opening, resolution = postfix.delivered(2)
    assert resolution["In-Reply-To"] == resolution["References"] == opening["Message-ID"]
    assert (opening["X-Priority"], resolution["X-Priority"]) == ("1", None)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_it_speaks_tls_in_both_ways_and_verifies(
    postfix: Postfix, security: Security
) -> None:
    port = postfix.starttls if security is Security.STARTTLS else postfix.tls
    trusting = replace(to(port, security=security), ca_file=str(postfix.ca_file))
    await notifier().send(told(), trusting)
    (mail,) = postfix.delivered(1)
    # RFC 3848: the S is for TLS.
    assert "with ESMTPS id" in mail["Received"]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_a_certificate_that_nobody_vouches_for_is_refused(
    postfix: Postfix, security: Security
) -> None:
    port = postfix.starttls if security is Security.STARTTLS else postfix.tls
    with pytest.raises(Transient, match=r"(?i)certificate"):
        await notifier().send(told(), to(port, security=security))


async def test_it_never_goes_on_without_the_tls_that_was_asked_for(postfix: Postfix) -> None:
    with pytest.raises(Permanent, match="STARTTLS"):
        await notifier().send(told(), to(postfix.plain, security=Security.STARTTLS))


async def test_a_5xx_is_permanent_and_a_4xx_transient(postfix: Postfix) -> None:
    with pytest.raises(Permanent, match=r"gone@fix.test: 550 .*no such user"):
        await notifier().send(told(), to(postfix.plain, "gone@fix.test"))
    with pytest.raises(Transient, match=r"later@fix.test: 451 .*come back later"):
        await notifier().send(told(), to(postfix.plain, "later@fix.test"))


async def test_one_that_is_refused_for_good_does_not_keep_the_others_asleep(
    postfix: Postfix,
) -> None:
    await notifier().send(told(), to(postfix.plain, OPS, "gone@fix.test"))
    (mail,) = postfix.delivered(1)
    assert mail["To"] == f"{OPS}, gone@fix.test"


async def test_who_has_it_is_not_told_again_for_those_who_have_not() -> None:
    sender = notifier()
    async with scripted({f"RCPT TO:<{BOSS}>": "451 later"}) as first:
        with pytest.raises(Transient, match=f"{BOSS}: 451"):
            await sender.send(told(), to(first.port, OPS, BOSS))
    async with scripted({}) as second:
        await sender.send(told(), to(second.port, OPS, BOSS))
    assert [line for line in second.said if line.startswith("RCPT")] == [f"RCPT TO:<{BOSS}>"]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"greeting": "421 too busy"}, "421"),
        ({"mail": "452 disk full"}, "452 disk full"),
        ({"data": "451 not now"}, "451 not now"),
        ({"end_of_data": "451 not now"}, "451 not now"),
    ],
)
async def test_whatever_may_work_later_is_transient(answers: dict[str, str], reason: str) -> None:
    async with scripted_smtp(**answers) as server:
        with pytest.raises(Transient, match=reason):
            await notifier().send(told(), to(server.port))


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"greeting": "554 no service"}, "554"),
        ({"mail": "553 not from you"}, "553 not from you"),
        ({"data": "554 no"}, "554 no"),
        ({"end_of_data": "554 5.7.1 spam"}, "554 5.7.1 spam"),
    ],
)
async def test_whatever_will_not_work_is_permanent(answers: dict[str, str], reason: str) -> None:
    async with scripted_smtp(**answers) as server:
        with pytest.raises(Permanent, match=reason):
            await notifier().send(told(), to(server.port))


@pytest.mark.parametrize("where", ["greeting", "ehlo", "rcpt", "end_of_data"])
async def test_a_server_that_hangs_is_given_up_in_time(where: str) -> None:
    async with scripted_smtp(**{where: HANG}) as server:
        impatient = replace(to(server.port), timeout_s=0.1)
        with pytest.raises(Transient):
            await notifier().send(told(), impatient)


async def test_nobody_at_the_port_is_transient() -> None:
    (port,) = free_ports(1)
    with pytest.raises(Transient, match=str(port)):
        await notifier().send(told(), to(port))


async def test_once_it_is_accepted_a_hanging_farewell_changes_nothing() -> None:
    async with scripted_smtp(quit=HANG) as server:
        await notifier().send(told(), replace(to(server.port), timeout_s=0.5))


@pytest.mark.parametrize(("code", "kind"), [(535, Permanent), (454, Transient)])
def test_a_wrong_password_is_permanent_and_a_tired_login_transient(
    code: int, kind: type[Exception]
) -> None:
    assert isinstance(_of_smtp(SMTPAuthenticationError(code, "no")), kind)


async def test_a_password_that_is_not_there_is_permanent_and_names_only_its_reference(
    postfix: Postfix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_PASSWORD", raising=False)
    spec = replace(
        to(postfix.starttls, security=Security.STARTTLS),
        ca_file=str(postfix.ca_file),
        username="guardia",
        password=Secret("${NO_SUCH_PASSWORD}"),
    )
    with pytest.raises(Permanent, match="NO_SUCH_PASSWORD"):
        await notifier().send(told(), spec)
    assert "***" in repr(spec)


async def test_a_ca_file_that_is_not_there_is_permanent(tmp_path: Path) -> None:
    spec = replace(to(1, security=Security.TLS), ca_file=str(tmp_path / "none.pem"))
    with pytest.raises(Permanent, match=r"none\.pem"):
        await notifier().send(told(), spec)


def test_no_word_of_a_message_can_forge_a_header() -> None:
    evil = "CAÍDO\r\nBcc: everybody@example.com\r\n\r\nbody"
    forged = replace(told(), subject=evil, key=evil, thread=f"other{evil}")
    mail = as_email(forged, sender=SENDER, recipients=[OPS], now=DECIDED_AT)
    head = mail.as_bytes().split(b"\r\n\r\n")[0]
    assert b"\r\nBcc" not in head
    assert mail["Subject"] == "CAÍDO Bcc: everybody@example.com body"
    assert mail["Message-ID"] == "<CA.DO.Bcc.everybody.example.com.body@estado.example>"


@pytest.mark.parametrize(
    "wrong",
    ["", "guardia", "a@b@c", "a b@c.example", "a@c.example\r\nBcc: x@y.example", "@c.example"],
)
def test_what_is_no_address_is_refused_in_the_configuration(wrong: str) -> None:
    with pytest.raises(ValueError, match="address"):
        EmailSpec(host="h", sender=SENDER, recipients=(wrong,))


def test_settings_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="belong together"):
        EmailSpec(host="h", sender=SENDER, recipients=(OPS,), username="u")
    with pytest.raises(ValueError, match="starttls or tls alone"):
        EmailSpec(
            host="h", sender=SENDER, recipients=(OPS,), username="u", password=Secret("${P}"),
            security=Security.NONE,
        )  # fmt: skip
    with pytest.raises(ValueError, match="at least one"):
        EmailSpec(host="h", sender=SENDER, recipients=())


@pytest.mark.parametrize(
    ("security", "port"), [(Security.STARTTLS, 587), (Security.TLS, 465), (Security.NONE, 25)]
)
def test_each_way_has_its_usual_port(security: Security, port: int) -> None:
    spec = EmailSpec(host="h", sender=SENDER, recipients=(OPS,), security=security)
    assert spec.dialled_port == port
