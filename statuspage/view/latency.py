"""How long components took to answer on each day that is over: read once a day, a little at a
time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from monitor.domain.checks.observation import ComponentId
from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.time.calendar import at_zone, local_days, midnight
from monitor.domain.time.interval import Interval, Second
from monitor.journal.ports import DailyLatency

DAYS = 90
DAYS_A_STEP = 2
"""Of five thousand components it takes 50 ms to read them."""
ENOUGH_RUNS = 20
"""A day with fewer has no figure: its slowest twentieth would be a single run."""
ENOUGH_DAYS = 2
"""Fewer are no course of anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyDay:
    """Half of the day's runs took no longer than `p50_us`, 19 of 20 no longer than `p95_us`."""

    day: date
    p50_us: int
    p95_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KindLatency:
    """The days that have a figure, oldest first, of a span of days: all checks of one kind that
    decide a component's status, at all locations, together."""

    kind: ServiceKind
    first: date
    last: date
    days: tuple[LatencyDay, ...]


_Line = tuple[ComponentId, ServiceKind]
LatencyOf = Mapping[ComponentId, tuple[KindLatency, ...]]
NO_LATENCY: LatencyOf = {}


class StoredLatencies(Protocol):
    """As the journal's `Latencies`."""

    def of_days(self, window: Interval) -> Sequence[DailyLatency]: ...


class LatencyHistory:
    """The last 90 days that are over and stored. `shown` is the same object until another day is.

    A large company has half a million rows of them. So they are read in steps, between which
    decisions have their turn.
    """

    def __init__(self) -> None:
        self.shown = NO_LATENCY
        self._span: tuple[Interval, str] | None = None
        """What is shown, by which zone."""
        self._next: tuple[Interval, str] | None = None
        self._steps: deque[Interval] = deque()
        self._found: dict[_Line, list[LatencyDay]] = {}

    def is_read(self, stored_at: Second | None, zone: ZoneInfo) -> bool:
        """Nothing is there to read before anything was stored. `stored_at`: what the log had until
        then is."""
        return stored_at is None or self._span == (_span(stored_at, zone), zone.key)

    def step(self, latencies: StoredLatencies, stored_at: Second, zone: ZoneInfo) -> None:
        """One short reading; what is shown changes with the last one."""
        wanted = (_span(stored_at, zone), zone.key)
        if self._next != wanted:
            self._next, self._found = wanted, {}
            self._steps = deque(_slices(wanted[0], zone))
        _gather(self._found, latencies.of_days(self._steps.popleft()), _days_of(wanted[0], zone))
        if not self._steps:
            self.shown, self._span = _shown(self._found, wanted[0], zone), wanted
            self._next, self._found = None, {}


def latency_of(found: Sequence[DailyLatency], window: Interval, zone: ZoneInfo) -> LatencyOf:
    """What may be shown of the days of a window, which begins and ends at a midnight."""
    lines: dict[_Line, list[LatencyDay]] = {}
    _gather(lines, found, _days_of(window, zone))
    return _shown(lines, window, zone)


def _span(stored_at: Second, zone: ZoneInfo) -> Interval:
    today = at_zone(stored_at, zone).date()
    return Interval(midnight(today - timedelta(days=DAYS), zone), midnight(today, zone))


def _slices(span: Interval, zone: ZoneInfo) -> Iterator[Interval]:
    days = [day for _, day in local_days(span, zone)]
    for place in range(0, len(days), DAYS_A_STEP):
        yield Interval(days[place].start, days[min(place + DAYS_A_STEP, len(days)) - 1].end)


def _days_of(window: Interval, zone: ZoneInfo) -> Mapping[Second, date]:
    return {interval.start: day for day, interval in local_days(window, zone)}


def _gather(
    lines: dict[_Line, list[LatencyDay]],
    found: Iterable[DailyLatency],
    days: Mapping[Second, date],
) -> None:
    for one in found:
        # A day of another zone, which the company had then, begins at another second.
        if one.runs >= ENOUGH_RUNS and one.day in days:
            day = LatencyDay(day=days[one.day], p50_us=one.p50_us, p95_us=one.p95_us)
            lines.setdefault((one.component, one.kind), []).append(day)


def _shown(
    lines: Mapping[_Line, Sequence[LatencyDay]], window: Interval, zone: ZoneInfo
) -> LatencyOf:
    first, last = at_zone(window.start, zone).date(), at_zone(window.end, zone).date()
    shown: dict[ComponentId, list[KindLatency]] = {}
    for (component, kind), drawn in sorted(lines.items()):
        if len(drawn) >= ENOUGH_DAYS:
            latency = KindLatency(
                kind=kind, first=first, last=last - timedelta(days=1), days=tuple(drawn)
            )
            shown.setdefault(component, []).append(latency)
    return {component: tuple(kinds) for component, kinds in shown.items()}
