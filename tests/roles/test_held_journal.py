"""What the core's role makes of a journal that another process holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from credits.journal import BillingTransaction
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, open_journal
from monitor.journal.ports import JournalBusy
from monitor.metrics.core_metrics import CoreMetrics
from monitor.roles.core import held_journal
from monitor.roles.core.configuration import Configuration
from monitor.roles.core.core_role import CoreRole
from monitor.roles.core.held_journal import TELL_AFTER_S, HeldJournal
from monitor.roles.core.pages.rendering import Renderer
from monitor.runtime.processes.other_process import OtherProcess
from monitor.runtime.system_clock import SystemClock
from tests.support.clock import FakeClock
from tests.support.journals import new_journal
from tests.support.worlds import World

SHIPPED = Path(__file__).parents[2] / "config" / "services.yaml"
HOLDER = OtherProcess(pid=4711, command="estado incident update", state="T")


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[HeldJournal, FakeClock]:
    clock = FakeClock()
    monkeypatch.setattr(held_journal, "find_holder", lambda _: HOLDER.pid)
    monkeypatch.setattr(held_journal, "look_at", lambda _: HOLDER)
    return HeldJournal(clock, "sqlite:///journal.db", tmp_path / "report"), clock


async def live(held: HeldJournal, clock: FakeClock, attempts: int, every: float = 0.5) -> None:
    for _ in range(attempts):
        held.note(is_held=True)
        await held.look()
        clock.advance(every)


async def test_a_short_wait_is_nothing_to_tell(held: tuple[HeldJournal, FakeClock]) -> None:
    await live(*held, attempts=3)
    assert not held[0].is_worth_telling
    assert held[0].words == ""


async def test_a_long_one_names_who_holds_it(
    held: tuple[HeldJournal, FakeClock], tmp_path: Path
) -> None:
    journal, clock = held
    await live(journal, clock, attempts=int(2 * TELL_AFTER_S) + 2)
    assert journal.is_worth_telling
    assert journal.about == "4711=estado incident update, stopped"
    assert "held by process 4711 (estado incident update, stopped) for 6 s" in journal.words
    assert json.loads((tmp_path / "report").read_text())["pid"] == 4711
    journal.note(is_held=False)
    assert (journal.is_worth_telling, journal.words, journal.lasted_s) == (False, "", 0.0)
    assert not (tmp_path / "report").exists()


async def test_a_time_in_which_nobody_tried_counts_for_little(
    held: tuple[HeldJournal, FakeClock],
) -> None:
    """A machine that slept, or a core that was stopped itself."""
    journal, clock = held
    await live(journal, clock, attempts=2)
    clock.advance(3_600)
    await live(journal, clock, attempts=1)
    assert journal.lasted_s <= 6


def test_whoever_asks_for_the_cores_health_is_told_and_nobody_restarts_it() -> None:
    now = read_clock(FakeClock())
    metrics = CoreMetrics(at=now.at, ticked_at=now, held="the journal has been held", held_s=9.0)
    assert metrics.standstill(now) == []
    assert list(map(str, metrics.own_faults(now))) == ["the journal has been held"]
    assert "the journal has been held" in map(str, metrics.faults(now))


class BusyJournal:
    """A journal that another process may hold."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal
        self.is_held = False

    def transaction(self) -> AbstractContextManager[BillingTransaction]:
        if self.is_held:
            raise JournalBusy("database is locked")
        return self._journal.transaction()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[BusyJournal]:
    url = new_journal(tmp_path / "journal.db")
    with open_journal(url) as opened:
        yield BusyJournal(opened)


def tick_anew(role: CoreRole) -> None:
    """A tick of the next second: it asks for the journal."""
    role.core._swept_at = Second(0)
    role._tick()


async def test_a_core_whose_journal_is_held_ticks_on_and_closes_no_month(
    journal: BusyJournal, tmp_path: Path
) -> None:
    configuration = Configuration.read(SHIPPED, tmp_path)
    configuration.begin(journal, SystemClock().now())
    role = CoreRole(journal, configuration, tmp_path)
    role._loop = asyncio.get_running_loop()
    role._tick()
    assert role._has_read_all
    core, journal.is_held = role.core, True
    tick_anew(role)
    assert role.core is core
    assert role._held.since is not None
    assert [role._has_read_all, role._unrecorded] == [False, ()]
    journal.is_held = False
    tick_anew(role)
    assert [role._held.since, role._unrecorded, role._has_read_all] == [None, None, True]


async def test_no_page_is_rendered_from_states_that_are_ahead_of_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    world.live(web="++", dns="++", mail="++")
    journal, free = BusyJournal(world.journal), world.core._journal
    journal.is_held = True
    monkeypatch.setattr(world.core, "_journal", journal)
    world.live(web="---", dns="+++", mail="+++")
    renderer = Renderer(world.journal, tmp_path, world.clock)
    with pytest.raises(JournalBusy, match="ahead"):
        renderer._views(world.core, read_clock(world.clock))
    monkeypatch.setattr(world.core, "_journal", free)
    world.core.tick()
    assert renderer._views(world.core, read_clock(world.clock))[0].incidents
