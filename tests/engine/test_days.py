"""The page's days: what is remembered of them is only what nothing can change any more."""

from __future__ import annotations

from pathlib import Path

from monitor.domain.interval import Second
from monitor.domain.public import PublicDay
from monitor.engine.public_view import DayBook, build_view
from tests.engine.worlds import DNS, INTERVAL, MAIL, WEB, World, look

HOURS = 60
"""Minutes, that is, looks."""


def shown_days(world: World, days: DayBook) -> tuple[PublicDay, ...]:
    with world.journal.transaction() as tx:
        view = build_view(tx, world.core.held, world.clock.now(), stale_after=120, days=days)
    return next(c for c in view.components if c.id == WEB).days


def test_a_gap_that_turns_out_to_be_downtime_is_shown_so_on_the_days_it_covered(
    tmp_path: Path,
) -> None:
    world, days = World(tmp_path), DayBook()
    world.live(web="++---", dns="+++++", mail="+++++")
    world.clock.advance(2 * 24 * HOURS * INTERVAL)
    world.core.tick()
    shown_days(world, days)
    world.live(web="--", dns="++", mail="++")
    assert shown_days(world, days) == shown_days(world, DayBook())


def test_days_read_from_a_backlog_are_shown_as_if_the_core_had_never_been_away(
    tmp_path: Path,
) -> None:
    world, days = World(tmp_path), DayBook()
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
    assert shown_days(world, days) == shown_days(world, DayBook())
