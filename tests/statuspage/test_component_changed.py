"""When a component last changed, for clients that fetch only what is newer."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.model import PublicComponent
from statuspage.view.public_view import build_view
from tests.support.worlds import INTERVAL, T0, WEB, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def web(world: World) -> PublicComponent:
    with world.journal.transaction() as tx:
        seen = build_view(
            tx, world.core.state, world.clock.now(), stale_after=120, days=DailyRollup()
        )
    return next(c for c in seen.components if c.id == WEB)


def live(world: World, minutes: int) -> None:
    world.live(web="+" * minutes, dns="+" * minutes, mail="+" * minutes)


def test_maintenance_changes_a_component_when_it_begins_and_when_it_ends(world: World) -> None:
    start, end = Second(T0 + 6 * INTERVAL), Second(T0 + 9 * INTERVAL)
    window = MaintenanceWindow(
        id=MaintenanceId("m1"), title=plain("Cambio"), impact=plain("Corte"), start=start,
        end=end, components=(WEB,),
    )  # fmt: skip
    with world.journal.transaction() as tx:
        tx.maintenance.save(window)
    live(world, 4)
    before = web(world).updated_at
    live(world, 3)
    begun = web(world).updated_at
    live(world, 4)
    assert before < start
    assert (begun, web(world).updated_at) == (start, end)


def test_a_component_without_data_has_changed(world: World) -> None:
    live(world, 4)
    before = web(world).updated_at
    world.live(dns="+" * 10, mail="+" * 10)
    silent = web(world)
    assert silent.no_data_since is not None
    assert before < silent.updated_at == silent.no_data_since


def test_nothing_has_changed_later_than_now(world: World) -> None:
    live(world, 4)
    with world.journal.transaction() as tx:
        seen = build_view(tx, world.core.state, T0, stale_after=120, days=DailyRollup())
    assert all(c.updated_at <= T0 for c in seen.components)
