"""The hours of a week as a table: a day a row, an hour a column, in each the worst of that hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from monitor.console.speech import Speech
from monitor.domain.availability import Seconds
from monitor.history.week import DAYS, Day, Hour
from monitor.i18n.formats import day_name, duration, weekday_and_day
from monitor.i18n.forms.figures import WeekWords
from statuspage.parts.services import UNNOTICED_S

_HOUR = 3_600
_HALF, _SIXTH = Fraction(1, 2), Fraction(1, 6)
_WORST = 8
_OFTEN = 3
MARKS = {"down": "✕", "slow": "≈", "nd": "?", "maint": "–"}
"""What stands in a cell besides its colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`css` colours, `mark` is seen without colours, `words` say it."""

    css: str
    mark: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    short: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """`worst` are the hours with most downtime or slowness, in words; `often` says at which hours
    it fails day after day; `notes` what is unusual about the clock."""

    rows: tuple[Row, ...]
    worst: tuple[str, ...]
    often: tuple[str, ...]
    notes: tuple[str, ...]


def heat_map(days: Sequence[Day], speech: Speech) -> HeatMap:
    words = speech.words.week
    return HeatMap(
        rows=tuple(_row(day, words, speech) for day in days),
        worst=_worst(days, words, speech),
        often=_often(days, words),
        notes=tuple(_notes(days, words, speech)),
    )


def _row(day: Day, words: WeekWords, speech: Speech) -> Row:
    return Row(
        short=f"{day_name(day.day, speech.lang)[:3]}\u00a0{day.day.day}",
        name=weekday_and_day(day.day, speech.lang),
        cells=tuple(_cell(day, hour, words) for hour in range(24)),
    )


def _cell(day: Day, hour: int, words: WeekWords) -> Cell:
    if hour in day.skipped:
        return Cell(css="h-none", mark="", words=words.skipped)
    found = day.hours.get(hour)
    if found is None:
        return Cell(css="h-none", mark="", words=words.coming)
    seconds = found.seconds
    if not seconds.watched and seconds.unknown <= UNNOTICED_S:
        if seconds.before_records:
            return Cell(css="h-none is-nd", mark="·", words=words.before)
        # It has just begun, and no result of it has come.
        return Cell(css="h-none", mark="", words=words.coming)
    kind = _kind(seconds)
    said = ", ".join(_parts(seconds, words)) or words.up
    if kind == "ok":
        return Cell(css="is-ok", mark="", words=said)
    return Cell(css=f"is-{kind} {_level(kind, found)}".strip(), mark=MARKS[kind], words=said)


def _kind(seconds: Seconds) -> str:
    """The worst that is known of it; a little silence is no news."""
    if seconds.down:
        return "down"
    if seconds.degraded:
        return "slow"
    if seconds.unknown > UNNOTICED_S:
        return "nd"
    return "maint" if seconds.excluded else "ok"


def _level(kind: str, found: Hour) -> str:
    """How much of an hour it was down."""
    share = Fraction(found.seconds.down, found.interval.seconds)
    if kind != "down" or share < _SIXTH:
        return ""
    return "h-3" if share >= _HALF else "h-2"


def _parts(seconds: Seconds, words: WeekWords) -> Iterator[str]:
    unknown = seconds.unknown if seconds.unknown > UNNOTICED_S else 0
    for form, length in (
        (words.down, seconds.down), (words.slow, seconds.degraded),
        (words.unknown, unknown), (words.excluded, seconds.excluded),
    ):  # fmt: skip
        if length:
            yield form.format(d=duration(length))


def _worst(days: Sequence[Day], words: WeekWords, speech: Speech) -> tuple[str, ...]:
    """The worst first, and of equals the newest."""
    failed = [
        (found.seconds, day.day, hour)
        for day in days
        for hour, found in day.hours.items()
        if found.seconds.down or found.seconds.degraded
    ]
    failed.sort(key=lambda f: (f[0].down, f[0].degraded, f[1], f[2]), reverse=True)
    return tuple(
        words.hour_of_day.format(
            day=weekday_and_day(day, speech.lang), h=_clock(hour),
            said=", ".join(_parts(seconds, words)),
        )
        for seconds, day, hour in failed[:_WORST]
    )  # fmt: skip


def _often(days: Sequence[Day], words: WeekWords) -> tuple[str, ...]:
    found = []
    for hour in range(24):
        hours = [day.hours[hour].seconds for day in days if hour in day.hours]
        times = sum(bool(seconds.down or seconds.degraded) for seconds in hours)
        if times >= _OFTEN:
            found.append((times, words.often.format(h=_clock(hour), n=times, m=DAYS)))
    return tuple(said for _, said in sorted(found, key=lambda f: -f[0]))


def _notes(days: Sequence[Day], words: WeekWords, speech: Speech) -> Iterator[str]:
    for day in days:
        name = weekday_and_day(day.day, speech.lang)
        for hour in sorted(day.skipped):
            yield words.was_skipped.format(day=name, h=_clock(hour))
        for hour, found in day.hours.items():
            if found.interval.seconds != _HOUR:
                length = duration(found.interval.seconds)
                yield words.was_longer.format(day=name, h=_clock(hour), d=length)
    first = _watched_from(days)
    if first is not None:
        yield words.watched_from.format(
            day=weekday_and_day(first[0], speech.lang), h=_clock(first[1])
        )


def _watched_from(days: Sequence[Day]) -> tuple[date, int] | None:
    """The first hour that was watched, where one before it was not."""
    hours = [(day.day, hour, found.seconds) for day in days for hour, found in day.hours.items()]
    if not hours or not hours[0][2].before_records:
        return None
    return next(((d, h) for d, h, s in hours if s.total > s.before_records), None)


def _clock(hour: int) -> str:
    return f"{hour:02d}"
