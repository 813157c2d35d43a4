"""A core that was dead for days wakes nobody for what announced maintenance held back then."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Incident
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.evaluation import tick as core_module
from tests.support.worlds import DNS, INTERVAL, MAIL, WEB, World, look

DAY = 86_400
BEGINS, ENDS = 10, 40
"""Minutes of the story between which the work on the web was planned."""


def announced(world: World, first: int = BEGINS, last: int = ENDS) -> None:
    start = world.clock.now()
    planned = MaintenanceWindow(
        id=MaintenanceId(f"m{first}"), title=plain("Cambio"), impact=plain("Corte"),
        start=Second(start + first * INTERVAL), end=Second(start + last * INTERVAL),
        components=(WEB,),
    )  # fmt: skip
    with world.journal.transaction() as tx:
        tx.maintenance.save(planned)
        tx.maintenance.publish([planned.id], world.clock.now())


def away(world: World, web: str) -> list[Incident]:
    """What a core finds that was dead while all this happened, and for days after it."""
    began = world.clock.now()
    for minute, mark in enumerate(web):
        at = Second(began + minute * INTERVAL)
        world.log.add(look(WEB, at, mark))
        world.log.add(*(look(ComponentId(c), at, "+") for c in (DNS, MAIL)))
    world.clock.advance(len(web) * INTERVAL)
    well_until = Second(began + 4 * DAY)
    while world.clock.now() < well_until:
        world.log.add(*(look(c, world.clock.now(), "+") for c in (WEB, DNS, MAIL)))
        world.clock.advance(INTERVAL)
    world.restarted()
    while world.core.tick().backlog:
        pass
    with world.journal.transaction() as tx:
        return list(tx.incidents.touching(Interval(Second(0), Second(world.clock.now() + 1))))


@pytest.fixture(params=[5_000, 7], ids=["at once", "in small pieces"])
def world(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(core_module, "BATCH", request.param)
    return World(tmp_path)


def test_what_began_and_ended_inside_it_wakes_nobody(world: World) -> None:
    announced(world)
    assert away(world, "+" * 15 + "-" * 20 + "+" * 30) == []


def test_what_outlasted_it_is_told(world: World) -> None:
    announced(world)
    (incident,) = away(world, "+" * 15 + "-" * 35 + "+" * 30)
    (part,) = incident.affected
    began = world.catalogues.revisions[0].effective_from
    assert (part.start - began, (part.end or 0) - began) == (15 * INTERVAL, 50 * INTERVAL)


def test_work_that_follows_work_holds_back_as_long_as_both(world: World) -> None:
    announced(world)
    announced(world, ENDS, 60)
    assert away(world, "+" * 15 + "-" * 40 + "+" * 30) == []


def test_what_began_after_it_is_told(world: World) -> None:
    announced(world)
    assert len(away(world, "+" * 45 + "-" * 10 + "+" * 30)) == 1
