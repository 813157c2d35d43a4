"""What the core decides and shows where the wall clock is set under it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import CatalogueRevision
from monitor.domain.incidents.delivery import EventKind
from monitor.domain.incidents.incident import Incident, IncidentEvent, Phase
from monitor.domain.rollup import Shown
from monitor.domain.time.interval import FOREVER, Interval, Second
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.model import PublicView
from statuspage.view.public_view import build_view
from tests.support.worlds import T0, WEB, World, catalogue

STEPS = pytest.mark.parametrize("step", [-3_600, -40 * 86_400])
ANY_STEP = pytest.mark.parametrize("step", [-3_600, 3_600, -40 * 86_400, 40 * 86_400, 730 * 86_400])


def the_incident(world: World) -> Incident:
    with world.journal.transaction() as tx:
        (found,) = tx.incidents.touching(Interval(Second(0), FOREVER))
    return found


def kinds(world: World) -> list[tuple[EventKind, int]]:
    subject = str(the_incident(world).id)
    with world.journal.transaction() as tx:
        return [(n.kind, n.number) for n in tx.outbox.of(subject)]


def view(world: World) -> PublicView:
    with world.journal.transaction() as tx:
        now = world.clock.now()
        return build_view(tx, world.core.state, now, stale_after=120, days=DailyRollup())


def shown(world: World) -> dict[str, Shown]:
    return {str(c.id): c.shown for c in view(world).components}


def let_pass(world: World, seconds: float) -> None:
    world.clock.advance(seconds)
    world.core.tick()


@STEPS
def test_an_incident_is_resolved_in_its_time_though_the_clock_is_set_back(
    tmp_path: Path, step: int
) -> None:
    world = World(tmp_path, catalogue(observe=100))
    world.live(web="++---+", dns="++++++", mail="++++++")
    world.clock.step(step)
    let_pass(world, 99)
    assert the_incident(world).phase is Phase.MONITORING
    let_pass(world, 1)
    assert the_incident(world).phase is Phase.RESOLVED


@STEPS
def test_reminders_go_on_though_the_clock_is_set_back_and_after_a_restart(
    tmp_path: Path, step: int
) -> None:
    world = World(tmp_path, catalogue(remind_every=100))
    world.live(web="++---", dns="+++++", mail="+++++")
    let_pass(world, 100)
    world.clock.step(step)
    let_pass(world, 100)
    world.restarted()
    let_pass(world, 1)
    let_pass(world, 100)
    assert kinds(world) == [(EventKind.OPENING, 0), *((EventKind.REMINDER, n) for n in (1, 2, 3))]


@STEPS
def test_silence_is_seen_though_the_clock_is_set_back(tmp_path: Path, step: int) -> None:
    world = World(tmp_path)
    world.live(web="++", dns="++", mail="++")
    world.clock.step(step)
    let_pass(world, 125)
    assert set(shown(world).values()) == {Shown.OPERATIONAL}
    let_pass(world, 1)
    assert set(shown(world).values()) == {Shown.NO_DATA}


@STEPS
def test_looks_that_are_still_to_come_are_no_data_after_a_restart(
    tmp_path: Path, step: int
) -> None:
    world = World(tmp_path)
    world.live(web="++", dns="++", mail="++")
    world.clock.step(step)
    world.restarted()
    assert set(shown(world).values()) == {Shown.NO_DATA}


@ANY_STEP
@pytest.mark.parametrize("restarts", [False, True])
def test_an_outage_stands_and_is_shown_whatever_the_clock_is_set_to(
    tmp_path: Path, step: int, restarts: bool
) -> None:
    world = World(tmp_path)
    world.live(web="++---", dns="+++++", mail="+++++")
    opened = the_incident(world)
    world.clock.step(step)
    if restarts:
        world.restarted()
    let_pass(world, 1)
    found = the_incident(world)
    # Ahead, the time of the promised update has come: nothing else is written.
    assert {u.event for u in found.updates} <= {IncidentEvent.OPENED, IncidentEvent.DUE}
    assert replace(found, updates=opened.updates, revision=opened.revision) == opened
    assert world.core.state.component_statuses[WEB].since == opened.started_at
    assert [i.id for i in view(world).incidents] == [opened.id]
    assert shown(world)[str(WEB)] is Shown.DOWN


def applied(*starts: int) -> Catalogues:
    return Catalogues(
        [
            CatalogueRevision(
                number=number, hash=str(number), text="", catalogue=catalogue(observe=number),
                effective_from=Second(T0 + start),
            )
            for number, start in enumerate(starts, start=1)
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "number"),
    [(599, 1), (600, 2), (10**9, 2), (480, 1), (479, 2), (-3_600, 2), (-40 * 86_400, 2)],
)
def test_an_older_configuration_is_not_in_force_again_where_the_clock_is_set_back(
    now: int, number: int
) -> None:
    assert applied(0, 600).present(Second(T0 + now)).number == number


@STEPS
@pytest.mark.parametrize("restarts", [False, True])
def test_the_core_goes_on_by_its_newest_configuration(
    tmp_path: Path, step: int, restarts: bool
) -> None:
    world = World(tmp_path)
    world.catalogues = applied(-90 * 86_400, -600)
    world.restarted()
    world.clock.step(step)
    if restarts:
        world.restarted()
    let_pass(world, 1)
    assert world.core.state.catalogue.alerting.observe == 2
