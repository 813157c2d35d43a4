"""One outage of a product younger than the month: page and report divide by different times, each
says by which, and both tell the same seconds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from credits.period.month import Month
from credits.report.body import report_body
from credits.report.report import monthly_report, read_month
from statuspage.publish.render import render
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.public_view import build_view
from tests.support.clock import FakeClock
from tests.support.worlds import T0, ZONE, World

LOOKS = 800
DOWN = 60 * 30
"""Seconds."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Thirteen hours and more, half an hour of them down, until after the midnight; the month began
    twenty days before. To be read: `later` is a copy."""
    world = World(tmp_path_factory.mktemp("young"))
    world.live(web="+" * 100 + "-" * 30 + "+" * (LOOKS - 130), dns="+" * LOOKS, mail="+" * LOOKS)
    return world


@pytest.fixture
def later(world: World, tmp_path: Path) -> World:
    """One for whom time goes on."""
    files = (folder / "journal.db" for folder in (world.folder, tmp_path))
    lived, copy = map(sqlite3.connect, files)
    with closing(lived), closing(copy):
        lived.backup(copy)
    again = World(tmp_path)
    again.log, again.clock = world.log, FakeClock(world.clock.now())
    again.restarted()
    return again


def told(world: World) -> dict[str, Any]:
    now = world.clock.now()
    month = Month.of(now, ZONE)
    with world.journal.transaction() as tx:
        read = read_month(tx, world.catalogues, month, now, is_provisional=True)
    body: dict[str, Any] = report_body(monthly_report(read))
    return dict(body["components"][0])


def shown(world: World, path: str) -> str:
    with world.journal.transaction() as tx:
        view = build_view(
            tx, world.core.state, world.clock.now(), stale_after=120, days=DailyRollup()
        )
    return render(view)[path].fresh.content.decode().replace("\u00a0", " ")


def test_both_tell_the_same_seconds(world: World) -> None:
    assert told(world)["down_s"] == DOWN
    assert "30 min sin servicio" in shown(world, "/componente/web")


def test_the_page_says_since_when_its_percentage_is(world: World) -> None:
    lived = world.clock.now() - T0
    hundredths = (lived - DOWN) * 10_000 // lived
    share = f"{hundredths // 100},{hundredths % 100:02d} % desde el 21 de septiembre"
    assert share in shown(world, "/es/")
    page = shown(world, "/componente/web")
    assert page.count(share) == 2  # beside the bars, and in the month's row
    assert f"{hundredths / 100:.2f}% since 21 September" in shown(world, "/en/")


def test_the_report_is_of_the_whole_window_and_says_since_when_the_component_exists(
    world: World,
) -> None:
    web = told(world)
    window = Month.of(world.clock.now(), ZONE).window(ZONE)
    elapsed = world.clock.now() - window.start
    assert Fraction(web["uptime_fraction"]) == Fraction(elapsed - DOWN, elapsed)
    assert web["since"] == "2026-09-21T14:14:00Z"
    assert web["since_local"] == "2026-09-21T11:14:00-03:00"
    assert web["before_records_s"] == T0 - window.start
    assert web["records_since"] == "2026-09-21T14:14:00Z"
    assert web["unknown_s"] == 0


def test_a_share_of_time_that_was_hardly_watched_is_not_shown(later: World) -> None:
    later.clock.advance(86_400)
    later.core.tick()
    assert "Con datos solo del 35 %" in shown(later, "/es/")
    page = shown(later, "/componente/web")
    assert page.count("Con datos solo del 35 %") == 2  # beside the bars, and in the month's row
    assert "Data for 35% of it only" in shown(later, "/en/")
    assert told(later)["uptime_display"] is None


def test_a_share_says_of_how_much_of_its_time_there_are_data(later: World) -> None:
    later.clock.advance(6 * 3_600)
    later.core.tick()
    assert "desde el 21 de septiembre, con datos del 68 %" in shown(later, "/es/")
