"""Who is owed what when the machine tells of an incident."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.domain.catalogue import Route
from monitor.domain.incident import (
    Incident,
    Standing,
    Step,
    end_part,
    join,
    open_incident,
    settle,
)
from monitor.domain.interval import Second
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.observation import ComponentId, Outcome
from monitor.domain.text import plain
from monitor.engine.narrate import Narrator
from monitor.ports.notifier import Transient
from tests.domain.incidents import DECIDED_AT, FAILURES, FELL_AT, MAIL, RADIO
from tests.engine.posts import CHAIN, OTHER, PostOffice, post_office

ABOUT_MAIL = Route(id="mail", targets=(OTHER,), components=frozenset({MAIL}))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    with post_office(tmp_path, CHAIN, ABOUT_MAIL) as opened:
        yield opened


def fallen(component: ComponentId) -> Standing:
    return Standing(component=component, status=Outcome.DOWN, since=FELL_AT, cause="conn_refused")


def told(office: PostOffice, step: Step, after: int) -> Incident:
    now = Second(DECIDED_AT + after)
    with office.journal.transaction() as tx:
        return Narrator(failures=FAILURES).save(tx, step, office.catalogue(), now)


def owing(office: PostOffice, about: Incident) -> list[tuple[str, str, int]]:
    return [(n.event.split(":", 2)[2], n.target, n.due_at - DECIDED_AT) for n in office.of(about)]


def test_what_joins_before_the_opening_leaves_brings_in_its_own_routes(office: PostOffice) -> None:
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    assert owing(office, opened) == [("opening", "first", 30)]
    told(office, join(opened, fallen(MAIL)), 20)
    assert owing(office, opened) == [("opening", "first", 30), ("opening", "other", 30)]


def test_what_joins_later_is_an_update(office: PostOffice) -> None:
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    told(office, join(opened, fallen(MAIL)), 40)
    assert owing(office, opened) == [
        ("opening", "first", 30),
        ("update:2", "first", 40),
        ("update:2", "other", 40),
    ]


def test_what_joins_after_the_clock_was_set_back_is_an_update_still(office: PostOffice) -> None:
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    told(office, join(opened, fallen(MAIL)), -3_600)
    assert owing(office, opened)[1:] == [
        ("update:2", "first", -3_600),
        ("update:2", "other", -3_600),
    ]


def test_a_resolution_leaves_at_once_though_the_clock_was_set_back(office: PostOffice) -> None:
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    back = end_part(opened, RADIO, DECIDED_AT)
    assert back is not None
    done = settle(told(office, back, 60), Second(DECIDED_AT + 960), observe=900)
    assert done is not None
    told(office, done, -3_600)
    assert owing(office, opened)[-1] == ("resolution", "first", -3_600)


@pytest.mark.parametrize("after", [20, 40])
def test_a_dependent_has_no_alert_of_its_own(office: PostOffice, after: int) -> None:
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    told(office, join(opened, fallen(MAIL), is_dependent=True), after)
    assert owing(office, opened) == [("opening", "first", 30)]


def test_a_resolution_leaves_planned_time_out_of_what_counts(office: PostOffice) -> None:
    window = MaintenanceWindow(
        id=MaintenanceId("window"),
        title=plain("x"),
        impact=plain("y"),
        start=Second(FELL_AT - 600),
        end=Second(FELL_AT + 600),
        components=(RADIO,),
    )
    with office.journal.transaction() as tx:
        tx.maintenance.save(window)
        tx.maintenance.publish([window.id], Second(FELL_AT - 1_000))
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    back = end_part(opened, RADIO, Second(FELL_AT + 900))
    assert back is not None
    watched = told(office, back, 900)
    done = settle(watched, Second(FELL_AT + 1_800), observe=900)
    assert done is not None
    words = told(office, done, 1_800).updates[-1].machine
    assert words is not None
    assert (
        words.by_locale["es"]
        .replace("\u00a0", " ")
        .endswith(
            "Estuvo sin servicio 15 min; sin el mantenimiento previsto cuentan 5 min en abril."
        )
    )


ALERTED = "Operaciones ya fue avisada."


def words_of(incident: Incident) -> list[bool]:
    """Which of its updates say that operators were alerted."""
    return [
        ALERTED in update.machine.by_locale["es"] for update in incident.updates if update.machine
    ]


def test_the_next_update_says_that_an_alert_was_delivered_and_the_first_does_not(
    office: PostOffice,
) -> None:
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    assert words_of(opened) == [False], "nobody has been told yet"
    office.clock.advance_to(Second(DECIDED_AT + 31))
    office.sent()
    joined = told(office, join(opened, fallen(MAIL)), 40)
    assert words_of(joined) == [False, True]
    back = end_part(joined, RADIO, Second(DECIDED_AT + 100))
    assert back is not None
    assert words_of(told(office, back, 100)) == [False, True, False], "once is enough"


def test_an_alert_that_reached_nobody_is_not_claimed(office: PostOffice) -> None:
    office.notifier.answers["first"] = [Transient("451 later")] * 9
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    office.clock.advance_to(Second(DECIDED_AT + 31))
    office.sent()
    assert words_of(told(office, join(opened, fallen(MAIL)), 40)) == [False, False]


def test_what_is_over_before_another_update_says_it_while_it_is_watched(office: PostOffice) -> None:
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    office.clock.advance_to(Second(DECIDED_AT + 31))
    office.sent()
    back = end_part(opened, RADIO, Second(DECIDED_AT + 100))
    assert back is not None
    assert words_of(told(office, back, 100)) == [False, True]
