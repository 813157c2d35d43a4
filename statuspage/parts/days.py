"""What each of the last 90 days was like: the kind of its bar and its figure in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from monitor.domain.availability import Seconds
from monitor.domain.exclusions.rules import MAINTENANCE_CAUSE
from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.i18n.formats import Lang, duration
from monitor.i18n.forms.page import Words
from monitor.i18n.words import PAGE
from statuspage.view.model import PublicComponent, PublicDay, PublicView

NOTICEABLE = 10 * 60
"""Seconds. Shorter slowness and shorter gaps leave a day quiet, where the rest of it is known."""


class Kind(StrEnum):
    """A day's bar, worst first. The value is the class of the stylesheet."""

    DOWN_LONG = "b-d3"
    DOWN = "b-d2"
    DOWN_SHORT = "b-d1"
    SLOW = "b-slow"
    MAINTENANCE = "b-maint"
    EXCLUDED = "b-maint x"
    NO_DATA = "b-nd"
    QUIET = "b-ok"
    UNBORN = ""
    """Before the component was watched: nothing is drawn."""


_RANK = {kind: place for place, kind in enumerate(Kind)}
OUTAGES = (Kind.DOWN_LONG, Kind.DOWN, Kind.DOWN_SHORT)

SHOWN = {
    Kind.SLOW: Shown.SLOW,
    Kind.MAINTENANCE: Shown.MAINTENANCE,
    Kind.EXCLUDED: Shown.MAINTENANCE,
    Kind.NO_DATA: Shown.NO_DATA,
    Kind.QUIET: Shown.OPERATIONAL,
    **dict.fromkeys(OUTAGES, Shown.DOWN),
}
"""The state whose icon and colour a kind uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One bar: `happened` is each kind of that day with its seconds, worst first."""

    day: date
    kind: Kind
    happened: tuple[tuple[Kind, int], ...] = ()

    @property
    def is_eventful(self) -> bool:
        return bool(self.happened)

    @property
    def seconds(self) -> int:
        """How long the day's kind lasted."""
        return self.happened[0][1] if self.happened else 0


def figure(kind: Kind, seconds: int, lang: Lang) -> str:
    """`18 min sin servicio`."""
    return _template(kind, PAGE[lang]).format(d=duration(seconds))


def _template(kind: Kind, words: Words) -> str:
    match kind:
        case Kind.SLOW:
            return words.figure_slow
        case Kind.MAINTENANCE:
            return words.figure_maintenance
        case Kind.EXCLUDED:
            return words.figure_excluded
        case Kind.NO_DATA:
            return words.figure_no_data
        case _:
            return words.figure_out


def not_counted(seconds: Seconds, words: Words) -> Iterator[str]:
    """`30 min no cuentan: falla de un proveedor externo.`, for each cause that two people agreed
    on. Nobody's name and no evidence is public."""
    for cause, length in sorted(seconds.excluded_by_cause.items()):
        if cause != MAINTENANCE_CAUSE and length:
            why = words.exclusion_causes.get(cause, words.excluded)
            yield words.not_counted.format(d=duration(length), why=why)


def days_of(component: PublicComponent, view: PublicView) -> tuple[Day, ...]:
    """The component's days, oldest first."""
    windows = windows_of(component, view)
    return tuple(day_of(d, component.created_at, windows) for d in component.days)


def worst_days(members: Sequence[Sequence[Day]]) -> tuple[Day, ...]:
    """A group's days: each the worst of its members'. Members have the same days."""
    return tuple(
        min(same, key=lambda d: (_RANK[d.kind], -d.seconds)) for same in zip(*members, strict=True)
    )


def windows_of(component: PublicComponent, view: PublicView) -> IntervalSet:
    """Published maintenance of the component as far as it has passed."""
    return IntervalSet.of(
        Interval(window.took.start, max(window.took.start, min(window.took.end, view.at)))
        for window in view.maintenance
        if any(id_ == component.id for id_, _ in window.components)
    )


def day_of(day: PublicDay, born: Second, windows: IntervalSet) -> Day:
    """The worst kind that happened on a day is the day's. `windows` are those of its component."""
    if day.window.end <= born:
        return _uneventful(day.day, Kind.UNBORN)
    found = [(kind, s) for kind, s in _happened(day, born, windows) if s > 0]
    found.sort(key=lambda f: _RANK[f[0]])
    if not found:
        was_seen = day.seconds.watched or not day.seconds.total
        return _uneventful(day.day, Kind.QUIET if was_seen else Kind.UNBORN)
    return Day(day=day.day, kind=found[0][0], happened=tuple(found))


@lru_cache(maxsize=256)
def _uneventful(day: date, kind: Kind) -> Day:
    """One object in memory for however many components."""
    return Day(day=day, kind=kind)


def _happened(day: PublicDay, born: Second, windows: IntervalSet) -> Iterable[tuple[Kind, int]]:
    seconds = day.seconds
    planned = (windows & IntervalSet.of([day.window])).seconds
    excluded_as_planned = seconds.excluded_by_cause.get(MAINTENANCE_CAUSE, 0)
    yield _outage(seconds.down), seconds.down
    yield Kind.SLOW, _noticeable(seconds.degraded)
    yield Kind.MAINTENANCE, max(planned, excluded_as_planned)
    yield Kind.EXCLUDED, seconds.excluded - excluded_as_planned
    # Seconds before it was watched at all are no gap.
    unwatched = max(0, min(born, day.window.end) - day.window.start)
    unknown = seconds.unknown - unwatched
    # A day without one watched second is never a good one, however short it has been.
    yield Kind.NO_DATA, _noticeable(unknown) if seconds.watched else unknown


def _outage(seconds: int) -> Kind:
    if seconds > 30 * 60:
        return Kind.DOWN_LONG
    return Kind.DOWN if seconds > 5 * 60 else Kind.DOWN_SHORT


def _noticeable(seconds: int) -> int:
    return seconds if seconds >= NOTICEABLE else 0
