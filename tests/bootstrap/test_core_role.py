"""The core's role where its journal goes away and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from monitor.adapters.clock import SystemClock
from monitor.adapters.journal import SqlJournal, migrate, open_journal
from monitor.bootstrap.configuration import Configuration
from monitor.bootstrap.core import CoreRole
from monitor.engine.billing import BillingTransaction
from monitor.engine.core import Core, Ticked
from monitor.ports.journal import JournalError
from tests.support.clock import FakeClock

DAY = 86_400
SHIPPED = Path(__file__).parents[2] / "config" / "services.yaml"


class AbsentJournal:
    """A journal whose database does not answer the next `absences` times."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal
        self.absences = 0

    def transaction(self) -> AbstractContextManager[BillingTransaction]:
        if self.absences:
            self.absences -= 1
            raise JournalError("no connection")
        return self._journal.transaction()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[AbsentJournal]:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    migrate(url, backup=False)
    with open_journal(url) as opened:
        yield AbsentJournal(opened)


async def at_once(_delay: float) -> None:
    """In place of a wait."""


async def test_a_core_whose_tick_failed_never_ticks_again(
    journal: AbsentJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = Configuration.read(SHIPPED, tmp_path)
    configuration.begin(journal, SystemClock().now())
    role = CoreRole(journal, configuration, tmp_path)
    failed = role.core
    monkeypatch.setattr(asyncio, "sleep", at_once)
    journal.absences = 3
    await role.begin_again()
    assert journal.absences == 0
    assert role.core is not failed


async def test_a_core_whose_past_was_corrected_never_ticks_again(
    journal: AbsentJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the journal goes away before another core is made."""
    configuration = Configuration.read(SHIPPED, tmp_path)
    configuration.begin(journal, SystemClock().now())
    role = CoreRole(journal, configuration, tmp_path)
    ticked: list[Core] = []
    tick = Core.tick

    def watched(core: Core) -> Ticked:
        ticked.append(core)
        return tick(core)

    monkeypatch.setattr(Core, "tick", watched)
    monkeypatch.setattr("monitor.bootstrap.core.correct_late", lambda *_: ("web",))
    former = role.core
    role._correct()
    journal.absences = 1
    with pytest.raises(JournalError):
        role._tick()
    role._tick()
    assert ticked == [role.core] != [former]


class Closer:
    """Counts how often months were looked at."""

    def __init__(self) -> None:
        self.asked = 0

    async def close_due(self, *_: object) -> None:
        self.asked += 1


async def test_a_core_closes_no_month_before_it_has_read_the_log(
    journal: AbsentJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = Configuration.read(SHIPPED, tmp_path)
    configuration.begin(journal, SystemClock().now())
    role, closer = CoreRole(journal, configuration, tmp_path), Closer()
    monkeypatch.setattr(role, "_closer", closer)
    await role._each_minute()
    assert closer.asked == 0
    role._tick()
    await role._each_minute()
    assert closer.asked == 1


async def test_a_core_closes_no_month_for_a_day_after_the_clock_has_leapt(
    journal: AbsentJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = Configuration.read(SHIPPED, tmp_path)
    configuration.begin(journal, SystemClock().now())
    clock, closer = FakeClock(), Closer()
    monkeypatch.setattr("monitor.bootstrap.core.SystemClock", lambda: clock)
    role = CoreRole(journal, configuration, tmp_path)
    monkeypatch.setattr(role, "_closer", closer)
    role._tick()
    clock.step(40 * DAY)
    await role._each_minute()
    clock.advance(DAY - 60)
    await role._each_minute()
    assert closer.asked == 0
    clock.advance(60)
    await role._each_minute()
    assert closer.asked == 1
