"""Looks that do not count, one after the other: a clock that was set makes few of them."""

from __future__ import annotations

from pathlib import Path

from monitor.domain.checks.observation import LoggedResult
from monitor.domain.time.interval import Second
from monitor.evaluation.tick import AbsurdRuns
from tests.results.samples import a_result
from tests.support.clock import FakeClock
from tests.support.worlds import INTERVAL, T0, WEB, World, look


def rows(marks: str) -> list[LoggedResult]:
    """`x` is absurd."""
    return [
        LoggedResult(seq=place, result=a_result(place), is_absurd=mark == "x")
        for place, mark in enumerate(marks, 1)
    ]


def lasted_s(*batches: str) -> float:
    """A batch a minute; how long the run at the end has lasted."""
    clock = FakeClock()
    run = AbsurdRuns(clock.monotonic)
    for batch in batches:
        run.take(rows(batch))
        clock.advance(60)
    return run.lasted_s


def test_it_lasts_from_the_first_absurd_look_to_the_last() -> None:
    assert lasted_s("..x", "xx", "", "x") == 180


def test_a_look_that_counts_ends_it() -> None:
    assert lasted_s("x", "x", "x.") == 0
    assert lasted_s("x", "x", ".x") == 0
    assert lasted_s("x", "x", ".x", "x") == 60


def test_the_core_tells_of_looks_that_do_not_count(tmp_path: Path) -> None:
    world = World(tmp_path)
    for minute in range(3):
        world.log.add_absurd(look(WEB, Second(T0 + minute * INTERVAL), "-"))
        world.core.tick()
        world.clock.advance(INTERVAL)
    assert world.core.absurd.lasted_s == 2 * INTERVAL
    world.live(web="+")
    assert world.core.absurd.lasted_s == 0


def test_looks_that_a_set_clock_made_absurd_last_no_longer_though_nothing_follows() -> None:
    assert lasted_s("..xx", "", "", "") == 0
