"""Late results: the stretch is folded again, a new revision is written, nobody is woken."""

from __future__ import annotations

from pathlib import Path

from monitor.domain.interval import Interval, Second
from monitor.domain.observation import LOCAL
from monitor.engine.correct import correct_late
from tests.engine.worlds import INTERVAL, T0, WEB, World, look


def drawn(world: World) -> list[tuple[str, int]]:
    with world.journal.transaction() as tx:
        found = tx.transitions.drawing(Interval(Second(0), Second(world.clock.now() + 1)))
    key = next(k for k in found if k[0] == "web-check")
    return [(str(t.to), (t.effective_at - T0) // INTERVAL) for t in found[key]]


def correct(world: World) -> tuple[object, ...]:
    with world.journal.transaction() as tx:
        return correct_late(tx, world.log, world.catalogues.check, world.clock.now())


def test_results_that_come_late_fill_the_gap_that_they_left(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="++        ++", dns="+" * 12, mail="+" * 12)
    assert drawn(world) == [("up", 0), ("unknown", 2), ("up", 10)]
    for minute in range(2, 10):
        mark = "-" if 4 <= minute < 8 else "+"
        world.log.add(look(WEB, Second(T0 + minute * INTERVAL), mark))
    world.clock.advance(1)
    world.core.tick()
    assert correct(world) == (("web-check", LOCAL),)
    assert drawn(world) == [("up", 0), ("down", 4), ("up", 8)]
    with world.journal.transaction() as tx:
        assert tx.incidents.unresolved() == ()
        assert not tx.folds.dirty()
        assert tx.changes.since(0, 100)[-1].kind == "timeline.corrected"


def test_a_late_result_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="+++++", dns="+++++", mail="+++++")
    world.log.add(look(WEB, Second(T0 + 90), "+"))
    world.clock.advance(1)
    world.core.tick()
    assert correct(world) == ()


def test_looks_after_a_correction_go_on_from_what_it_found(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="++ - --", dns="+" * 7, mail="+" * 7)
    fell = drawn(world)
    world.log.add(look(WEB, Second(T0 + 4 * INTERVAL), "+"))
    world.clock.advance(1)
    world.core.tick()
    assert correct(world)
    assert drawn(world) != fell
    world.restarted()
    world.clock.advance(INTERVAL - 1)
    world.live(web="-", dns="+", mail="+")
    whole = World(_folder(tmp_path))
    whole.live(web="++ -+---", dns="+" * 8, mail="+" * 8)
    assert drawn(world) == drawn(whole)


def test_a_late_success_undoes_an_outage_backdated_into_the_day_before(tmp_path: Path) -> None:
    world = World(tmp_path)
    midnight = Second(T0 - T0 % 86_400 + 86_400)
    world.clock.advance(midnight - 3 * INTERVAL - world.clock.now())
    world.live(web="++- --+++", dns="+" * 9, mail="+" * 9)
    assert "down" in [status for status, _ in drawn(world)]
    world.log.add(look(WEB, midnight, "+"))
    world.clock.advance(1)
    world.core.tick()
    assert correct(world)
    assert "down" not in [status for status, _ in drawn(world)]


def _folder(under: Path) -> Path:
    made = under / "whole"
    made.mkdir()
    return made
