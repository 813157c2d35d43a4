"""A core without a journal wakes the operators before it ends, once for each damaged file."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.alerting.direct_alerts import DirectAlerts
from monitor.alerting.ports import Message, Transient
from monitor.domain.catalogue import Alerting, AlertTarget, Catalogue, Route
from monitor.domain.incidents.delivery import Notification
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.clock import Clock
from monitor.journal.access import open_journal
from monitor.journal.ports import JournalDamaged
from monitor.roles.core import damaged_journal
from monitor.roles.core.configuration import Configuration
from monitor.roles.core.core_role import CoreRole
from monitor.roles.core.damaged_journal import end_for_damage
from monitor.roles.settings import journal_reported_file
from tests.support.clock import FakeClock
from tests.support.journals import new_journal
from tests.support.worlds import catalogue

SHIPPED = Path(__file__).parents[2] / "config" / "services.yaml"


class Killed(BaseException):
    """The process ends in the middle of a wait."""


class Post:
    """Takes what reaches it, and remembers which notice went where. A wait passes at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / "journal.db"
        self.journal.write_bytes(b"first")
        self.clock = FakeClock()
        self.sent: list[tuple[str, str]] = []
        self.tries = 0
        self.waits: list[float] = []
        self.away: dict[str, float] = {}
        """Targets that cannot be reached yet, and until when, on the monotonic clock."""
        self.killed_after = float("inf")
        self.made = with_routes("ops")

    def words(self, made: Catalogue, _clock: Clock, _options: str) -> DirectAlerts:
        return DirectAlerts(
            clock=self.clock, alerting=lambda: made.alerting, compose=self.compose, send=self.send
        )

    def compose(self, owed: Notification) -> Message:
        return Message(key=owed.event, thread="", subject=owed.subject, text="", html="", fields={})

    async def send(self, message: Message, target: AlertTarget) -> Transient | None:
        self.tries += 1
        if self.clock.monotonic() < self.away.get(target.id, 0.0):
            return Transient("unreachable")
        self.sent.append((message.subject.rpartition(":")[0], target.id))
        return None

    async def wait(self, seconds: float) -> None:
        if self.clock.monotonic() >= self.killed_after:
            raise Killed
        self.waits.append(seconds)
        self.clock.advance(seconds)

    def end(self) -> int:
        error = JournalDamaged("journal x: malformed")
        return end_for_damage(error, Path("s.yaml"), self.folder, self.made)


def with_routes(*names: str) -> Catalogue:
    routes = (
        Route(id=name, targets=(AlertTarget(id=f"{name}-mail", kind="email", spec=None),))
        for name in names
    )
    return replace(catalogue(), alerting=Alerting(routes=tuple(routes)))


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Post:
    made = Post(tmp_path)
    monkeypatch.setattr(damaged_journal, "make_damage_alerts", made.words)
    monkeypatch.setattr(asyncio, "sleep", made.wait)
    return made


def test_operators_are_told_once_of_each_damaged_file(
    post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (post.end(), post.end()) == (65, 65)
    assert post.sent == [(SystemAlert.JOURNAL_DAMAGED, "ops-mail")]
    other = post.folder / "other.db"
    other.write_bytes(b"second")
    other.replace(post.journal)
    post.end()
    assert len(post.sent) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(
        "journal x: malformed; recover it into a new file: estado journal recover -c "
    )


def test_it_does_not_end_before_operators_were_told(post: Post) -> None:
    """The network was away for two minutes after a power cut, and nobody ever heard."""
    post.away = {"ops-mail": 7_200.0}
    assert post.end() == 65
    assert post.sent == [(SystemAlert.JOURNAL_DAMAGED, "ops-mail")]
    assert 7_200 <= post.clock.monotonic() < 7_300


def test_it_tries_less_often_once_it_has_tried_for_long(post: Post) -> None:
    post.away = {"ops-mail": 7_200.0}
    post.end()
    assert (post.waits[0], post.waits[-1]) == (2.0, 60.0)
    assert post.tries < 130


def test_one_that_is_killed_while_nobody_has_heard_tells_it_when_it_is_started_again(
    post: Post,
) -> None:
    post.away, post.killed_after = {"ops-mail": 300.0}, 100.0
    with pytest.raises(Killed):
        post.end()
    assert not journal_reported_file(post.folder).exists()
    post.killed_after = float("inf")
    assert post.end() == 65
    assert post.sent == [(SystemAlert.JOURNAL_DAMAGED, "ops-mail")]


def test_a_route_that_has_heard_does_not_hear_again_while_another_is_away(post: Post) -> None:
    post.made = with_routes("ops", "boss")
    post.away, post.killed_after = {"boss-mail": 300.0}, 100.0
    with pytest.raises(Killed):
        post.end()
    post.killed_after = float("inf")
    post.end()
    post.end()
    assert post.sent == [
        (SystemAlert.JOURNAL_DAMAGED, "ops-mail"),
        (SystemAlert.JOURNAL_DAMAGED, "boss-mail"),
    ]


def test_a_file_that_was_put_in_its_place_meanwhile_is_not_called_damaged(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.away = {"ops-mail": float("inf")}
    recovered = post.folder / "journal-recovered.db"
    recovered.write_bytes(b"whole")

    async def wait(seconds: float) -> None:
        post.clock.advance(seconds)
        if post.clock.monotonic() > 600 and recovered.exists():
            recovered.replace(post.journal)

    monkeypatch.setattr(asyncio, "sleep", wait)
    assert post.end() == 65
    assert post.sent == []
    assert post.clock.monotonic() < 700


def test_what_the_version_before_wrote_down_untold_as_told_is_told(post: Post) -> None:
    found = post.journal.stat()
    journal_reported_file(post.folder).write_text(f"[{found.st_dev}, {found.st_ino}]", "utf-8")
    post.end()
    assert len(post.sent) == 1


async def test_a_file_that_was_mended_and_is_damaged_again_is_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_journal(tmp_path / "journal.db")
    told = journal_reported_file(tmp_path)
    with open_journal(url) as journal:
        configuration = Configuration.read(SHIPPED, tmp_path)
        configuration.begin(journal, FakeClock().now())
        role = CoreRole(journal, configuration, tmp_path, url)
        told.write_text("{}", "utf-8")

        async def end(_seconds: float) -> None:
            raise Killed

        monkeypatch.setattr(asyncio, "sleep", end)
        with pytest.raises(Killed):
            await role._check_daily()
    assert not told.exists()
