"""Which days a month's calendar has, and which windows stand on them."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.console.month_grid import MonthGrid, day_of, month_of, proposed
from monitor.domain.checks.observation import ComponentId
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.refusals import Refused
from monitor.domain.text import plain
from monitor.domain.time.calendar import Hours, at_zone, local_day, midnight
from monitor.domain.time.interval import Second

BUENOS_AIRES = ZoneInfo("America/Argentina/Buenos_Aires")
MADRID = ZoneInfo("Europe/Madrid")
SANTIAGO = ZoneInfo("America/Santiago")
APIA = ZoneInfo("Pacific/Apia")
HOUR, DAY = 3_600, 86_400


def window(
    start: int, end: int, *, name: str = "w", cancelled: int | None = None
) -> MaintenanceWindow:
    return MaintenanceWindow(
        id=MaintenanceId(name), title=plain(name), impact=plain("x"), start=Second(start),
        end=Second(end), components=(ComponentId("web"),),
        cancelled_at=None if cancelled is None else Second(cancelled),
    )  # fmt: skip


def at(day: str, hour: int, zone: ZoneInfo = BUENOS_AIRES) -> int:
    return midnight(date.fromisoformat(day), zone) + hour * HOUR


def grid(month: str, zone: ZoneInfo = BUENOS_AIRES) -> MonthGrid:
    return month_of(month, Second(0), zone)


def days_of(month: str, *windows: MaintenanceWindow, zone: ZoneInfo = BUENOS_AIRES) -> list[str]:
    return [day.isoformat() for day in grid(month, zone).by_day(windows)]


@pytest.mark.parametrize(
    ("month", "first", "last", "weeks"),
    [
        ("2026-12", "2026-11-30", "2027-01-03", 5),
        ("2027-02", "2027-02-01", "2027-02-28", 4),
        ("2026-08", "2026-07-27", "2026-09-06", 6),
        ("2028-02", "2028-01-31", "2028-03-05", 5),
    ],
)
def test_a_month_is_whole_weeks_from_monday_to_sunday(
    month: str, first: str, last: str, weeks: int
) -> None:
    days = grid(month).days
    assert (days[0].isoformat(), days[-1].isoformat(), len(days)) == (first, last, 7 * weeks)
    assert (days[0].weekday(), days[-1].weekday()) == (0, 6)


def test_without_a_month_it_is_the_one_of_the_companys_day() -> None:
    # In UTC it is December already.
    now = Second(at("2026-11-30", 22))
    assert month_of("", now, BUENOS_AIRES).first == date(2026, 11, 1)
    assert month_of("", now, ZoneInfo("UTC")).first == date(2026, 12, 1)


@pytest.mark.parametrize(
    "written",
    ["2026-13", "2026-00", "2026-1", "26-01", "2026-12-01",
     "\u0661\u0662\u0663\u0664-\u0660\u0661", "9999-12",
     "0000-01", "2200-01", "1969-12", "2026-12\n", "' OR 1=1", "x" * 5_000],
)  # fmt: skip
def test_what_is_no_month_is_refused(written: str) -> None:
    with pytest.raises(Refused) as refused:
        grid(written)
    assert refused.value.code == "form.month"
    assert len(str(refused.value.fields["got"])) <= 40


@pytest.mark.parametrize("written", ["2026-02-30", "2026-12", "0001-01-01", "9999-12-31", "today"])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(Refused) as refused:
        day_of(written)
    assert refused.value.code == "form.day"


def test_the_calendar_has_a_first_and_a_last_month() -> None:
    assert (grid("1970-01").before, grid("1970-01").after) == (None, date(1970, 2, 1))
    assert (grid("2199-12").before, grid("2199-12").after) == (date(2199, 11, 1), None)
    assert grid("2199-12").interval.seconds > 0


def test_a_window_over_midnight_is_on_both_days() -> None:
    over = window(at("2026-12-24", 23), at("2026-12-25", 1))
    assert days_of("2026-12", over) == ["2026-12-24", "2026-12-25"]


def test_a_window_that_ends_at_midnight_is_not_on_the_day_that_begins() -> None:
    until = window(at("2026-12-24", 22), at("2026-12-25", 0))
    assert days_of("2026-12", until) == ["2026-12-24"]


def test_a_window_over_the_months_end_is_in_both_months() -> None:
    over = window(at("2026-12-31", 23), at("2027-01-01", 2))
    assert days_of("2026-12", over) == ["2026-12-31", "2027-01-01"]
    assert days_of("2027-01", over) == ["2026-12-31", "2027-01-01"]
    assert days_of("2027-02", over) == []


def test_a_long_window_fills_the_weeks_that_are_shown_and_no_more() -> None:
    whole = window(at("2026-11-01", 0), at("2027-02-01", 0))
    assert len(days_of("2026-12", whole)) == len(grid("2026-12").days)


def test_one_that_was_ended_early_stands_where_it_took_place() -> None:
    start, end = at("2026-12-10", 2), at("2026-12-12", 2)
    assert days_of("2026-12", window(start, end, cancelled=start + HOUR)) == ["2026-12-10"]
    planned = ["2026-12-10", "2026-12-11", "2026-12-12"]
    assert days_of("2026-12", window(start, end, cancelled=start - HOUR)) == planned


def test_the_day_on_which_clocks_change_is_one_day() -> None:
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25)):
        start = midnight(date.fromisoformat(day), MADRID)
        whole = window(start, start + hours * HOUR)
        assert days_of(day[:7], whole, zone=MADRID) == [day]
        longer = window(start, start + hours * HOUR + 1)
        assert len(days_of(day[:7], longer, zone=MADRID)) == 2


def test_a_day_without_midnight_begins_when_the_clocks_do() -> None:
    # In Santiago 23:59:59 of the 5th is followed by 01:00 of the 6th.
    first = midnight(date(2026, 9, 6), SANTIAGO)
    assert at_zone(first, SANTIAGO).hour == 1
    assert days_of("2026-09", window(first - HOUR, first), zone=SANTIAGO) == ["2026-09-05"]
    assert days_of("2026-09", window(first, first + HOUR), zone=SANTIAGO) == ["2026-09-06"]


def test_nothing_is_on_a_day_that_a_zone_left_out() -> None:
    # Samoa went from the 29th to the 31st.
    over = window(at("2011-12-29", 20, APIA), at("2011-12-29", 20, APIA) + 12 * HOUR)
    assert days_of("2011-12", over, zone=APIA) == ["2011-12-29", "2011-12-31"]


@settings(max_examples=200, deadline=None)
@given(
    start=st.integers(at("2026-02-20", 0, MADRID), at("2026-04-10", 0, MADRID)),
    length=st.integers(1, 14 * DAY),
)
def test_a_window_is_on_the_days_of_which_it_takes_a_second(start: int, length: int) -> None:
    one, shown = window(start, start + length), grid("2026-03", MADRID)
    wanted = [day for day in shown.days if local_day(day, MADRID).overlaps(one.interval)]
    assert list(shown.by_day([one])) == wanted


def test_a_day_is_proposed_from_where_work_may_begin() -> None:
    now, day = Second(at("2026-12-01", 9)), date(2026, 12, 24)
    hours = Hours(zone=BUENOS_AIRES, opens=time(3), closes=time(6))
    start, end = proposed(day, hours, BUENOS_AIRES, now)
    assert (start, end) == (at("2026-12-24", 3), at("2026-12-24", 4))
    assert proposed(day, None, BUENOS_AIRES, now)[0] == at("2026-12-24", 2)
    # Closed on Thursdays: any hour, which then needs a reason.
    weekend = Hours(zone=BUENOS_AIRES, days=frozenset({5, 6}), opens=time(3), closes=time(6))
    assert proposed(day, weekend, BUENOS_AIRES, now)[0] == at("2026-12-24", 2)


def test_what_is_proposed_for_today_lies_ahead() -> None:
    now = Second(at("2026-12-24", 15) + 1)
    start, _ = proposed(date(2026, 12, 24), None, BUENOS_AIRES, now)
    assert start == at("2026-12-24", 16)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_what_is_proposed_exists_where_the_clocks_change(day: str) -> None:
    start, end = proposed(date.fromisoformat(day), None, MADRID, Second(at("2026-01-01", 0)))
    for moment in (start, end):
        typed = at_zone(moment, MADRID).replace(tzinfo=None)
        assert int(typed.replace(tzinfo=MADRID).timestamp()) in (moment, moment - HOUR)
    assert start in local_day(date.fromisoformat(day), MADRID)
