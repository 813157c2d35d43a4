"""The core's state is followed by what has moved, and is what reading all of it would give."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.api.present import core_states
from monitor.api.present.core_states import CoreStates
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import CatalogueRevision
from monitor.domain.checks.observation import LOCAL, CheckId, Outcome
from monitor.domain.time.interval import Second
from monitor.roles.console.journal import ReadingJournal
from monitor.state import core_state
from monitor.state.core_state import CoreState
from tests.support.worlds import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """One whose state is kept, though it is small."""
    monkeypatch.setattr(core_states, "_FEW", 0)
    made = World(tmp_path)
    made.live(web="+" * 5, dns="+" * 5, mail="+" * 5)
    return made


@pytest.fixture
def made_anew(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each state that was read as a whole."""
    read: list[int] = []
    begin = CoreState.__init__

    def counted(self: CoreState, *given: object) -> None:
        read.append(1)
        begin(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(core_state.CoreState, "__init__", counted)
    return read


def reading(world: World) -> ReadingJournal:
    return ReadingJournal(lambda: f"sqlite:///{world.folder / 'journal.db'}")


def seen(states: CoreStates, world: World) -> CoreState:
    journal = reading(world)
    return states.read(journal, world.catalogues, world.clock, is_exact=True).core


def anew(world: World) -> CoreState:
    with reading(world).transaction() as tx:
        return CoreState(tx, world.catalogues, world.clock.now(), world.clock.boottime)


def require_same(followed: CoreState, whole: CoreState) -> None:
    assert followed.states == whole.states
    assert followed.component_statuses == whole.component_statuses
    assert followed.cursor == whole.cursor


def test_it_follows_falls_and_recoveries_without_reading_everything(
    world: World, made_anew: list[int]
) -> None:
    states = CoreStates()
    before = seen(states, world)
    made_anew.clear()
    world.live(web="-----", dns="+" * 5, mail="+" * 5)
    fallen = seen(states, world)
    assert fallen.component_statuses[fallen.catalogue.components[0].id].status is Outcome.DOWN
    assert before.component_statuses[before.catalogue.components[0].id].status is Outcome.UP
    world.live(web="+++++", dns="+--+-", mail="~" * 5)
    later = seen(states, world)
    assert not made_anew
    require_same(later, anew(world))


def test_a_corrected_past_is_read_as_a_whole(world: World, made_anew: list[int]) -> None:
    states = CoreStates()
    world.live(web="-----", dns="+" * 5, mail="+" * 5)
    seen(states, world)
    made_anew.clear()
    with world.journal.transaction() as tx:
        tx.transitions.withdraw(world.clock.now(), world.clock.now())
        tx.transitions.withdraw(world.core.state.catalogues.ruling[0][1].start, world.clock.now())
    later = seen(states, world)
    assert made_anew
    require_same(later, anew(world))


def test_a_state_is_taken_from_before_only_as_it_is_stored(world: World) -> None:
    key = (CheckId("web-check"), LOCAL)
    with reading(world).transaction() as tx:
        first = tx.folds.seen(core_states._NOTHING_SEEN)
        again = tx.folds.seen(first)
    assert again.states[key] is first.states[key]
    with world.journal.transaction() as tx:
        # Even where it says of the same slot something else.
        tx.folds.save({key: replace(first.states[key], failures=9)}, tx.folds.cursor())
    with reading(world).transaction() as tx:
        later = tx.folds.seen(first)
    assert later.states[key].failures == 9
    assert later.states == tx_states(world)


def tx_states(world: World) -> object:
    with reading(world).transaction() as tx:
        return tx.folds.states()


def test_a_fold_that_is_gone_is_gone(world: World) -> None:
    states, key = CoreStates(), (CheckId("mail-check"), LOCAL)
    assert key in seen(states, world).states
    with world.journal.transaction() as tx:
        tx.folds.forget([key])
    world.live(web="+", dns="+")
    assert key not in seen(states, world).states


def test_another_journal_in_its_place_is_read_as_a_whole(
    world: World, made_anew: list[int], tmp_path: Path
) -> None:
    states = CoreStates()
    world.live(web="-----", dns="+" * 5, mail="+" * 5)
    seen(states, world)
    other = tmp_path / "other"
    other.mkdir()
    another = World(other)
    another.live(web="+" * 9, dns="+------+", mail="-+-+-----")
    another.live(web="---++++--", dns="+++++++++", mail="+++++++++")
    assert newest(another) >= newest(world)
    another.journal.close()
    world.journal.close()
    for part in ("", "-wal", "-shm"):
        (world.folder / f"journal.db{part}").unlink(missing_ok=True)
        file = other / f"journal.db{part}"
        if file.exists():
            file.rename(world.folder / f"journal.db{part}")
    made_anew.clear()
    later = states.read(reading(world), world.catalogues, another.clock, is_exact=True).core
    assert made_anew
    require_same(later, anew(world))


@pytest.mark.parametrize("few", [0, 1_000])
def test_a_configuration_begins_though_no_result_has_come(
    world: World, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(core_states, "_FEW", few)
    (first,) = world.catalogues.revisions
    later = replace(first.catalogue, checks=first.catalogue.checks[:1])
    start = Second(world.clock.now() + 60)
    second = CatalogueRevision(number=2, hash="y", text="", effective_from=start, catalogue=later)
    world.catalogues, states = Catalogues([first, second]), CoreStates()
    assert seen(states, world).catalogue is first.catalogue
    world.clock.advance(60)
    assert seen(states, world).catalogue is later


def newest(world: World) -> int:
    with world.journal.transaction() as tx:
        return tx.transitions.newest()
