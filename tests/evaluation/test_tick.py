"""The tick: from rows of the log to incidents, what is owed, and what survives a kill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.catalogue import Thresholds
from monitor.domain.change import Actor, ActorKind
from monitor.domain.checks.observation import LoggedResult
from monitor.domain.incidents.delivery import EventKind, Notification
from monitor.domain.incidents.incident import Incident, Phase
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.incidents.commands import IncidentCommands
from tests.support.memory_log import MemoryLog
from tests.support.worlds import DNS, INTERVAL, MAIL, T0, WEB, World, catalogue, look


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def incidents(world: World) -> tuple[Incident, ...]:
    with world.journal.transaction() as tx:
        return tx.incidents.touching(Interval(Second(0), Second(world.clock.now() + 1)))


def owed(world: World, incident: Incident) -> list[Notification]:
    with world.journal.transaction() as tx:
        return list(tx.outbox.of(str(incident.id)))


def at(minute: int) -> Second:
    return Second(T0 + minute * INTERVAL)


def test_an_outage_becomes_one_incident_with_its_backdated_start(world: World) -> None:
    world.live(web="++---", dns="+++++", mail="+++++")
    (incident,) = incidents(world)
    assert incident.started_at == at(2)
    assert incident.created_at == at(5)
    assert incident.updates[0].machine is not None


def test_the_opening_is_owed_after_the_group_has_waited(world: World) -> None:
    world.live(web="++---", dns="+++++", mail="+++++")
    (incident,) = incidents(world)
    (opening,) = owed(world, incident)
    assert opening.kind is EventKind.OPENING
    assert opening.due_at == incident.created_at + 30


@pytest.mark.parametrize(("lang", "said"), [("es", "unos 6 s; lo habitual"), ("en", "about 6 s;")])
def test_slowness_is_told_with_the_length_that_was_seen(
    tmp_path: Path, lang: str, said: str
) -> None:
    made = catalogue()
    limits = Thresholds(slow_ms=2_000, usual_ms=500)
    checks = tuple(replace(c, thresholds=limits) if c.component == WEB else c for c in made.checks)
    world = World(tmp_path, replace(made, checks=checks))
    world.live(web="+", dns="+", mail="+")
    for _ in range(6):
        slow = look(WEB, world.clock.now(), "~")
        world.log.add(replace(slow, phases_ms={"connect": 49.0, "processing": 6_000.0}))
        world.live(dns="+", mail="+")
    (incident,) = incidents(world)
    machine = incident.updates[0].machine
    assert machine is not None
    assert said in machine.in_locale(lang).replace("\u00a0", " ")


def test_a_recovery_is_observed_and_then_resolved_and_told(world: World) -> None:
    world.live(web="++---+" + "+" * 20, dns="+" * 26, mail="+" * 26)
    (incident,) = incidents(world)
    assert incident.phase is Phase.RESOLVED
    assert incident.monitoring_at == at(5)
    assert [n.kind for n in owed(world, incident)] == [EventKind.OPENING, EventKind.RESOLUTION]


def test_a_component_of_the_same_service_joins_later_as_an_update(world: World) -> None:
    world.live(web="+-------", dns="+++-----", mail="++++++++")
    (incident,) = incidents(world)
    assert incident.components == (WEB, DNS)
    assert [n.kind for n in owed(world, incident)] == [EventKind.OPENING, EventKind.UPDATE]


def test_a_dependent_joins_without_an_alert_of_its_own(world: World) -> None:
    world.live(web="++++++++", dns="+-------", mail="+++-----")
    (incident,) = incidents(world)
    assert [p.is_dependent for p in incident.affected] == [False, True]
    assert [n.kind for n in owed(world, incident)] == [EventKind.OPENING]


def test_two_outages_found_late_are_two_incidents_as_they_would_have_been_live(
    world: World,
) -> None:
    story = "+---+" + "+" * 30 + "---+" + "+" * 20
    for minute, mark in enumerate(story):
        world.log.add(
            look(WEB, at(minute), mark), look(DNS, at(minute), "+"), look(MAIL, at(minute), "+")
        )
    world.clock.advance(len(story) * INTERVAL)
    world.restarted().tick()
    found = sorted(incidents(world), key=lambda i: i.started_at)
    assert [i.started_at for i in found] == [at(1), at(35)]
    assert [i.monitoring_at for i in found] == [at(4), at(38)]


def test_maintenance_holds_an_incident_back_until_it_ends(world: World) -> None:
    planned = MaintenanceWindow(
        id=MaintenanceId("m1"), title=plain("Cambio"), impact=plain("Corte"),
        start=at(1), end=at(8), components=(WEB,),
    )  # fmt: skip
    with world.journal.transaction() as tx:
        tx.maintenance.save(planned)
    world.live(web="++-----", dns="+++++++", mail="+++++++")
    assert incidents(world) == ()
    world.live(web="---", dns="+++", mail="+++")
    (incident,) = incidents(world)
    assert incident.started_at == at(2)


def test_a_cut_line_is_no_outage_and_one_notice(world: World) -> None:
    world.live(web="++?????", dns="++?????", mail="++?????")
    assert incidents(world) == ()
    with world.journal.transaction() as tx:
        notices = list(tx.outbox.due(world.clock.now(), 100))
    assert [n.kind for n in notices] == [EventKind.SYSTEM_ALERT]
    world.live(web="+", dns="+", mail="+")
    with world.journal.transaction() as tx:
        assert len(tx.outbox.due(world.clock.now(), 100)) == 2


def test_a_cut_line_is_noticed_though_its_rows_come_between_two_transactions(
    world: World,
) -> None:
    world.live(web="++", dns="++", mail="++")
    world.core.tick()
    world.log.add(look(WEB, world.clock.now(), "?"))
    assert world.core.tick().rows == 1
    world.clock.advance(1)
    world.core.tick()
    with world.journal.transaction() as tx:
        assert [n.kind for n in tx.outbox.due(world.clock.now(), 100)] == [EventKind.SYSTEM_ALERT]


def test_a_failing_look_after_a_gap_is_no_recovery(world: World) -> None:
    world.live(web="+~~~    -", dns="+++++++++", mail="+++++++++")
    (incident,) = incidents(world)
    assert incident.phase is Phase.INVESTIGATING
    assert incident.open_part(WEB) is not None
    world.live(web="++++", dns="++++", mail="++++")
    (incident,) = incidents(world)
    assert incident.phase is Phase.MONITORING


def test_a_core_killed_between_any_two_ticks_decides_the_same(tmp_path: Path) -> None:
    stories = {"web": "++---++~~~~+", "dns": "+++---+++++-", "mail": "++++++++--- "}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole, killed = World(tmp_path / "a"), World(tmp_path / "b")
    whole.live(**stories)
    for minute in range(12):
        killed.live(**{name: story[minute] for name, story in stories.items()})
        killed.restarted()
    drawn = []
    for world in (whole, killed):
        with world.journal.transaction() as tx:
            everything = Interval(Second(0), Second(world.clock.now() + 1))
            drawn.append(dict(tx.transitions.drawing(everything)))
    assert drawn[0] == drawn[1]
    assert [i.affected for i in incidents(whole)] == [i.affected for i in incidents(killed)]


def test_nothing_is_resolved_while_nobody_looks(world: World) -> None:
    world.live(web="++---+", dns="++++++", mail="++++++")
    world.live(web=" " * 30, dns="+" * 30, mail="+" * 30)
    (incident,) = incidents(world)
    assert incident.phase is Phase.MONITORING


def test_an_outage_that_a_person_closed_opens_no_other_after_a_gap_and_a_restart(
    world: World,
) -> None:
    world.live(web="++---", dns="+++++", mail="+++++")
    world.live(web="      ----", dns="+" * 10, mail="+" * 10)
    (incident,) = incidents(world)
    person = Actor(id="ana", kind=ActorKind.PERSON)
    commands = IncidentCommands(
        journal=world.journal, catalogue=catalogue(), clock=world.clock, actor=person
    )
    commands.resolve(str(incident.id), text=plain("Sigue caído."), although_down=True)
    for _ in range(25):
        world.live(web="-" * 60, dns="+" * 60, mail="+" * 60)
    world.restarted()
    world.live(web="--", dns="++", mail="++")
    assert [i.id for i in incidents(world)] == [incident.id]


class OlderCopy(MemoryLog):
    """Reads as a log does that a cursor from `ahead` on is not of."""

    ahead, ended = 1_000, 0

    def read(self, after: int, limit: int) -> Sequence[LoggedResult]:
        return super().read(self.ended if after >= self.ahead else after, limit)


def test_a_cursor_that_is_not_of_this_log_comes_back_to_where_it_is_read(world: World) -> None:
    with world.journal.transaction() as tx:
        tx.folds.save({}, 5_000)
    world.log = OlderCopy()
    world.restarted()
    world.live(web="++---")
    assert world.core.state.cursor == 5
    assert [incident.started_at for incident in incidents(world)] == [at(2)]
