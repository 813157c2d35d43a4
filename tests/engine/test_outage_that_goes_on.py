"""A report of a month that is not over, asked for between two looks at what is down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitor.engine.report import Month, monthly_report, read_month
from monitor.engine.report_body import report_body
from tests.engine.worlds import ZONE, World

FALLEN = "+" * 30 + "-" * 10


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def the_outage(world: World) -> dict[str, Any]:
    now = world.clock.now()
    with world.journal.transaction() as tx:
        month = Month.of(now, ZONE)
        read = read_month(tx, world.catalogues, month, now, is_provisional=True)
    body: dict[str, Any] = report_body(monthly_report(read))
    (outage,) = body["components"][0]["outages"]
    return dict(outage)


def test_it_ends_nowhere_although_the_last_look_is_a_moment_old(world: World) -> None:
    world.live(web=FALLEN, dns="+" * 40, mail="+" * 40)
    world.clock.advance(7)
    outage = the_outage(world)
    assert (outage["end"], outage["end_local"]) == (None, None)


def test_it_has_an_end_once_a_look_was_good(world: World) -> None:
    world.live(web=FALLEN + "+" * 5, dns="+" * 45, mail="+" * 45)
    world.clock.advance(7)
    assert the_outage(world)["end"] is not None
