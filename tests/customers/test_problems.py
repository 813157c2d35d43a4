"""What customers say: stored once, linked, routed by hours, and told to operators once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.customers.problems import close_problem, note_seen, take_up
from monitor.domain.catalogue import Catalogue, SupportLevel
from monitor.domain.change import Actor, ActorKind
from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.problems import (
    AGAIN_AFTER_S,
    LETTERS,
    SEVERAL,
    WITHIN_S,
    Problem,
    ProblemKind,
    ProblemRef,
    Said,
    body_of,
)
from monitor.domain.incidents.incident import Phase
from monitor.domain.refusals import NotFound, Refused
from monitor.domain.text import Text
from monitor.domain.time.calendar import Hours
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, open_journal
from tests.journal.builders import incident, part
from tests.support.clock import second
from tests.support.journals import new_journal
from tests.support.worlds import catalogue, with_brand_page

ANA = Actor(id="ana", kind=ActorKind.PERSON)
ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
WEEKDAYS = Hours(zone=ZONE, days=frozenset(range(5)), opens=time(10), closes=time(17))
MONDAY_AT_3 = second("2026-10-05T03:00:00-03:00")


def level(id_: str, within: timedelta | None = None) -> SupportLevel:
    text = Text({"es": id_})
    return SupportLevel(
        id=id_, name=text, hours=WEEKDAYS, channels=text, purpose=text, answer_within=within
    )


class World:
    def __init__(self, journal: SqlJournal) -> None:
        self.journal = journal
        levels = (level("sla-1"), level("sla-4", timedelta(hours=2)))
        self.catalogue: Catalogue = replace(catalogue(), support=levels)
        self.web = self.catalogue.components[0].id
        self.now = MONDAY_AT_3
        self._number = 0

    def say(
        self,
        sender: str = "s1",
        kind: ProblemKind = ProblemKind.FAILS,
        component: ComponentId | None = None,
    ) -> Problem | None:
        self._number += 1
        said = Said(
            ref=ref(self._number), kind=kind, component=component or self.web, text="No abre",
            locale="es", sender=sender, at=self.now,
        )  # fmt: skip
        return self.take(said)

    def take(self, said: Said) -> Problem | None:
        with self.journal.transaction() as tx:
            return take_up(tx, body_of(said), self.catalogue, self.now)

    def alerts(self) -> list[str]:
        with self.journal.transaction() as tx:
            return [c.kind for c in tx.changes.since(0, 1_000) if c.kind == "customers.say"]


def ref(number: int) -> ProblemRef:
    return ProblemRef("PRBLEM" + LETTERS[number // 32] + LETTERS[number % 32])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_journal(new_journal(tmp_path / "journal.db")) as journal:
        yield World(journal)


def test_what_is_said_at_night_waits_for_who_answers(world: World) -> None:
    taken = world.say()
    assert taken is not None
    assert (taken.level, taken.answer_by, taken.incident) == ("sla-1", None, None)


def test_the_two_hours_of_design_run_in_its_hours(world: World) -> None:
    taken = world.say(kind=ProblemKind.DESIGN)
    assert taken is not None
    assert taken.level == "sla-4"
    assert taken.answer_by == second("2026-10-05T12:00:00-03:00")
    world.now = second("2026-10-09T16:30:00-03:00")
    late = world.say(kind=ProblemKind.DESIGN)
    assert late is not None
    assert late.answer_by == second("2026-10-12T11:30:00-03:00")


def test_the_two_hours_of_design_pass_over_a_holiday(world: World) -> None:
    levels = world.catalogue.support
    closed = replace(WEEKDAYS, holidays=frozenset({date(2026, 10, 12)}))
    world.catalogue = replace(
        world.catalogue, support=tuple(replace(one, hours=closed) for one in levels)
    )
    world.now = second("2026-10-09T16:30:00-03:00")
    taken = world.say(kind=ProblemKind.DESIGN)
    assert taken is not None
    assert taken.answer_by == second("2026-10-13T11:30:00-03:00")


def test_a_level_is_closed_all_day_on_a_holiday_and_opens_on_the_next_day_of_work() -> None:
    days = frozenset(date(2026, 12, day) for day in range(24, 32))
    hours = replace(WEEKDAYS, holidays=days | {date(2027, 1, 1)})
    noon = second("2026-12-24T12:00:00-03:00")
    assert (WEEKDAYS.is_open(noon), hours.is_open(noon), hours.closes_at(noon)) == (
        True, False, None,
    )  # fmt: skip
    before = second("2026-12-23T18:00:00-03:00")
    assert hours.opens_next(before) == second("2027-01-04T10:00:00-03:00")


def test_what_an_open_incident_is_about_is_linked_to_it(world: World) -> None:
    found = replace(incident(), affected=(part(world.web, 1000),))
    with world.journal.transaction() as tx:
        saved = tx.incidents.save(found)
    taken = world.say()
    assert taken is not None
    assert (taken.level, taken.incident) == ("sla-2", saved.id)


def test_the_same_row_again_is_stored_once(world: World) -> None:
    said = Said(
        ref=ref(7), kind=ProblemKind.FAILS, component=world.web, text="No abre", locale="es",
        sender="s", at=world.now,
    )  # fmt: skip
    assert world.take(said) is not None
    assert world.take(said) is None


def test_a_component_that_no_page_shows_is_not_named(world: World) -> None:
    hidden = tuple(replace(c, is_public=False) for c in world.catalogue.components)
    world.catalogue = replace(world.catalogue, components=hidden)
    taken = world.say()
    assert taken is not None
    assert taken.said.component is None
    world.catalogue = with_brand_page(world.catalogue, world.web)
    taken = world.say("s2")
    assert taken is not None
    assert taken.said.component == world.web


def test_operators_hear_once_of_what_several_customers_say(world: World) -> None:
    for number in range(SEVERAL - 1):
        world.say(f"s{number}")
    world.say("s0")
    assert world.alerts() == []
    world.say("other")
    world.say("another")
    assert world.alerts() == ["customers.say"]
    world.now = Second(world.now + AGAIN_AFTER_S)
    for number in range(SEVERAL):
        world.say(f"t{number}")
    assert len(world.alerts()) == 2


def test_one_customer_who_writes_again_and_again_wakes_nobody(world: World) -> None:
    for _ in range(20):
        world.say("s1")
    assert world.alerts() == []


def test_questions_make_no_failure_of_several(world: World) -> None:
    for number in range(SEVERAL + 2):
        world.say(f"s{number}", ProblemKind.DESIGN)
    world.say("fails")
    assert world.alerts() == []


def test_customers_who_write_hours_apart_wake_nobody(world: World) -> None:
    for number in range(SEVERAL + 1):
        world.say(f"s{number}")
        world.now = Second(world.now + WITHIN_S)
    assert world.alerts() == []


def test_what_an_incident_is_about_wakes_nobody_again(world: World) -> None:
    with world.journal.transaction() as tx:
        tx.incidents.save(replace(incident(), affected=(part(world.web, 1000),)))
    for number in range(SEVERAL + 2):
        world.say(f"s{number}")
    assert world.alerts() == []


def test_what_a_look_saw_stands_at_each_that_waited_for_it(world: World) -> None:
    world.say("s1")
    world.say("s2")
    with world.journal.transaction() as tx:
        note_seen(tx, world.web, "web: up", world.now)
        found = tx.problems.listed(10, with_closed=False)
    assert {(p.seen, p.looked_at) for p in found} == {("web: up", world.now)}


def test_it_is_closed_once_and_by_whom(world: World) -> None:
    taken = world.say()
    assert taken is not None
    with world.journal.transaction() as tx:
        close_problem(tx, taken.said.ref, "llamado", ANA, world.now)
    with world.journal.transaction() as tx:
        assert tx.problems.listed(10, with_closed=False) == []
        (closed,) = tx.problems.listed(10, with_closed=True)
        assert (closed.closed_by, closed.note) == ("ana", "llamado")
        with pytest.raises(Refused, match=r"problem\.closed"):
            close_problem(tx, taken.said.ref, "", ANA, world.now)
        with pytest.raises(NotFound):
            close_problem(tx, ProblemRef("NOBODY22"), "", ANA, world.now)


def test_nothing_of_it_opens_an_incident(world: World) -> None:
    for number in range(9):
        world.say(f"s{number}")
    with world.journal.transaction() as tx:
        assert [i for i in tx.incidents.unresolved() if i.phase is not Phase.RESOLVED] == []


def test_the_record_of_changes_has_no_word_of_it(world: World) -> None:
    world.say()
    with world.journal.transaction() as tx:
        (change,) = tx.changes.since(0, 10)
    assert "No abre" not in str(change)
