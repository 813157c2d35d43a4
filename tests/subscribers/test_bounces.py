"""Mails that come back later: a mailbox that is gone is given up, by the proof in the address that
it came back to, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.subscriptions.links import Links
from monitor.domain.subscriptions.subscription import Ending, SubscriptionId, SubscriptionState
from monitor.domain.subscriptions.wishes import BOUNCED, about
from monitor.subscribers.bounce_folder import read_folder
from monitor.subscribers.bounces import Bounce, read_bounce
from monitor.subscribers.channels.email import ReturningConnection
from monitor.subscribers.mails import MailWriter
from tests.subscribers.world import LINKS, SubscribersWorld
from tests.support.worlds import T0

ANA, EVA = SubscriptionId("s00000000001"), SubscriptionId("s00000000002")
TO = "bounces@example.com"
_REPORT = """\
Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

I'm sorry to have to inform you.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 1

Final-Recipient: rfc822; ana@example.com
Original-Recipient: rfc822;ana@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b1
Content-Type: text/rfc822-headers

Subject: Investigando: Web
--b1--
"""


def report(to: str, status: str = "5.1.1", action: str = "failed") -> bytes:
    return _REPORT.format(to=to, status=status, action=action).encode()


@pytest.mark.parametrize(
    ("status", "action", "is_gone"),
    [("5.1.1", "failed", True), ("5.2.1", "failed", True), ("5.1.10", "failed", True),
     ("5.7.1", "failed", False), ("5.2.2", "failed", False), ("4.4.7", "failed", False),
     ("5.1.1", "delayed", False), ("2.0.0", "delivered", False)],
)  # fmt: skip
def test_only_a_mailbox_that_is_not_there_is_given_up(
    status: str, action: str, is_gone: bool
) -> None:
    found = read_bounce(report(LINKS.bounce_address(TO, ANA), status, action), LINKS)
    assert found is not None
    assert (found.subscription, found.is_gone) == (ANA, is_gone)


def test_nobody_gives_up_another_ones_mailbox() -> None:
    own = LINKS.bounce_address(TO, ANA)
    for forged in (
        own.replace(str(ANA), str(EVA)), Links(bytes(32)).bounce_address(TO, EVA), TO,
        f"bounces+{EVA}@example.com", f"bounces+{EVA}.{'0' * 20}@example.com",
    ):  # fmt: skip
        assert read_bounce(report(forged), LINKS) is None


def test_a_server_may_write_the_address_in_capitals() -> None:
    found = read_bounce(report(LINKS.bounce_address(TO, ANA).upper()), LINKS)
    assert found is not None
    assert found.is_gone


@pytest.mark.parametrize("mail", [b"", b"\xff\x00", b"To: x\n\n", b"a" * 1_000])
def test_what_is_no_report_is_nobodys(mail: bytes) -> None:
    assert read_bounce(mail, LINKS) is None


def test_an_address_to_come_back_to_is_short_enough_for_any_server() -> None:
    local, _, _ = LINKS.bounce_address(TO, SubscriptionId("a" * 16)).partition("@")
    assert len(local) <= 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mails" / name).mkdir(parents=True)
    return tmp_path / "mails"


def test_a_folder_is_emptied_of_what_was_ours(folder: Path) -> None:
    own = LINKS.bounce_address(TO, ANA)
    (folder / "new" / "1.gone").write_bytes(report(own))
    (folder / "new" / "2.full").write_bytes(report(own, "4.2.2"))
    (folder / "new" / "3.other").write_bytes(b"To: bounces@example.com\n\nHello")
    gone: list[SubscriptionId] = []
    assert read_folder(folder, LINKS, gone.append) == 2
    assert gone == [ANA]
    assert [f.name for f in (folder / "new").iterdir()] == []
    assert [f.name for f in (folder / "cur").iterdir()] == ["3.other:2,"]


def test_a_mail_stays_until_its_report_is_stored(folder: Path) -> None:
    (folder / "new" / "1.gone").write_bytes(report(LINKS.bounce_address(TO, ANA)))

    def full(_: SubscriptionId) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        read_folder(folder, LINKS, full)
    assert [f.name for f in (folder / "new").iterdir()] == ["1.gone"]


NESTED = b"Content-Type: message/rfc822\n\n" * 8_000
"""Deeper than any reader of mails goes down."""


def test_a_mail_nested_without_end_stops_nobody() -> None:
    own = LINKS.bounce_address(TO, ANA).encode()
    assert read_bounce(b"To: bounces@example.com\n" + NESTED, LINKS) is None
    assert read_bounce(b"To: " + own + b"\n" + NESTED, LINKS) == Bounce(
        subscription=ANA, is_gone=False
    )


def test_a_mail_that_cannot_be_put_away_keeps_none_behind_it_waiting(folder: Path) -> None:
    (folder / "new" / "1.other").write_bytes(b"To: bounces@example.com\n\nHello")
    (folder / "new" / "2.gone").write_bytes(report(LINKS.bounce_address(TO, ANA)))
    (folder / "cur").rmdir()
    gone: list[SubscriptionId] = []
    with pytest.raises(FileNotFoundError):
        read_folder(folder, LINKS, gone.append)
    assert gone == [ANA]
    assert [f.name for f in (folder / "new").iterdir()] == ["1.other"]


def test_a_link_in_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(report(LINKS.bounce_address(TO, ANA)))
    (folder / "new" / "1.link").symlink_to(tmp_path / "elsewhere")
    gone: list[SubscriptionId] = []
    assert read_folder(folder, LINKS, gone.append) == 0
    assert not gone


class Server:
    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes, str]] = []

    async def send(self, recipient: str, mail: bytes, return_path: str = "") -> None:
        self.sent.append((recipient, mail, return_path))

    def close(self) -> None:
        """Nothing is open."""


async def test_each_mail_leaves_from_an_address_of_its_own_and_a_late_bounce_ends_it(
    tmp_path: Path, folder: Path
) -> None:
    (tmp_path / "world").mkdir()
    world = SubscribersWorld(tmp_path / "world")
    server = Server()
    writer = MailWriter(pages=world.pages, links=LINKS, bounces=TO)
    id_ = world.subscribe("canary7@example.com")
    one = world.get(id_)
    mail = writer.confirmation(one, "canary7@example.com", T0)
    await ReturningConnection(server).send("canary7@example.com", mail)
    ((_, sent, return_path),) = server.sent
    assert return_path == LINKS.bounce_address(TO, id_)
    assert b"Return-Path" not in sent
    (folder / "new" / "1").write_bytes(report(return_path))

    def report_gone(gone: SubscriptionId) -> None:
        world.reports.append(BOUNCED, about(gone))

    read_folder(folder, LINKS, report_gone)
    world.follow()
    ended = world.get(id_)
    assert (ended.state, ended.ending) == (SubscriptionState.ENDED, Ending.BOUNCED)
