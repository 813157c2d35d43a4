"""How long components took to answer on each day that is over: read once a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from zoneinfo import ZoneInfo

from monitor.domain.checks.observation import ComponentId
from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.time.calendar import at_zone, local_days, midnight
from monitor.domain.time.interval import Interval, Second
from monitor.journal.ports import DailyLatency, Latencies

DAYS = 90
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


LatencyOf = Mapping[ComponentId, tuple[KindLatency, ...]]
NO_LATENCY: LatencyOf = {}


class LatencyHistory:
    """The last 90 days that are over and stored. The same objects until another day is."""

    def __init__(self) -> None:
        self._span: tuple[date, date, str] | None = None
        self._found = NO_LATENCY

    def of(self, latencies: Latencies, stored_at: Second | None, zone: ZoneInfo) -> LatencyOf:
        """Nothing before anything was stored. `stored_at`: what the log had until then is."""
        if stored_at is None:
            return self._found
        today = at_zone(stored_at, zone).date()
        first = date.fromordinal(today.toordinal() - DAYS)
        span = (first, date.fromordinal(today.toordinal() - 1), zone.key)
        if span != self._span:
            window = Interval(midnight(first, zone), midnight(today, zone))
            self._found = latency_of(latencies.of_days(window), window, zone)
            self._span = span
        return self._found


def latency_of(found: Sequence[DailyLatency], window: Interval, zone: ZoneInfo) -> LatencyOf:
    """What may be shown of the days of a window, which begins and ends at a midnight."""
    days = {interval.start: day for day, interval in local_days(window, zone)}
    first, last = min(days.values()), max(days.values())
    shown: dict[ComponentId, list[KindLatency]] = {}
    for (component, kind), stored in groupby(found, attrgetter("component", "kind")):
        drawn = tuple(_figures(stored, days))
        if len(drawn) >= ENOUGH_DAYS:
            latency = KindLatency(kind=kind, first=first, last=last, days=drawn)
            shown.setdefault(component, []).append(latency)
    return {component: tuple(kinds) for component, kinds in shown.items()}


def _figures(stored: Iterable[DailyLatency], days: Mapping[Second, date]) -> Iterable[LatencyDay]:
    for one in stored:
        # A day of another zone, which the company had then, begins at another second.
        if one.runs >= ENOUGH_RUNS and one.day in days:
            yield LatencyDay(day=days[one.day], p50_us=one.p50_us, p95_us=one.p95_us)
