"""What a tick of a storm costs: as much as fell, never the square of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.catalogue import Catalogue, Component, Service
from monitor.domain.change import Actor, ActorKind
from monitor.domain.checks.observation import ComponentId, FailureId, ServiceId
from monitor.domain.incidents.delivery import Notification
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.incidents.commands import IncidentCommands
from monitor.journal.repositories.incidents import SqlIncidents
from monitor.journal.repositories.outbox import SqlOutbox
from probes.registry import all_failures
from tests.support.worlds import INTERVAL, World, catalogue, check, look

CAUSES = sorted(map(str, all_failures()))


def fleet(count: int, *, of_one_service: bool, **alerting: int) -> Catalogue:
    """Components of one service on one host, or each of its own."""
    places = ["one" if of_one_service else f"own{number}" for number in range(count)]
    names = [ComponentId(f"c{number}") for number in range(count)]
    return replace(
        catalogue(**alerting),
        components=tuple(
            Component(id=name, service=ServiceId(place), name=plain(name))
            for name, place in zip(names, places, strict=True)
        ),
        checks=tuple(check(name, host=place) for name, place in zip(names, places, strict=True)),
        services=tuple(Service(id=ServiceId(p), name=plain(p)) for p in dict.fromkeys(places)),
    )


class Fleet(World):
    """All its components do the same, each for a cause of its own."""

    def __init__(
        self, folder: Path, count: int, *, of_one_service: bool = False, **alerting: int
    ) -> None:
        folder.mkdir()
        super().__init__(folder, fleet(count, of_one_service=of_one_service, **alerting))
        self.names = [c.id for c in self.catalogues.at(self.clock.now()).components]

    def look_all(self, mark: str) -> None:
        at = self.clock.now()
        for number, name in enumerate(self.names):
            seen = look(name, at, mark)
            cause = FailureId(CAUSES[number % len(CAUSES)]) if mark == "-" else None
            self.log.add(replace(seen, failure=cause))
        self.clock.advance(INTERVAL)

    def lives(self, story: str) -> None:
        for mark in story:
            self.look_all(mark)
            self.core.tick()


def calls(work: Callable[[], object]) -> int:
    """How many functions of Python's it takes: what no other process on the machine changes."""
    count = 0

    def note(frame: Any, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def falling(world: Fleet) -> int:
    """The work of the tick in which all are confirmed down."""
    world.lives("++--")
    world.look_all("-")
    return calls(world.core.tick)


def idling(world: Fleet) -> int:
    world.lives("++----")
    world.clock.advance(1)
    return calls(world.core.tick)


@pytest.mark.parametrize(
    ("tick", "of_one_service"), [(falling, False), (idling, False), (idling, True)]
)
def test_twice_as_many_that_are_down_take_twice_the_work(
    tmp_path: Path, tick: Callable[[Fleet], int], *, of_one_service: bool
) -> None:
    some, twice = (
        tick(Fleet(tmp_path / str(count), count, of_one_service=of_one_service))
        for count in (60, 120)
    )
    assert twice < 2.4 * some


def test_a_storm_reads_the_past_once_a_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Fleet(tmp_path / "w", 30)
    world.lives("++--")
    world.look_all("-")
    read: list[Interval] = []
    for name in ("touching", "unwatched"):
        real = getattr(SqlIncidents, name)

        def counted(own: SqlIncidents, window: Interval, real: Any = real) -> Any:
            read.append(window)
            return real(own, window)

        monkeypatch.setattr(SqlIncidents, name, counted)
    world.core.tick()
    assert len(read) == 1
    assert Second(world.clock.now()) in read[0]


def test_what_a_person_resolved_while_it_is_down_is_read_once_and_not_each_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Fleet(tmp_path / "w", 3)
    world.lives("++----")
    desk = IncidentCommands(
        journal=world.journal,
        catalogue=world.catalogues.at(world.clock.now()),
        clock=world.clock,
        actor=Actor(id="ana", kind=ActorKind.PERSON),
    )
    for incident in desk.unresolved():
        desk.resolve(incident.id, text=plain("Se apagó."), although_down=True)
    world.lives("-")
    read: list[Interval] = []
    real = SqlIncidents.touching

    def counted(own: SqlIncidents, window: Interval) -> Any:
        read.append(window)
        return real(own, window)

    monkeypatch.setattr(SqlIncidents, "touching", counted)
    world.lives("---")
    assert read == []


def test_a_reminder_is_written_once_and_not_each_second_until_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Fleet(tmp_path / "w", 3, remind_every=600)
    world.lives("++---" + "-" * 11)
    written: list[Sequence[Notification]] = []
    real = SqlOutbox.enqueue

    def noted(own: SqlOutbox, notifications: Sequence[Notification]) -> int:
        if notifications:
            written.append(notifications)
        return real(own, notifications)

    monkeypatch.setattr(SqlOutbox, "enqueue", noted)
    for _ in range(20):
        world.clock.advance(1)
        world.core.tick()
    assert written == []
    world.lives("-" * 10)
    assert [n.number for some in written for n in some] == [2, 2, 2]
