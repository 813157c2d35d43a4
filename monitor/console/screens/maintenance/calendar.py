"""The calendar of planned work: a month, its windows on their days, where to announce more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.console.commands import maintenance_commands
from monitor.console.month_grid import MonthGrid, drawn, month_of
from monitor.console.screens.maintenance.window_card import window_state
from monitor.console.speech import Speech
from monitor.console.states import State
from monitor.console.visit import Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.i18n.formats import clock_time, day_name, month_and_year, weekday_and_day
from monitor.incidents.maintenance_commands import AHEAD

_SHOWN = 3
"""So many windows of a day are shown at once; the others on request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEntry:
    """A window on one day. `time` is when it begins, empty on the days that it goes on."""

    url: str
    title: str
    state: State
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """`announce_url` is empty where nothing may be announced; `name` is the whole date."""

    iso: str
    number: int
    name: str
    is_today: bool
    is_outside: bool
    """Of the month before or after."""
    announce_url: str
    announce: str
    entries: tuple[DayEntry, ...]
    more: tuple[DayEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """`month` is as addresses have it; `weekdays` are short and whole."""

    month: str
    title: str
    weekdays: tuple[tuple[str, str], ...]
    weeks: tuple[tuple[Day, ...], ...]
    before_url: str
    after_url: str
    this_url: str
    """Empty where it is shown."""
    is_empty: bool


def calendar(visit: Visit) -> Calendar:
    """The month that the address names. Raises Refused."""
    speech = visit.speech
    wanted = visit.query.get("month", "") or visit.form.line("month")
    grid = month_of(wanted, speech.now, speech.zone)
    found = grid.by_day(maintenance_commands(visit).during(grid.interval))
    days = [_day(day, grid, found.get(day, ()), visit) for day in grid.days]
    today = speech.day(speech.now)
    is_now = grid.first == today.replace(day=1)
    return Calendar(
        month=_month(grid.first),
        title=month_and_year(grid.first, speech.lang),
        weekdays=tuple(_weekday(day, speech) for day in grid.days[:7]),
        weeks=tuple(tuple(days[n : n + 7]) for n in range(0, len(days), 7)),
        before_url=_url(grid.before) if grid.before else "",
        after_url=_url(grid.after) if grid.after else "",
        this_url="" if is_now else "/maintenance",
        is_empty=not any(day.entries for day in days if not day.is_outside),
    )


def _day(day: date, grid: MonthGrid, windows: Sequence[MaintenanceWindow], visit: Visit) -> Day:
    speech = visit.speech
    entries = tuple(_entry(window, day, speech) for window in windows)
    name = weekday_and_day(day, speech.lang)
    announce = speech.words.window.announce_on.format(d=name)
    may_announce = visit.may(Scope.MAINTENANCE_WRITE) and _lies_ahead(day, speech)
    return Day(
        iso=day.isoformat(),
        number=day.day,
        name=name,
        is_today=day == speech.day(speech.now),
        is_outside=day.month != grid.first.month,
        announce_url=f"{_url(grid.first)}&day={day.isoformat()}#plan" if may_announce else "",
        announce=announce,
        entries=entries[:_SHOWN],
        more=entries[_SHOWN:],
    )


def _entry(window: MaintenanceWindow, day: date, speech: Speech) -> DayEntry:
    start = drawn(window).start
    begins = at_zone(start, speech.zone).date() == day
    return DayEntry(
        url=f"/maintenance/{window.id}",
        title=speech.text(window.title),
        state=window_state(window, speech),
        time=clock_time(start, speech.zone) if begins else "",
    )


def _lies_ahead(day: date, speech: Speech) -> bool:
    """What is announced lies ahead, and no further than any window may."""
    return speech.day(speech.now) <= day <= speech.day(Second(speech.now + AHEAD))


def _weekday(day: date, speech: Speech) -> tuple[str, str]:
    name = day_name(day, speech.lang)
    return name[:3], name


def _month(first: date) -> str:
    return f"{first:%Y-%m}"


def _url(first: date) -> str:
    return f"/maintenance?month={_month(first)}"
