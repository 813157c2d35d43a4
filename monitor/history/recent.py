"""How long a check's runs took lately: what is asked of a store for one page, in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import CheckId, LocationId
from monitor.domain.time.calendar import at_zone, midnight
from monitor.domain.time.interval import Interval, Second
from monitor.history.phases import PhaseDay, phases_of
from monitor.history.queries import Latency, latency_of
from monitor.history.span import USUAL_S, Resolution, pieces
from monitor.results.rollups.latency import Width
from monitor.results.stores.ports import ResultStore

DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentLatency:
    """Of a check at some locations: `hours` are the last 24 and the one under way, `days` the last
    seven local ones. `all_hours` and `all_days` are those that were asked for, with a run or
    without."""

    location: LocationId
    hours: Latency
    days: Latency
    phases: tuple[PhaseDay, ...]
    all_hours: tuple[Interval, ...]
    all_days: tuple[Interval, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLatency:
    """The last 24 hours and seven days of a check, its locations together."""

    check: CheckId
    hours: Latency
    days: Latency


def recent_hours(now: Second, zone: ZoneInfo) -> list[Interval]:
    return pieces(Interval(Second(max(0, now - USUAL_S)), now), Resolution.HOUR, zone)


def recent_days(now: Second, zone: ZoneInfo) -> list[Interval]:
    first = at_zone(now, zone).date() - timedelta(days=DAYS - 1)
    return pieces(Interval(midnight(first, zone), Second(now + 1)), Resolution.DAY, zone)


async def recent_latency(
    store: ResultStore, check: Check, now: Second, zone: ZoneInfo
) -> tuple[RecentLatency, ...]:
    """By location. Raises StoreUnavailable or StoreMisconfigured."""
    hours, days = recent_hours(now, zone), recent_days(now, zone)
    return tuple(
        [
            RecentLatency(
                location=place,
                hours=await latency_of(store, check.id, [place], hours, Width.HOUR),
                days=await latency_of(store, check.id, [place], days, Width.DAY),
                phases=await phases_of(store, check.id, place, days),
                all_hours=tuple(hours),
                all_days=tuple(days),
            )
            for place in check.locations
        ]
    )


async def latency_of_checks(
    store: ResultStore, checks: Sequence[Check], now: Second, zone: ZoneInfo
) -> tuple[CheckLatency, ...]:
    """As they stand. Raises StoreUnavailable or StoreMisconfigured."""
    hours, days = recent_hours(now, zone), recent_days(now, zone)
    return tuple(
        [
            CheckLatency(
                check=check.id,
                hours=await latency_of(store, check.id, check.locations, hours, Width.HOUR),
                days=await latency_of(store, check.id, check.locations, days, Width.DAY),
            )
            for check in checks
        ]
    )
