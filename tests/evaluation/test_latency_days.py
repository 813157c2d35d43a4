"""How long components took to answer, by day: counted once, whatever is killed and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.domain.catalogue import Affects
from monitor.domain.checks.observation import CheckId, ComponentId, LocationId
from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.time.calendar import at_zone, local_day
from monitor.domain.time.interval import Interval, Second
from monitor.evaluation.latency_days import SAVE_EVERY
from monitor.journal.ports import DailyLatency
from monitor.journal.tables import daily_latency
from tests.support.worlds import DNS, INTERVAL, T0, WEB, ZONE, World, catalogue, check, look

DAY = local_day(at_zone(T0, ZONE).date(), ZONE)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def stored(world: World) -> Sequence[DailyLatency]:
    with world.journal.transaction() as tx:
        return tx.latencies.of_days(Interval(Second(0), Second(T0 * 2)))


def seen(world: World, took_ms: float, mark: str = "+", *, at: Second | None = None) -> None:
    found = look(WEB, world.clock.now() if at is None else at, mark)
    world.log.add(replace(found, phases_ms={"connect": took_ms / 4, "reply": took_ms * 3 / 4}))


def minutes(world: World, *took_ms: float) -> None:
    """A run and a tick a minute."""
    for took in took_ms:
        seen(world, took)
        world.clock.advance(INTERVAL)
        world.core.tick()


def whole_until(world: World) -> Second | None:
    return world.core.latencies.stored_at


def long_after(world: World) -> None:
    world.clock.advance(SAVE_EVERY)
    world.core.tick()


def test_a_days_runs_are_counted_with_their_median_and_their_slowest(world: World) -> None:
    minutes(world, *[100] * 18, 900, 900)
    long_after(world)
    (day,) = stored(world)
    assert (day.component, day.kind, day.day, day.runs) == (WEB, ServiceKind.OTHER, DAY.start, 20)
    assert day.p50_us == pytest.approx(100_000, rel=0.011)
    assert day.p95_us == pytest.approx(900_000, rel=0.011)


def test_what_did_not_succeed_or_was_not_seen_enters_no_figure(world: World) -> None:
    minutes(world, 100)
    for mark in "-?":
        seen(world, 5_000, mark)
        world.clock.advance(INTERVAL)
        world.core.tick()
    world.log.add_absurd(replace(look(WEB, world.clock.now(), "+"), phases_ms={"reply": 9_000.0}))
    long_after(world)
    (day,) = stored(world)
    assert day.runs == 1
    assert day.p95_us == pytest.approx(100_000, rel=0.011)


def test_a_core_that_is_killed_counts_each_run_once(world: World) -> None:
    for took in range(10, 200, 10):
        minutes(world, took)
        world.restarted()
    long_after(world)
    assert [day.runs for day in stored(world)] == [19]


def test_a_round_is_added_in_parts_and_a_kill_within_it_counts_each_run_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.evaluation.latency_days.ADDED_A_TICK", 1)
    made = catalogue()
    several = [ComponentId(f"c{number}") for number in range(8)]
    world = World(tmp_path, replace(
        made,
        components=tuple(replace(made.components[0], id=name) for name in several),
        checks=tuple(check(name) for name in several),
    ))  # fmt: skip

    def minute() -> None:
        for name in several:
            ran = look(name, world.clock.now(), "+")
            world.log.add(replace(ran, phases_ms={"reply": 100.0}))
        world.clock.advance(INTERVAL)
        world.core.tick()

    minute()
    assert [day.runs for day in stored(world)] == [1] * 8
    minute()
    world.clock.advance(SAVE_EVERY)
    world.core.tick()
    assert sorted(day.runs for day in stored(world)) == [*[1] * 7, 2]
    began = world.clock.now()
    minute()
    assert sorted(day.runs for day in stored(world)) == [*[1] * 6, 2, 3]
    world.restarted()
    for _ in range(8):
        minute()
    for _ in range(20):
        world.clock.advance(INTERVAL)
        world.core.tick()
    assert [day.runs for day in stored(world)] == [11] * 8
    assert (whole_until(world) or 0) > began


def test_what_came_while_a_round_was_under_way_is_not_said_to_be_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    minutes(world, 100)
    monkeypatch.setattr("monitor.evaluation.latency_days.ADDED_A_TICK", 1)
    for component in (WEB, DNS):
        ran = look(component, world.clock.now(), "+")
        world.log.add(replace(ran, phases_ms={"reply": 100.0}))
    world.clock.advance(SAVE_EVERY)
    first = whole_until(world)
    world.core.tick()
    began = world.clock.now()
    assert whole_until(world) == first
    for _ in range(2):
        world.clock.advance(1)
        world.core.tick()
    assert whole_until(world) == began


def test_runs_lie_on_the_local_day_of_their_slot(world: World) -> None:
    for at in (DAY.end - 1, DAY.end, DAY.end + 1):
        seen(world, 50, at=Second(at))
    world.clock.advance(DAY.end + SAVE_EVERY - T0)
    world.core.tick()
    long_after(world)
    assert [(day.day, day.runs) for day in stored(world)] == [(DAY.start, 1), (DAY.end, 2)]


def test_checks_of_one_kind_and_their_places_are_one_figure(tmp_path: Path) -> None:
    made = catalogue()
    other = replace(check(WEB), id=CheckId("web-other"))
    unused = replace(check(WEB), id=CheckId("web-unused"), affects=Affects.NOTHING)
    world = World(tmp_path, replace(made, checks=(*made.checks, other, unused)))
    first = replace(look(WEB, world.clock.now(), "+"), phases_ms={"reply": 100.0})
    world.log.add(
        first,
        replace(first, location=LocationId("afar")),
        replace(first, check=other.id, phases_ms={"reply": 300.0}),
        replace(first, check=unused.id, phases_ms={"reply": 9_000.0}),
    )
    world.clock.advance(INTERVAL)
    world.core.tick()
    (day,) = stored(world)
    assert day.runs == 3
    assert day.p95_us == pytest.approx(300_000, rel=0.011)


def test_the_days_that_are_whole_are_known_once_everything_is_stored(world: World) -> None:
    minutes(world, 100)
    first = whole_until(world)
    assert first == world.clock.now()
    minutes(world, 100)
    assert whole_until(world) == first
    long_after(world)
    assert whole_until(world) == world.clock.now()


def test_a_run_without_phases_or_of_an_unknown_check_is_passed_over(world: World) -> None:
    world.log.add(
        look(WEB, world.clock.now(), "+"),
        replace(look(WEB, world.clock.now(), "+"), check=CheckId("gone"), phases_ms={"reply": 1.0}),
    )
    world.clock.advance(INTERVAL)
    world.core.tick()
    assert stored(world) == []


def test_a_damaged_sketch_stops_no_decision(world: World) -> None:
    minutes(world, 100)
    engine = sa.create_engine(f"sqlite:///{world.folder / 'journal.db'}")
    with engine.begin() as connection:
        connection.execute(sa.update(daily_latency).values(sketch=b"\xff\xff"))
    engine.dispose()
    minutes(world, 200)
    long_after(world)
    (day,) = stored(world)
    assert day.runs == 1
