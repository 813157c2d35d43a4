"""A core without a journal wakes the operators before it ends, once for each damaged file."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.bootstrap import damaged_journal
from monitor.bootstrap.damaged_journal import end_for_damage
from monitor.domain.catalogue import Catalogue, Target
from monitor.domain.notification import Notification
from monitor.engine.distress import Distress, Trouble
from monitor.ports.clock import Clock
from monitor.ports.journal import JournalDamaged
from monitor.ports.notifier import Message
from tests.engine.worlds import catalogue


class Post:
    """Takes everything, and remembers which notice went where."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def words(self, made: Catalogue, clock: Clock, _options: str) -> Distress:
        return Distress(
            clock=clock, alerting=lambda: made.alerting, compose=self.compose, send=self.send
        )

    def compose(self, owed: Notification) -> Message:
        return Message(key=owed.event, thread="", subject=owed.subject, text="", html="", fields={})

    async def send(self, message: Message, target: Target) -> None:
        self.sent.append((message.subject.rpartition(":")[0], target.id))


def test_operators_are_told_once_of_each_damaged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    post, journal = Post(), tmp_path / "journal.db"
    monkeypatch.setattr(damaged_journal, "make_last_words", post.words)

    def end() -> int:
        return end_for_damage(
            JournalDamaged("journal x: malformed"), Path("s.yaml"), tmp_path, catalogue()
        )

    journal.write_bytes(b"first")
    assert (end(), end()) == (65, 65)
    assert post.sent == [(Trouble.DAMAGED, "ops-mail")]
    other = tmp_path / "other.db"
    other.write_bytes(b"second")
    other.replace(journal)
    end()
    assert len(post.sent) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(
        "journal x: malformed; recover it into a new file: estado journal recover -c "
    )
