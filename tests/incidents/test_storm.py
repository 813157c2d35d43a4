"""A storm is a few messages, and everything that fell stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from monitor.alerting.ports import Message, Transient
from monitor.domain.catalogue import Alerting, Route
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.delivery import Delivery, EventKind
from monitor.domain.incidents.incident import (
    ComponentStatus,
    Incident,
    IncidentChange,
    end_part,
    join,
    open_incident,
    resolve_recovered,
)
from monitor.domain.time.interval import Second
from monitor.incidents.writer import IncidentWriter
from tests.domain.incidents import FAILURES
from tests.support.posts import FIRST, PostOffice, post_office

ONLY = Route(id="only", targets=(FIRST,))
OBSERVE = 900


@dataclass
class Storm:
    """Components that fall and rise while time passes and messages leave."""

    office: PostOffice
    incidents: dict[ComponentId, Incident] = field(default_factory=dict)

    def fall(self, name: str, *, into: str = "", service: str = "") -> None:
        if service:
            self.office.services[name] = service
        now = self.office.clock.now()
        component_status = ComponentStatus(
            component=ComponentId(name),
            status=Outcome.DOWN,
            since=Second(now - 90),
            cause="conn_refused",
        )
        joined = self.incidents.get(ComponentId(into))
        step = join(joined, component_status) if joined else open_incident(component_status, now)
        self._keep(step, ComponentId(into or name))

    def rise(self, name: str, *, within: str = "") -> None:
        key = ComponentId(within or name)
        ended = end_part(self.incidents[key], ComponentId(name), self.office.clock.now())
        assert ended is not None
        self._keep(ended, key)

    def told_at(self, seconds: int) -> list[int]:
        """While time passes: when each message left."""
        found: list[int] = []
        for second in range(1, seconds + 1):
            before = len(self.told)
            self.passes(1)
            found += [second] * (len(self.told) - before)
        return found

    def settle(self) -> None:
        for key, incident in list(self.incidents.items()):
            done = resolve_recovered(incident, self.office.clock.now(), OBSERVE)
            if done is not None:
                self._keep(done, key)

    def passes(self, seconds: int) -> None:
        """Seconds, each with what is due in it."""
        for _ in range(seconds):
            self.office.clock.advance(1)
            self.office.sent()

    @property
    def told(self) -> list[Message]:
        return [message for _, message in self.office.notifier.delivered]

    def owed(self) -> int:
        with self.office.journal.transaction() as tx:
            return tx.outbox.counts()[Delivery.PENDING]

    def _keep(self, step: IncidentChange, key: ComponentId) -> None:
        with self.office.journal.transaction() as tx:
            now = self.office.clock.now()
            incident_writer = IncidentWriter(failures=FAILURES)
            self.incidents[key] = incident_writer.save(tx, step, self.office.catalogue(), now)


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    with post_office(tmp_path, ONLY) as office:
        yield Storm(office)


def test_forty_components_of_one_service_are_three_messages_until_the_resolution(
    storm: Storm,
) -> None:
    names = [f"node{number:02d}" for number in range(40)]
    for name in names:
        storm.fall(name, into="node00")
        storm.passes(8)
    storm.passes(600)
    assert len(storm.told) <= 3
    assert storm.owed() == 0
    for name in names:
        storm.rise(name, within="node00")
        storm.passes(1)
    storm.passes(OBSERVE)
    storm.settle()
    storm.passes(1)
    *fallen, over = storm.told
    assert len(fallen) <= 3
    assert over.subject.startswith("RECUPERADO node00 +39")
    assert all(re.search(rf"{name}  .*desde 14:", fallen[-1].text) for name in names), "its start"
    ended = r"  .*14:\d\d:\d\d(–| a )\d\d:\d\d:\d\d"
    assert all(re.search(name + ended, over.text) for name in names), "its end"


def test_forty_incidents_of_a_service_are_three_messages_until_they_are_resolved(
    storm: Storm,
) -> None:
    for number in range(40):
        storm.fall(f"node{number:02d}")
        storm.passes(7)
    storm.passes(600)
    assert len(storm.incidents) == 40
    assert len(storm.told) <= 3
    assert storm.owed() == 0


@pytest.mark.timeout(240)
def test_a_thousand_falls_in_a_minute_are_three_messages_and_nothing_is_owed_a_minute_after(
    storm: Storm,
) -> None:
    for second in range(60):
        for number in range(1_000 // 60 + 1):
            storm.fall(f"c{second:02d}x{number:02d}")
        storm.passes(1)
    storm.passes(60)
    assert len(storm.incidents) == 1_020
    assert len(storm.told) <= 3
    assert storm.owed() == 0
    text = "".join(message.text for message in storm.told)
    assert all(f"{component}  desde 14:" in text for component in storm.incidents)


def test_what_is_told_in_full_is_bounded_and_every_id_is_there(storm: Storm) -> None:
    for number in range(200):
        storm.fall(f"c{number:03d}")
    storm.passes(30)
    (message,) = storm.told
    fields: Any = message.fields
    assert (fields["incident_count"], fields["component_count"]) == (200, 200)
    assert len(fields["incidents"]) == 20
    listed = [*fields["incidents"], *fields["other_incidents"]]
    assert {i["id"] for i in listed} == {i.id for i in storm.incidents.values()}
    assert len(fields["events"]) == 200
    assert fields["other_incidents"][0]["components"][0].keys() == {"id", "started_at", "ended_at"}


def test_an_incident_of_many_components_tells_twenty_in_full_and_the_times_of_all(
    storm: Storm,
) -> None:
    for number in range(100):
        storm.fall(f"c{number:03d}", into="c000")
    storm.passes(30)
    (message,) = storm.told
    told: Any = message.fields["incident"]
    assert told["component_count"] == 100
    assert len(told["components"]) == 20
    assert {c["id"] for c in told["all_components"]} == {f"c{n:03d}" for n in range(100)}


def test_what_joins_is_one_update_an_interval(storm: Storm) -> None:
    storm.fall("a")
    storm.passes(31)
    for number in range(30):
        storm.fall(f"b{number}", into="a")
        storm.passes(10)
    storm.passes(300)
    kinds = [message.fields["kind"] for message in storm.told]
    assert kinds == ["opening", "update", "update"]


def test_a_component_that_joins_long_after_is_told_at_once(storm: Storm) -> None:
    storm.fall("a")
    storm.passes(3_600)
    storm.fall("b", into="a")
    storm.passes(1)
    assert [message.fields["kind"] for message in storm.told] == ["opening", "update"]


def test_a_resolution_overtakes_what_was_not_told_yet(storm: Storm) -> None:
    storm.office.notifier.answers["first"] = [None, *[Transient("busy")] * 3]
    storm.fall("a")
    storm.passes(31)
    storm.fall("b", into="a")
    storm.passes(60)
    storm.rise("a")
    storm.rise("b", within="a")
    storm.office.clock.advance(OBSERVE)
    storm.settle()
    storm.passes(60)
    assert [message.fields["kind"] for message in storm.told] == ["opening", "resolution"]
    assert "b " in storm.told[-1].text
    assert storm.owed() == 0


def test_what_ended_before_it_was_told_is_one_message(storm: Storm) -> None:
    storm.office.notifier.answers["first"] = [Transient("busy")] * 3
    storm.fall("a")
    storm.passes(31)
    storm.rise("a")
    storm.office.clock.advance(OBSERVE)
    storm.settle()
    storm.passes(60)
    (message,) = storm.told
    assert message.subject.startswith("RECUPERADO a: 2 min 1 s")
    assert storm.owed() == 0


def test_a_storm_that_a_target_refuses_for_a_while_is_one_message_still(storm: Storm) -> None:
    storm.office.notifier.answers["first"] = [Transient("busy")] * 3
    for number in range(30):
        storm.fall(f"c{number:02d}")
    storm.passes(120)
    assert len(storm.told) == 1
    assert storm.owed() == 0


def test_what_recovers_together_is_told_in_few_messages(storm: Storm) -> None:
    for number in range(60):
        storm.fall(f"c{number:02d}")
    storm.passes(60)
    before = len(storm.told)
    for name in list(storm.incidents):
        storm.rise(name)
        storm.office.clock.advance(1)
    storm.office.clock.advance(OBSERVE - 60)
    for _ in range(120):
        storm.settle()
        storm.passes(1)
    ends = storm.told[before:]
    assert {message.fields["kind"] for message in ends} == {str(EventKind.RESOLUTION)}
    assert len(ends) <= 3
    assert storm.owed() == 0


def test_the_interval_is_what_the_configuration_says(storm: Storm) -> None:
    storm.office.alerting = Alerting(routes=(ONLY,), group_interval=120)
    storm.fall("a")
    storm.passes(31)
    for number in range(2):
        storm.fall(f"b{number}", into="a")
        storm.passes(100)
    storm.passes(100)
    assert len(storm.told) == 3


def test_the_fourth_service_that_falls_is_told_as_soon_as_the_first(storm: Storm) -> None:
    told: list[int] = []
    for number in range(4):
        storm.fall(f"c{number}", service=f"s{number}")
        told += [40 * number + at for at in storm.told_at(40)]
    assert told == [30, 70, 110, 150]
    assert storm.told[-1].subject.startswith("CAÍDO c3")


def test_hosts_of_one_service_that_fall_one_by_one_are_three_messages(storm: Storm) -> None:
    for number in range(40):
        storm.fall(f"node{number:02d}", service="hosting")
        storm.passes(7)
    storm.passes(600)
    assert len(storm.incidents) == 40
    assert len(storm.told) <= 3
    assert storm.owed() == 0


def test_hundreds_of_services_that_fall_in_a_minute_are_three_messages(storm: Storm) -> None:
    for second in range(60):
        for number in range(5):
            name = f"c{second:02d}x{number:02d}"
            storm.fall(name, service=f"of-{name}")
        storm.passes(1)
    storm.passes(60)
    assert len(storm.told) <= 3
    assert storm.owed() == 0


def test_services_that_fall_one_after_another_are_told_at_growing_lengths(storm: Storm) -> None:
    told: list[int] = []
    for number in range(60):
        storm.fall(f"c{number}", service=f"s{number}")
        told += [10 * number + at for at in storm.told_at(10)]
    assert told == [30, 40, 100, 220, 460]
    storm.passes(300)
    assert storm.owed() == 0


def test_within_a_storm_a_service_of_its_own_is_told_soon(storm: Storm) -> None:
    for number in range(60):
        storm.fall(f"node{number:02d}", service="hosting")
        storm.passes(7)
    storm.fall("panel", service="panel")
    assert storm.told_at(60)[0] == 30
    assert "panel" in storm.told[-1].text
    storm.fall("panel-2", service="panel")
    assert storm.told_at(150) == [], "what more falls of it waits as all does"
