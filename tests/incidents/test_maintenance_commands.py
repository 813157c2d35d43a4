"""Planned work: day, window, impact, inside the allowed hours or with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from monitor.domain.catalogue import ConfiguredTerms, MaintenanceRules
from monitor.domain.change import Actor, ActorKind
from monitor.domain.maintenance import Extension, MaintenancePhase, MaintenanceWindow
from monitor.domain.refusals import NotFound, Refused, Stale
from monitor.domain.text import plain
from monitor.domain.time.calendar import Hours
from monitor.domain.time.interval import Second
from monitor.incidents.maintenance_commands import MaintenanceCommands, lies_within
from tests.domain.incidents import DECIDED_AT, ZONE, catalogue
from tests.support.clock import second
from tests.support.posts import PostOffice, post_office
from tests.support.refusals import refuses

NIGHTS = MaintenanceRules(
    hours=Hours(zone=ZONE, opens=time(0), closes=time(6)), min_notice=timedelta(hours=48)
)
START, END = second("2026-04-19T02:00:00-03:00"), second("2026-04-19T04:00:00-03:00")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    with post_office(tmp_path) as opened:
        yield opened


@pytest.fixture
def desk(office: PostOffice) -> MaintenanceCommands:
    return MaintenanceCommands(
        journal=office.journal,
        catalogue=replace(catalogue(), maintenance=NIGHTS),
        clock=office.clock,
        actor=Actor(id="ana", kind=ActorKind.PERSON),
    )


def planned(
    desk: MaintenanceCommands,
    start: Second = START,
    end: Second = END,
    components: tuple[str, ...] = ("web1",),
    reason: str = "",
) -> MaintenanceWindow:
    return desk.add(
        title=plain("Servidor web 1: actualización"),
        impact=plain("Sitios sin servicio unos minutos."),
        start=start,
        end=end,
        components=components,
        reason=reason,
    )


def test_what_is_announced_is_public_with_a_snapshot_and_not_before(
    office: PostOffice, desk: MaintenanceCommands
) -> None:
    saved = planned(desk)
    assert saved.published_at is None
    assert saved.created_by == "ana"
    assert desk.is_excluded(saved)
    assert desk.listed() == (saved,)
    with office.journal.transaction() as tx:
        (change,) = tx.changes.since(0, 10)
    assert (change.kind, change.subject, change.actor) == ("maintenance.added", saved.id, "ana")
    assert change.after["components"] == ["web1"]


def test_outside_the_allowed_hours_it_needs_a_reason(desk: MaintenanceCommands) -> None:
    by_day = second("2026-04-19T05:00:00-03:00"), second("2026-04-19T07:00:00-03:00")
    with refuses(Refused, match=r"Sun 19 05:00 to Sun 19 07:00 is not inside.*--reason"):
        planned(desk, *by_day)
    saved = planned(desk, *by_day, reason="El proveedor viene a esa hora.")
    assert saved.reason == "El proveedor viene a esa hora."


@pytest.mark.parametrize(("notice_s", "is_excluded"), [(0, True), (48 * 3_600, False)])
def test_without_notice_it_needs_a_reason_and_counts_as_the_default_terms_say(
    desk: MaintenanceCommands, notice_s: int, *, is_excluded: bool
) -> None:
    rule = {"maintenance_exclusion": {"min_notice_s": notice_s}}
    desk = replace(desk, catalogue=replace(desk.catalogue, terms=(ConfiguredTerms(fields=rule),)))
    soon = second("2026-04-17T02:00:00-03:00"), second("2026-04-17T03:00:00-03:00")
    with refuses(Refused, match="announced 48 h 0 min before its start, this is 11 h 50 min"):
        planned(desk, *soon)
    assert desk.is_excluded(planned(desk, *soon, reason="Falla inminente.")) is is_excluded


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (END, START, "after the start"),
        (START, START, "after the start"),
        (Second(DECIDED_AT - 3_600), END, "has passed"),
        (START, Second(START + 15 * 86_400), "at most 14 days"),
        (Second(DECIDED_AT + 500 * 86_400), Second(DECIDED_AT + 500 * 86_400 + 60), "400 days"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused_even_with_a_reason(
    desk: MaintenanceCommands, start: Second, end: Second, reason: str
) -> None:
    with refuses(Refused, match=reason):
        planned(desk, start, end, reason="porque sí")


def test_now_may_have_been_a_moment_ago(desk: MaintenanceCommands) -> None:
    saved = planned(desk, Second(DECIDED_AT - 2), Second(DECIDED_AT + 600), reason="Urgente.")
    assert saved.start == DECIDED_AT


def test_it_names_the_component_that_was_meant_and_no_private_one(
    desk: MaintenanceCommands,
) -> None:
    with refuses(NotFound, match="no public component web2; did you mean web1"):
        planned(desk, components=("web2",))
    with refuses(NotFound, match="no public component storage-backend"):
        planned(desk, components=("storage-backend",))
    with refuses(Refused, match="--component"):
        planned(desk, components=())


def test_a_cancelled_window_holds_back_nothing(
    office: PostOffice, desk: MaintenanceCommands
) -> None:
    saved = planned(desk)
    cancelled = desk.cancel(saved.id, reason="Se posterga.")
    assert cancelled.phase(office.clock.now()) is MaintenancePhase.CANCELLED
    assert cancelled.effective.seconds == 0
    assert desk.listed() == ()
    assert desk.listed(with_past=True) == (cancelled,)
    with office.journal.transaction() as tx:
        change = tx.changes.since(0, 10)[-1]
    assert (change.kind, change.after["reason"]) == ("maintenance.cancelled", "Se posterga.")
    with refuses(Refused, match="cancelled already"):
        desk.cancel(saved.id)


def test_a_window_that_runs_can_be_ended(office: PostOffice, desk: MaintenanceCommands) -> None:
    saved = planned(desk)
    office.clock.advance_to(Second(START + 600))
    assert desk.cancel(saved.id).effective.seconds == 600


def test_a_window_that_runs_is_extended_with_a_reason(
    office: PostOffice, desk: MaintenanceCommands
) -> None:
    saved = planned(desk)
    office.clock.advance_to(Second(END - 600))
    later = Second(END + 3_600)
    with refuses(Refused, match="announced 48 h 0 min before its start, this is 0 h 10 min"):
        desk.extend(saved.id, end=later)
    longer = desk.extend(saved.id, end=later, reason="Falta un disco.", revision=saved.revision)
    assert longer.extensions == (Extension(start=END, end=later),)
    assert (longer.end, longer.planned_end) == (later, END)
    with office.journal.transaction() as tx:
        assert tx.maintenance.get(saved.id) == longer
        change = tx.changes.since(0, 10)[-1]
    assert (change.kind, change.before, change.after) == (
        "maintenance.extended", {"end": END}, {"end": later, "reason": "Falta un disco."},
    )  # fmt: skip


def test_what_is_extended_in_time_needs_no_reason(desk: MaintenanceCommands) -> None:
    saved = planned(desk)
    assert desk.extend(saved.id, end=Second(END + 3_600)).end == END + 3_600
    with refuses(Refused, match="is not inside the hours"):
        desk.extend(saved.id, end=Second(END + 3 * 3_600))


def test_work_that_overran_can_be_extended_for_an_hour(
    office: PostOffice, desk: MaintenanceCommands
) -> None:
    saved = planned(desk)
    office.clock.advance_to(Second(END + 3_599))
    with refuses(Refused, match="say why it goes on"):
        desk.extend(saved.id, end=Second(END + 7_200))
    longer = desk.extend(saved.id, end=Second(END + 7_200), reason="Sigue.")
    assert longer.phase(office.clock.now()) is MaintenancePhase.IN_PROGRESS
    other = planned(desk, Second(END + 9_000), Second(END + 9_600), reason="Otra.")
    office.clock.advance_to(Second(END + 9_600 + 3_600))
    with refuses(Refused, match="is completed already"):
        desk.extend(other.id, end=Second(END + 20_000), reason="Sigue.")


def test_no_end_is_put_off_to_before_it_or_into_the_past(
    office: PostOffice, desk: MaintenanceCommands
) -> None:
    saved = planned(desk)
    with refuses(Refused, match="after the present one"):
        desk.extend(saved.id, end=END, reason="Igual.")
    office.clock.advance_to(Second(END + 900))
    with refuses(Refused, match="and ahead"):
        desk.extend(saved.id, end=Second(END + 900), reason="Ya.")
    with refuses(Refused, match="at most 14 days"):
        desk.extend(saved.id, end=Second(START + 15 * 86_400), reason="Largo.")


def test_what_was_cancelled_or_ended_is_not_extended(
    office: PostOffice, desk: MaintenanceCommands
) -> None:
    saved = planned(desk)
    desk.cancel(saved.id)
    with refuses(Refused, match="is cancelled already"):
        desk.extend(saved.id, end=Second(END + 600), reason="No.")
    other = planned(desk)
    office.clock.advance_to(Second(START + 600))
    desk.cancel(other.id)
    with refuses(Refused, match="is completed already"):
        desk.extend(other.id, end=Second(END + 600), reason="No.")


def test_it_refuses_what_was_decided_on_an_older_sight(desk: MaintenanceCommands) -> None:
    saved = planned(desk)
    with refuses(Stale, match="you saw revision 0"):
        desk.cancel(saved.id, revision=saved.revision - 1)
    with refuses(Stale, match="you saw revision 0"):
        desk.extend(saved.id, end=Second(END + 60), revision=saved.revision - 1)


def test_two_windows_at_the_same_second_have_ids_of_their_own(desk: MaintenanceCommands) -> None:
    assert planned(desk).id != planned(desk).id


def test_nights_that_touch_at_midnight_are_one() -> None:
    late = Hours(zone=ZONE, opens=time(22))
    around = Hours(zone=ZONE)
    start, end = second("2026-04-19T22:00:00-03:00"), second("2026-04-20T00:30:00-03:00")
    assert not lies_within(late, start, end)
    assert lies_within(late, start, second("2026-04-20T00:00:00-03:00"))
    assert lies_within(around, start, end)
