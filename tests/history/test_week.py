"""The hours of the week, by hand: nights, clock changes, gaps, planned work, and the beginning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import CatalogueRevision
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.calendar import at_zone, local_day, local_hours
from monitor.domain.time.interval import Second
from monitor.history.uptime import uptime_of
from monitor.history.week import Day, Hour, check_week, component_week
from tests.support.clock import second
from tests.support.worlds import DNS, INTERVAL, MAIL, T0, WEB, ZONE, World, catalogue, look

MADRID = ZoneInfo("Europe/Madrid")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
KATHMANDU = ZoneInfo("Asia/Kathmandu")


def week(world: World, at: Second | None = None) -> tuple[Day, ...]:
    now = at or world.clock.now()
    check = world.catalogues.present(now).catalogue.checks[0]
    with world.journal.transaction() as tx:
        found = check_week(tx, world.catalogues, check, now)
        assert found == component_week(tx, world.catalogues, WEB, now)
    return found


def hour(days: tuple[Day, ...], at: Second, zone: ZoneInfo = ZONE) -> Hour:
    local = at_zone(at, zone)
    return next(d for d in days if d.day == local.date()).hours[local.hour]


def run_until(world: World, at: int, mark: str = "+") -> None:
    while world.clock.now() < at:
        now = world.clock.now()
        if mark.strip():
            world.log.add(*(look(c, now, mark if c == WEB else "+") for c in (WEB, DNS, MAIL)))
        world.clock.advance(INTERVAL)
    while world.core.tick().backlog:
        pass


def in_zone(folder: Path, zone: ZoneInfo, start: Second) -> World:
    """A world whose first look is at `start`."""
    world = World(folder, replace(catalogue(), zone=zone))
    world.catalogues = Catalogues(
        [
            CatalogueRevision(
                number=1, hash="x", text="", effective_from=start,
                catalogue=replace(catalogue(), zone=zone),
            )
        ]
    )  # fmt: skip
    world.clock.advance(start - world.clock.now())
    world.restarted()
    return world


def lengths(day: date, zone: ZoneInfo) -> Mapping[int, int]:
    found = local_hours(local_day(day, zone), zone)
    assert sum(part.seconds for part in found.values()) == local_day(day, zone).seconds
    return {hour: part.seconds for hour, part in found.items()}


@pytest.mark.parametrize(
    ("day", "zone", "unusual"),
    [
        (date(2026, 10, 25), MADRID, {2: 7_200}),
        (date(2026, 3, 29), MADRID, {2: 0}),
        (date(2026, 4, 5), LORD_HOWE, {1: 5_400}),
        (date(2026, 10, 4), LORD_HOWE, {2: 1_800}),
        (date(2026, 10, 25), KATHMANDU, {}),
        # At midnight: the first hour of the day is skipped, the last one of the day before twice.
        (date(2008, 10, 19), ZONE, {0: 0}),
        (date(2009, 3, 14), ZONE, {23: 7_200}),
    ],
)
def test_an_hour_is_as_long_as_the_wall_clock_says_it(
    day: date, zone: ZoneInfo, unusual: Mapping[int, int]
) -> None:
    wanted = dict.fromkeys(range(24), 3600) | dict(unusual)
    assert lengths(day, zone) == {hour: length for hour, length in wanted.items() if length}


def test_seven_days_the_last_of_them_today_until_now(tmp_path: Path) -> None:
    world = World(tmp_path)
    run_until(world, T0 + 3_600)
    days = week(world)
    assert [d.day for d in days] == [date(2026, 9, 15 + n) for n in range(7)]
    now = at_zone(world.clock.now(), ZONE)
    assert max(days[-1].hours) == now.hour
    assert hour(days, world.clock.now()).seconds.total == now.minute * 60 + now.second
    assert not days[-1].skipped


def test_before_the_first_result_nobody_looked(tmp_path: Path) -> None:
    world = World(tmp_path)
    run_until(world, T0 + 3_600)
    days = week(world)
    assert {h.seconds.before_records for h in days[0].hours.values()} == {3_600}
    first = hour(days, T0).seconds
    began = T0 % 3_600
    assert (first.before_records, first.up, first.unknown) == (began, 3_600 - began, 0)


def test_without_any_result_nothing_is_unknown(tmp_path: Path) -> None:
    for day in week(World(tmp_path)):
        assert all(h.seconds.before_records == h.seconds.total for h in day.hours.values())


def test_an_outage_over_midnight_is_in_both_days(tmp_path: Path) -> None:
    world = World(tmp_path)
    midnight = Second(local_day(date(2026, 9, 22), ZONE).start)
    run_until(world, midnight - 20 * INTERVAL)
    run_until(world, midnight + 10 * INTERVAL, "-")
    run_until(world, midnight + 90 * INTERVAL)
    days = week(world)
    assert hour(days, Second(midnight - 1)).seconds.down == 20 * INTERVAL
    assert hour(days, midnight).seconds.down == 10 * INTERVAL


def test_the_hour_that_comes_twice_has_both_its_outages(tmp_path: Path) -> None:
    """And its seconds are two hours'."""
    twice = second("2026-10-25T00:00:00Z")
    world = in_zone(tmp_path, MADRID, Second(twice - 3_600))
    for at in (twice, twice + 3_600):
        run_until(world, at + 5 * INTERVAL)
        run_until(world, at + 15 * INTERVAL, "-")
    run_until(world, twice + 3 * 3_600)
    found = hour(week(world), twice, MADRID)
    assert (found.interval.seconds, found.seconds.total) == (7_200, 7_200)
    assert found.seconds.down == 20 * INTERVAL


def test_the_hour_that_is_skipped_is_none(tmp_path: Path) -> None:
    skipped = second("2027-03-28T01:00:00Z")
    world = in_zone(tmp_path, MADRID, Second(skipped - 3_600))
    run_until(world, skipped + 2 * 3_600)
    day = week(world)[-1]
    assert day.skipped == {2}
    assert 2 not in day.hours
    assert sum(h.seconds.total for h in day.hours.values()) == 4 * 3_600


def test_unknown_and_excluded_seconds_are_told_apart(tmp_path: Path) -> None:
    world = World(tmp_path)
    start = Second(T0 - T0 % 3_600 + 3_600)
    run_until(world, start)
    with world.journal.transaction() as tx:
        tx.maintenance.save(
            MaintenanceWindow(
                id=MaintenanceId("m1"), title=plain("Cambio"), impact=plain("Corte"),
                start=Second(start + 600), end=Second(start + 1_800), components=(WEB,),
            )
        )  # fmt: skip
        tx.maintenance.publish([MaintenanceId("m1")], world.clock.now())
    run_until(world, start + 900)
    run_until(world, start + 1_500, "-")
    run_until(world, start + 2_400)
    run_until(world, start + 3_000, " ")
    run_until(world, start + 3_600)
    found = hour(week(world), start).seconds
    assert (found.down, found.excluded, found.total) == (0, 600, 3_600)
    assert found.unknown == 600 - INTERVAL + INTERVAL


def test_it_counts_the_hours_as_the_history_does(tmp_path: Path) -> None:
    world = World(tmp_path)
    run_until(world, T0 + 30 * INTERVAL)
    run_until(world, T0 + 70 * INTERVAL, "-")
    run_until(world, T0 + 80 * INTERVAL, "~")
    run_until(world, T0 + 300 * INTERVAL)
    now = world.clock.now()
    every = [h for d in week(world) for h in d.hours.values()]
    hours = [h for h in every if not h.seconds.before_records]
    assert len(hours) == 5
    with world.journal.transaction() as tx:
        for found in hours:
            part = replace(found.interval, end=min(found.interval.end, now))
            check = world.catalogues.present(now).catalogue.checks[0]
            wanted = uptime_of(tx, world.catalogues, check, None, part, [part], now)
            assert found.seconds == wanted.whole
    assert sum(h.seconds.down for h in every) == 40 * INTERVAL
