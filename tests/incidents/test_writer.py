"""Who is owed what when the machine tells of an incident."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.alerting.ports import Transient
from monitor.domain.catalogue import Route
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import (
    ComponentStatus,
    Incident,
    IncidentChange,
    end_part,
    join,
    open_incident,
    resolve_recovered,
)
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from monitor.incidents.writer import IncidentWriter
from tests.domain.incidents import DECIDED_AT, FAILURES, FELL_AT, MAIL, RADIO
from tests.support.posts import CHAIN, OTHER, PostOffice, post_office

ABOUT_MAIL = Route(id="mail", targets=(OTHER,), components=frozenset({MAIL}))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    with post_office(tmp_path, CHAIN, ABOUT_MAIL) as opened:
        yield opened


def fallen(component: ComponentId) -> ComponentStatus:
    return ComponentStatus(
        component=component, status=Outcome.DOWN, since=FELL_AT, cause="conn_refused"
    )


def told(office: PostOffice, step: IncidentChange, after: int) -> Incident:
    now = Second(DECIDED_AT + after)
    with office.journal.transaction() as tx:
        return IncidentWriter(failures=FAILURES).save(tx, step, office.catalogue(), now)


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
    done = resolve_recovered(told(office, back, 60), Second(DECIDED_AT + 960), observe=900)
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
    done = resolve_recovered(watched, Second(FELL_AT + 1_800), observe=900)
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


ALERTED = "Operaciones ya fue avisada"


def sent_at(office: PostOffice, after: int) -> None:
    office.clock.advance_to(Second(DECIDED_AT + after))
    office.sent()


def recovery(incident: Incident, component: ComponentId, after: int) -> IncidentChange:
    step = end_part(incident, component, Second(DECIDED_AT + after))
    assert step is not None
    return step


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
    sent_at(office, 31)
    one_back = told(office, recovery(opened, RADIO, 100), 100)
    assert words_of(one_back) == [False, True]
    again = told(office, join(one_back, fallen(RADIO)), 120)
    assert words_of(again) == [False, True, True], "it is told again of a relapse"
    sent_at(office, 700)
    done = told(office, recovery(again, RADIO, 800), 800)
    assert words_of(done) == [False, True, True, True]


def test_nobody_is_said_to_be_alerted_of_what_joins(office: PostOffice) -> None:
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    sent_at(office, 31)
    joined = told(office, join(opened, fallen(MAIL)), 40)
    assert words_of(joined) == [False, False], "the alert was about the radio"
    one_back = told(office, recovery(joined, RADIO, 50), 50)
    assert words_of(one_back)[-1] is False, "it is about the mail, which goes on"
    sent_at(office, 400)
    watched = told(office, recovery(one_back, MAIL, 420), 420)
    assert words_of(watched)[-1] is True


def test_nobody_is_said_to_be_alerted_of_what_falls_while_it_is_watched(office: PostOffice) -> None:
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    sent_at(office, 31)
    watched = told(office, recovery(opened, RADIO, 100), 100)
    assert words_of(told(office, join(watched, fallen(MAIL)), 200))[-1] is False


def test_what_joined_before_the_opening_left_was_told_with_it(office: PostOffice) -> None:
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    joined = told(office, join(opened, fallen(MAIL)), 20)
    sent_at(office, 31)
    assert words_of(told(office, recovery(joined, RADIO, 100), 100))[-1] is True


def test_an_alert_that_reached_nobody_is_not_claimed(office: PostOffice) -> None:
    office.notifier.answers["first"] = [Transient("451 later")] * 9
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    sent_at(office, 31)
    assert words_of(told(office, recovery(opened, RADIO, 100), 100)) == [False, False]


def test_what_is_over_before_another_update_says_it_while_it_is_watched(office: PostOffice) -> None:
    opened = told(office, open_incident(fallen(RADIO), DECIDED_AT), 0)
    sent_at(office, 31)
    watched = told(office, recovery(opened, RADIO, 100), 100)
    words = watched.updates[-1].machine
    assert words is not None
    assert words.by_locale["es"].endswith(
        "antes de darlo por resuelto. Operaciones ya fue avisada de la falla."
    )
    assert words.by_locale["en"].endswith("Operations has been alerted of the failure.")
