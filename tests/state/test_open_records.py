"""The core reads open incidents and maintenance again only where they may be others."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.change import Actor, ActorKind
from monitor.domain.incidents.incident import Incident
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from monitor.incidents.maintenance_commands import MaintenanceCommands
from monitor.journal.repositories.incidents import SqlIncidents
from tests.support.worlds import INTERVAL, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def plan(world: World, *, start: Second, minutes: int) -> None:
    """As `estado maintenance add` does, from another process."""
    desk = MaintenanceCommands(
        journal=world.journal,
        catalogue=world.catalogues.at(world.clock.now()),
        clock=world.clock,
        actor=Actor(id="ana", kind=ActorKind.PERSON),
    )
    desk.add(
        title=plain("Actualización"),
        impact=plain("Sin servicio unos minutos."),
        start=start,
        end=Second(start + minutes * INTERVAL),
        components=("web",),
        reason="urgente",
    )


def opened(world: World) -> list[Incident]:
    with world.journal.transaction() as tx:
        return list(tx.incidents.unresolved())


def test_it_reads_them_once_while_nobody_writes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.live(web="++", dns="++", mail="++")
    read: list[object] = []
    real = SqlIncidents.unresolved

    def counted(self: SqlIncidents) -> tuple[Incident, ...]:
        read.append(self)
        return real(self)

    monkeypatch.setattr(SqlIncidents, "unresolved", counted)
    world.live(web="+++++", dns="+++++", mail="+++++")
    assert len(read) == 0


def test_it_knows_of_maintenance_that_was_planned_while_it_ran(world: World) -> None:
    world.live(web="++", dns="++", mail="++")
    plan(world, start=Second(world.clock.now() + INTERVAL), minutes=30)
    world.live(web="++----", dns="++++++", mail="++++++")
    assert opened(world) == []


def test_it_knows_of_maintenance_that_came_near_while_nothing_else_changed(world: World) -> None:
    plan(world, start=Second(world.clock.now() + 150 * INTERVAL), minutes=30)
    quiet, fallen = "+" * 155, "----"
    world.live(web=quiet + fallen, dns=quiet + "++++", mail=quiet + "++++")
    assert opened(world) == []


def test_it_opens_an_incident_once_maintenance_is_over(world: World) -> None:
    plan(world, start=Second(world.clock.now() + INTERVAL), minutes=5)
    world.live(web="++--------", dns="+" * 10, mail="+" * 10)
    assert [str(i.affected[0].component) for i in opened(world)] == ["web"]
