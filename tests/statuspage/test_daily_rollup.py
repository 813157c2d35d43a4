"""The page's days: what is remembered of them is only what nothing can change any more."""

from __future__ import annotations

from pathlib import Path

from monitor.domain.time.calendar import local_days
from monitor.domain.time.interval import Interval, Second
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.model import PublicDay
from statuspage.view.public_view import build_view
from tests.support.worlds import DNS, INTERVAL, MAIL, T0, WEB, ZONE, World, look

HOURS = 60
"""Minutes, that is, looks."""


def shown_days(world: World, days: DailyRollup) -> tuple[PublicDay, ...]:
    with world.journal.transaction() as tx:
        view = build_view(tx, world.core.state, world.clock.now(), stale_after=120, days=days)
    return next(c for c in view.components if c.id == WEB).days


def test_a_gap_that_turns_out_to_be_downtime_is_shown_so_on_the_days_it_covered(
    tmp_path: Path,
) -> None:
    world, days = World(tmp_path), DailyRollup()
    world.live(web="++---", dns="+++++", mail="+++++")
    world.clock.advance(2 * 24 * HOURS * INTERVAL)
    world.core.tick()
    shown_days(world, days)
    world.live(web="--", dns="++", mail="++")
    assert shown_days(world, days) == shown_days(world, DailyRollup())


def test_days_read_from_a_backlog_are_shown_as_if_the_core_had_never_been_away(
    tmp_path: Path,
) -> None:
    world, days = World(tmp_path), DailyRollup()
    world.live(web="++", dns="++", mail="++")
    shown_days(world, days)
    began = world.clock.now()
    for minute in range(2 * 24 * HOURS):
        at = Second(began + minute * INTERVAL)
        world.log.add(*(look(component, at, "+") for component in (WEB, DNS, MAIL)))
    world.clock.advance(2 * 24 * HOURS * INTERVAL)
    world.restarted()
    shown_days(world, days)
    while world.core.tick().backlog:
        shown_days(world, days)
    assert shown_days(world, days) == shown_days(world, DailyRollup())


def test_a_day_that_is_not_over_is_not_closed_by_a_look_that_covers_its_end(
    tmp_path: Path,
) -> None:
    world, days = World(tmp_path), DailyRollup()
    world.live(web="+-----", dns="++++++", mail="++++++")
    midnight = next(local_days(Interval(T0, Second(T0 + 1)), ZONE))[1].end
    minutes = (midnight - world.clock.now()) // INTERVAL - 1
    world.live(web="-" * minutes, dns="+" * minutes, mail="+" * minutes)
    world.log.add(look(WEB, world.clock.now(), "-"))
    world.clock.advance(INTERVAL - 5)
    world.core.tick()
    shown_days(world, days)
    world.clock.advance(5)
    assert world.clock.now() == midnight
    world.live(web="--", dns="++", mail="++")
    assert shown_days(world, days) == shown_days(world, DailyRollup())


def test_days_are_counted_anew_where_the_clock_was_set_back(tmp_path: Path) -> None:
    world, days = World(tmp_path), DailyRollup()
    world.live(web="++---", dns="+++++", mail="+++++")
    shown_days(world, days)
    world.clock.step(-3 * 24 * HOURS * INTERVAL)
    assert shown_days(world, days) == shown_days(world, DailyRollup())
