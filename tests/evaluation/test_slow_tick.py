"""A disk that is slow in the middle of a tick changes nothing of what is decided in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.incidents.incident import Incident
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.incidents.writer import IncidentWriter
from tests.support.worlds import DNS, INTERVAL, MAIL, WEB, World, look


def incidents(world: World) -> list[Incident]:
    with world.journal.transaction() as tx:
        return list(tx.incidents.touching(Interval(Second(0), FOREVER)))


def test_a_recovery_is_taken_though_writing_what_came_before_it_took_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its looks were called old by then: an outage of ten seconds was told as one of an hour."""
    world = World(tmp_path)
    world.live(web="++", dns="++", mail="++")
    start = world.clock.now()
    for minute, marks in enumerate(("---", "---", "---", "+--", "+++", "+++", "+++")):
        at = Second(start + minute * INTERVAL)
        for name, mark in zip((WEB, DNS, MAIL), marks, strict=True):
            world.log.add(look(name, at, mark))
    world.clock.advance(7 * INTERVAL)
    write = IncidentWriter.save

    def slow(*args: object) -> object:
        world.clock.advance(10 * INTERVAL)
        return write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(IncidentWriter, "save", slow)
    world.core.tick()
    ends = {part.component: part.end for i in incidents(world) for part in i.affected}
    assert ends == {
        WEB: start + 3 * INTERVAL, DNS: start + 4 * INTERVAL, MAIL: start + 4 * INTERVAL
    }  # fmt: skip
