"""A component that fails and comes back again and again is told once, and held open until quiet."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.alerting.dispatcher import Dispatcher
from monitor.alerting.ports import Message
from monitor.alerting.renderer import AlertRenderer
from monitor.domain.change import Actor, ActorKind
from monitor.domain.incidents.incident import Incident, IncidentEvent, Phase
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.incidents.maintenance_commands import MaintenanceCommands
from probes.registry import all_failures
from tests.support.posts import ScriptedNotifier, at_once
from tests.support.worlds import T0, WEB, World, catalogue


class Watched(World):
    """A world whose messages are sent, minute by minute."""

    def __init__(self, folder: Path, **alerting: int) -> None:
        super().__init__(folder, catalogue(**alerting))
        self.notifier = ScriptedNotifier()
        notifiers: dict[str, Any] = {"email": self.notifier}
        current = self.catalogues.present(T0).catalogue
        routes = current.alerting.routes
        email = tuple(replace(t, spec=t.id) for r in routes for t in r.targets)
        told = replace(current.alerting, routes=(replace(routes[0], targets=email),))
        self.dispatcher = Dispatcher(
            journal=self.journal,
            clock=self.clock,
            alerting=lambda: told,
            alert_renderer=AlertRenderer(catalogue=lambda: current, failures=all_failures()),
            notifiers=notifiers,
        )

    def live(self, **stories: str) -> None:
        for minute in range(max(map(len, stories.values()))):
            super().live(**{name: story[minute] for name, story in stories.items()})
            asyncio.run(self.dispatcher.send_due(at_once))

    @property
    def told(self) -> list[Message]:
        return [message for _, message in self.notifier.delivered]

    @property
    def kinds(self) -> list[str]:
        return [str(message.fields["kind"]) for message in self.told]

    def incidents(self) -> list[Incident]:
        with self.journal.transaction() as tx:
            found = tx.incidents.touching(Interval(Second(0), Second(self.clock.now() + 1)))
        return sorted(found, key=lambda i: i.started_at)


def unstable(world: Watched) -> list[int]:
    """The numbers of the updates that say so."""
    return [
        u.number for i in world.incidents() for u in i.updates if u.event is IncidentEvent.UNSTABLE
    ]


SWINGS = "---++" * 27
"""Two hours and a quarter."""


def test_two_hours_of_swings_are_a_handful_of_messages(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    world.live(web="++" + SWINGS)
    before = len(world.told)
    assert before <= 6
    assert len(unstable(world)) == 1
    assert [message.subject for message in world.told][-1].startswith("CAÍDO web: inestable")
    world.live(web="+" * 75)
    assert world.kinds[before:] == ["resolution"]
    (only,) = world.incidents()
    assert only.phase is Phase.RESOLVED
    assert len(only.affected) == 27, "every fall has its own start and end"


def test_what_is_told_last_is_that_it_is_unstable(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    world.live(web="++" + "---++" * 6)
    count = len(world.told)
    (number,) = unstable(world)
    (only,) = world.incidents()
    words = only.updates[number - 1].machine
    assert words is not None
    assert "falla y vuelve una y otra vez" in words.by_locale["es"]
    assert only.updates[-1].number == number, "swings write no update"
    world.live(web="---++" * 6)
    assert len(world.told) == count


def test_it_is_held_open_until_it_has_been_quiet_for_the_window(tmp_path: Path) -> None:
    world = Watched(tmp_path, observe=360)
    world.live(web="++" + "---++" * 8)
    world.live(web="+" * 10)
    last = world.incidents()[-1]
    assert last.phase is Phase.MONITORING, "ten minutes are longer than it is observed"
    world.live(web="+" * 50)
    assert world.incidents()[-1].phase is Phase.RESOLVED
    assert len(world.incidents()) == 1


def test_swings_that_resolve_each_time_are_counted_across_incidents(tmp_path: Path) -> None:
    world = Watched(tmp_path, observe=60)
    world.live(web="++" + "---++++" * 20)
    assert len(world.incidents()) <= 4
    assert len(unstable(world)) == 1
    assert len(world.told) <= 9


@pytest.mark.parametrize("changes", [2, 6])
def test_the_number_of_changes_is_what_the_configuration_says(tmp_path: Path, changes: int) -> None:
    world = Watched(tmp_path, flap_changes=changes)
    world.live(web="++" + "---++" * (changes // 2))
    assert unstable(world) == []
    world.live(web="---")
    assert len(unstable(world)) == 1


def test_another_component_that_joins_an_unstable_incident_is_told(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    world.live(web="++" + "---++" * 8, dns="+" * 42)
    before = len(world.told)
    world.live(web="---++" * 2, dns="-" * 10)
    assert len(world.told) == before + 1
    assert "dns" in world.told[-1].subject


def test_a_core_killed_at_any_minute_tells_the_same(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole, killed = Watched(tmp_path / "a"), Watched(tmp_path / "b")
    story = "++" + "---++" * 8
    whole.live(web=story)
    for mark in story:
        killed.live(web=mark)
        killed.restarted()
    told = [[(u.event, u.at) for u in w.incidents()[0].updates] for w in (whole, killed)]
    assert told[0] == told[1]
    assert whole.incidents()[0].affected == killed.incidents()[0].affected


def test_an_outage_that_relapses_once_is_told_as_before(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    world.live(web="++---+++---" + "+" * 30)
    assert world.kinds == ["opening", "update", "resolution"]
    assert world.incidents()[0].components == (WEB,)


FLAPS = "++" + "---++" * 8


def test_one_that_then_stays_down_is_told_once_as_an_outage(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    world.live(web=FLAPS)
    before = len(world.told)
    world.live(web="-" * 18)
    assert world.kinds[before:] == ["update"]
    assert world.told[-1].subject.startswith("CAÍDO web: no vuelve, conn_refused")
    (only,) = world.incidents()
    words = only.updates[-1].machine
    assert words is not None
    assert "Web volvió a fallar" in words.by_locale["es"]
    world.live(web="-" * 342)
    assert len(world.told) == before + 1


def test_a_core_made_anew_each_minute_tells_it_once_as_well(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    world.live(web=FLAPS)
    before = len(world.told)
    for _ in range(40):
        world.live(web="-")
        world.restarted()
    assert world.kinds[before:] == ["update"]


def test_the_end_of_what_lasted_is_written_and_a_swing_after_it_is_not(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    world.live(web=FLAPS + "-" * 20 + "++")
    written = [u.event for i in world.incidents() for u in i.updates]
    assert written[-2:] == [IncidentEvent.LASTING, IncidentEvent.OBSERVING]
    world.live(web="---++")
    assert [u.event for i in world.incidents() for u in i.updates] == written


def test_each_of_two_that_swung_together_and_stay_down_is_told(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    world.live(web=FLAPS, dns=FLAPS)
    (only,) = world.incidents()
    before, sent = len(only.updates), len(world.told)
    world.live(web="-" * 40, dns="+" * 5 + "-" * 35)
    added = world.incidents()[0].updates[before:]
    # The next update was due meanwhile, too.
    told = [u for u in added if u.event is not IncidentEvent.DUE]
    assert [u.event for u in told] == [IncidentEvent.LASTING] * 2
    texts = [u.machine.by_locale["es"] for u in told if u.machine]
    assert ["Web volvió" in text for text in texts] == [True, False]
    assert ["DNS volvió" in text for text in texts] == [False, True]
    names = [message.subject.split(":")[0] for message in world.told[sent:]]
    assert names == ["CAÍDO web +1", "CAÍDO dns +1"]


def test_what_was_slow_and_falls_after_it_was_told_is_told_as_worse(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    world.live(web=FLAPS + "~" * 20)
    before = len(world.told)
    world.live(web="-" * 5)
    assert world.kinds[before:] == ["update"]
    assert world.incidents()[0].updates[-1].event is IncidentEvent.WORSENED


def test_one_that_swings_slowly_is_told_of_each_outage_that_lasts_and_no_more(
    tmp_path: Path,
) -> None:
    world = Watched(tmp_path, flap_changes=3)
    world.live(web="++" + "---++" * 4)
    before = len(world.told)
    world.live(web=("-" * 25 + "++") * 4)
    assert world.kinds[before:] == ["update"] * 4


def test_what_stays_down_in_announced_work_is_told_when_that_is_over(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    world.live(web=FLAPS)
    before = len(world.told)
    desk = MaintenanceCommands(
        journal=world.journal,
        catalogue=world.catalogues.at(world.clock.now()),
        clock=world.clock,
        actor=Actor(id="ana", kind=ActorKind.PERSON),
    )
    start = Second(world.clock.now() + 300)
    words = plain("Actualización")
    desk.add(
        title=words,
        impact=words,
        start=start,
        end=Second(start + 1800),
        components=("web",),
        reason="urgente",
    )
    world.live(web="-" * 34)
    assert len(world.told) == before
    world.live(web="-" * 5)
    assert world.kinds[before:] == ["update"]
