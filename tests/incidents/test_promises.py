"""The next update is promised as a time, and comes: the machine writes it where no person has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.change import Actor, ActorKind
from monitor.domain.incidents.incident import Incident, IncidentEvent, Phase
from monitor.domain.refusals import Refused
from monitor.domain.text import Text, plain
from monitor.domain.time.interval import Interval, Second
from monitor.incidents.by_hand import IncidentsByHand
from monitor.incidents.commands import IncidentCommands
from tests.support.refusals import refuses
from tests.support.worlds import INTERVAL, T0, World, catalogue

EVERY = 10 * INTERVAL
ANA = Actor(id="ana", kind=ActorKind.PERSON)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, catalogue(observe=3 * INTERVAL, next_update=EVERY))


def live(world: World, web: str) -> None:
    world.live(web=web, dns="+" * len(web), mail="+" * len(web))


def fall(world: World) -> Incident:
    live(world, "++----")
    return told(world)


def told(world: World) -> Incident:
    with world.journal.transaction() as tx:
        (found,) = tx.incidents.touching(Interval(T0, world.clock.now()))
    return found


def desk(world: World) -> IncidentCommands:
    return IncidentCommands(
        journal=world.journal, catalogue=world.core.state.catalogue, clock=world.clock, actor=ANA
    )


def events(incident: Incident) -> list[IncidentEvent]:
    return [update.event for update in incident.updates]


def last_text(incident: Incident, lang: str = "es") -> str:
    words = incident.updates[-1].machine
    assert words is not None
    return words.in_locale(lang)


def test_the_machine_promises_a_time_and_says_none_in_its_text(world: World) -> None:
    fallen = fall(world)
    (opened,) = fallen.updates
    assert opened.next_update_at == fallen.next_update_at == opened.at + EVERY
    assert "ctualización" not in last_text(fallen)


def test_it_keeps_the_promise_at_its_time_and_not_before(world: World) -> None:
    fallen = fall(world)
    due = fallen.next_update_at
    assert due is not None
    while world.clock.now() < due - INTERVAL:
        live(world, "-")
    assert events(told(world)) == [IncidentEvent.OPENED]
    live(world, "--")
    kept = told(world)
    assert events(kept) == [IncidentEvent.OPENED, IncidentEvent.DUE]
    assert due <= kept.updates[-1].at < due + 2 * INTERVAL
    assert last_text(kept).startswith("El servicio Web sigue ")
    assert "desde las" in last_text(kept)
    assert "is still" in last_text(kept, "en")


def test_what_a_person_wrote_keeps_it_and_promises_anew(world: World) -> None:
    fallen = fall(world)
    live(world, "-----")
    saved = desk(world).update(fallen.id, text=plain("Vemos un disco."), next_s=25 * INTERVAL)
    assert saved.next_update_at == world.clock.now() + 25 * INTERVAL
    live(world, "-" * 20)
    assert events(told(world)) == [IncidentEvent.OPENED, IncidentEvent.PERSON]
    live(world, "-" * 6)
    assert events(told(world))[-1] is IncidentEvent.DUE
    assert last_text(told(world)).endswith("Operaciones lo está viendo.")


def test_what_goes_on_for_long_is_told_less_often(world: World) -> None:
    fall(world)
    live(world, "-" * 80)
    promised = [u.next_update_at or Second(0) for u in told(world).updates]
    lengths = [at - u.at for at, u in zip(promised, told(world).updates, strict=True)]
    assert lengths[:4] == [EVERY, EVERY, 2 * EVERY, 4 * EVERY]


def test_one_update_makes_up_for_a_long_absence(world: World) -> None:
    fall(world)
    world.clock.advance(20 * EVERY)
    world.restarted()
    live(world, "--")
    assert events(told(world)) == [IncidentEvent.OPENED, IncidentEvent.DUE]


def test_it_does_not_say_that_it_goes_on_where_nobody_looks(world: World) -> None:
    fall(world)
    live(world, " " * 12)
    assert events(told(world))[-1] is IncidentEvent.DUE
    assert last_text(told(world)).startswith("Todavía no hay novedades.")


def test_what_is_observed_or_over_promises_nothing(world: World) -> None:
    fall(world)
    live(world, "++")
    observed = told(world)
    assert (observed.phase, observed.next_update_at) == (Phase.MONITORING, None)
    live(world, "++++")
    assert told(world).phase is Phase.RESOLVED
    live(world, "+" * 40)
    assert IncidentEvent.DUE not in events(told(world))


def test_an_incident_by_hand_is_kept_company_too(world: World) -> None:
    live(world, "++")
    IncidentsByHand(
        journal=world.journal, catalogue=world.core.state.catalogue, clock=world.clock, actor=ANA
    ).open(title=plain("Lentitud"), text=plain("La vemos."), statuses={})
    live(world, "+" * 12)
    assert events(told(world)) == [IncidentEvent.PERSON, IncidentEvent.DUE]
    assert last_text(told(world)) == "Todavía no hay novedades. Operaciones lo está viendo."


@pytest.mark.parametrize("next_s", [59, 7 * 86_400 + 1])
def test_a_promise_is_of_a_minute_to_a_week(world: World, next_s: int) -> None:
    fallen = fall(world)
    with refuses(Refused, match="1 minute to 7 days"):
        desk(world).update(fallen.id, text=plain("x"), next_s=next_s)


def test_nothing_is_promised_with_the_end(world: World) -> None:
    fallen = fall(world)
    live(world, "++")
    words = Text({"es": "Ya está."})
    with refuses(Refused, match="no further update"):
        desk(world).update(fallen.id, text=words, phase=Phase.RESOLVED, next_s=600)
    watched = desk(world).update(fallen.id, text=words, next_s=600)
    assert watched.next_update_at == world.clock.now() + 600


def test_a_promise_of_before_this_was_recorded_is_none(world: World) -> None:
    fallen = fall(world)
    with world.journal.transaction() as tx:
        (update,) = fallen.updates
        tx.incidents.save(replace(fallen, updates=(replace(update, next_update_at=None),)))
    world.restarted()
    live(world, "-" * 30)
    assert events(told(world)) == [IncidentEvent.OPENED]
