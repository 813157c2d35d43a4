"""A report of a month that is not over, asked for between two looks at what is down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from credits.period.month import Month
from credits.report.body import report_body
from credits.report.report import monthly_report, read_month
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from tests.support.worlds import WEB, ZONE, World

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


def test_it_ends_nowhere_while_it_is_maintained_either(world: World) -> None:
    """Nobody is woken by it then, so that no incident says that it goes on."""
    start = world.clock.now()
    with world.journal.transaction() as tx:
        window = MaintenanceWindow(
            id=MaintenanceId("m1"), title=plain("Cambio"), impact=plain("Cambio"),
            start=Second(start + 600), end=Second(start + 9_000), components=(WEB,),
        )  # fmt: skip
        tx.maintenance.save(window)
        tx.maintenance.publish([window.id], start)
    world.live(web=FALLEN, dns="+" * 40, mail="+" * 40)
    world.clock.advance(7)
    assert the_outage(world)["end"] is None
    assert the_outage(world)["incident_ids"] == []


def test_it_has_an_end_once_a_look_was_good(world: World) -> None:
    world.live(web=FALLEN + "+" * 5, dns="+" * 45, mail="+" * 45)
    world.clock.advance(7)
    assert the_outage(world)["end"] is not None
