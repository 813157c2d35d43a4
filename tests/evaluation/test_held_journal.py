"""Another transaction holds the journal: the core goes on in memory, and records it all later."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import pytest

from monitor.domain.checks.observation import LOCAL, CheckId, Outcome
from monitor.domain.incidents.incident import Incident
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.journal.access import open_journal, open_lease
from monitor.journal.ports import JournalBusy
from monitor.state.unrecorded import UnrecordedStatus, unrecorded_statuses
from tests.support.worlds import DNS, INTERVAL, MAIL, T0, WEB, World, look


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Its core has the lease, and waits for nobody for long."""
    for name in ("CORE_BUSY_MS", "HELD_BUSY_MS"):
        monkeypatch.setattr(f"monitor.journal.journal.{name}", 10)
    made = World(tmp_path)
    lease = open_lease(url(made))
    with lease as epoch, open_journal(url(made), epoch=epoch, lease=lease) as journal:
        made.journal = journal
        made.restarted()
        yield made


def url(world: World) -> str:
    return f"sqlite:///{world.folder / 'journal.db'}"


@contextmanager
def held(world: World) -> Iterator[None]:
    with closing(sqlite3.connect(world.folder / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def incidents(world: World) -> list[Incident]:
    with world.journal.transaction() as tx:
        return list(tx.incidents.touching(Interval(Second(0), FOREVER)))


def at(minute: int) -> Second:
    return Second(T0 + minute * INTERVAL)


def told(world: World) -> dict[str, UnrecordedStatus]:
    core = world.core
    found = unrecorded_statuses(core.state, core.unrecorded, core.windows, world.clock.now())
    return {status.component: status for status in found}


def test_a_tick_without_the_journal_says_so_and_goes_on_reading(world: World) -> None:
    world.live(web="++", dns="++", mail="++")
    with held(world):
        world.live(web="---", dns="+++", mail="+++")
        ticked = world.core.tick()
        assert ticked.is_held
        assert not ticked.changed
        assert world.core.state.states[(CheckId("web-check"), LOCAL)].status is Outcome.DOWN
    assert incidents(world) == []
    assert world.core.tick().changed
    assert not world.core.unrecorded
    (incident,) = incidents(world)
    assert incident.started_at == at(2)


def test_a_tick_that_has_nothing_to_record_does_not_take_the_journal_for_free(
    world: World,
) -> None:
    """Every second one does not ask for it: it looked free again and again, and nobody was told."""
    world.live(web="++", dns="++", mail="++")
    with held(world):
        world.clock.advance(1)
        assert [world.core.tick().is_held for _ in range(3)] == [True, True, True]
    assert world.core.tick().is_held, "it has not asked since"
    world.clock.advance(1)
    assert [world.core.tick().is_held for _ in range(2)] == [False, False]


def story(world: World, *, is_held: bool) -> list[object]:
    """An outage that begins and ends meanwhile, one that only ends, and one that only begins."""
    world.live(web="++++++", dns="++----", mail="++++++")
    parts = {"web": "---+++++", "dns": "--++++++", "mail": "+++++---"}
    with held(world) if is_held else nullcontext():
        world.live(**parts)
    world.live(web="+" * 20, dns="+" * 20, mail="-" * 10 + "+" * 10)
    with world.journal.transaction() as tx:
        moves = tx.transitions.drawing(Interval(Second(0), FOREVER))
    return [moves, [(i.id, i.affected, i.phase) for i in incidents(world)]]


def test_what_happened_meanwhile_is_recorded_as_if_nobody_had_held_it(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "free").mkdir()
    expected = story(World(tmp_path / "free"), is_held=False)
    recorded = story(world, is_held=True)
    assert recorded == expected
    parts = [part for i in incidents(world) for part in i.affected]
    assert {(part.component, part.start, part.end) for part in parts} == {
        (WEB, at(6), at(9)), (DNS, at(2), at(8)), (MAIL, at(11), at(24))
    }  # fmt: skip


def test_no_decision_is_lost_where_the_core_dies_before_it_gets_the_journal(world: World) -> None:
    world.live(web="++", dns="++", mail="++")
    with held(world):
        world.live(web="----", dns="++++", mail="++++")
    world.restarted().tick()
    (incident,) = incidents(world)
    assert incident.started_at == at(2)


def test_what_is_folded_again_saves_no_cursor_that_is_ahead_of_a_decision(world: World) -> None:
    world.live(web="++", dns="++", mail="++")
    with held(world):
        world.live(web="---", dns="+++", mail="+++")
    with pytest.raises(JournalBusy):
        world.core.amend({}, lambda _: False)
    world.restarted().tick()
    assert [i.started_at for i in incidents(world)] == [at(2)]


def test_a_step_of_the_clock_waits_behind_what_was_decided_before_it(world: World) -> None:
    world.live(web="++", dns="++", mail="++")
    with held(world):
        world.live(web="---", dns="+++", mail="+++")
        world.log.set_clock(world.clock.now(), Second(world.clock.now() - 30))
        world.log.add(look(DNS, world.clock.now(), "+"))
        ticked = world.core.tick()
        assert ticked.is_held
        assert ticked.rows == 0
    while world.core.tick().backlog:
        pass
    assert [i.started_at for i in incidents(world)] == [at(2)]


def test_operators_are_told_what_changed_and_not_what_is_as_recorded(world: World) -> None:
    world.live(web="++++", dns="----", mail="++++")
    with held(world):
        world.live(web="---", dns="---", mail="+++")
        assert set(told(world)) == {WEB}
        assert (told(world)[WEB].status, told(world)[WEB].since) == (Outcome.DOWN, at(4))
        assert told(world)[WEB].cause == "conn_refused"
        world.live(web="+", dns="+", mail="+")
        assert {c: s.status for c, s in told(world).items()} == {WEB: Outcome.UP, DNS: Outcome.UP}
        assert told(world)[DNS].recorded is Outcome.DOWN
        assert told(world)[DNS].since == at(7)
    world.core.tick()
    assert told(world) == {}


def test_a_change_that_nobody_confirmed_is_not_told(world: World) -> None:
    world.live(web="++", dns="++", mail="++")
    with held(world):
        world.live(web="--", dns="++", mail="++")
        assert told(world) == {}
        world.live(mail="   ")
        assert told(world) == {}
    assert MAIL not in told(world)
