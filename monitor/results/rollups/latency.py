"""How long check runs took in an hour and in a local day: for people; no money depends on it.

A run that failed took as long as its timeout says, so only runs that succeeded (`up`, `degraded`)
count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitor.domain.checks.observation import CheckId, LocationId, Outcome, Result
from monitor.domain.time.calendar import at_zone, local_days, midnight
from monitor.domain.time.interval import Interval, Second
from monitor.results.rollups.sketch import Sketch

HOUR = 3_600
_LONGEST_MS = 24 * HOUR * 1000


class Width(StrEnum):
    HOUR = "hour"
    DAY = "day"
    """From one local midnight to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyBucket:
    """One check's runs at one location in one hour or local day."""

    check: CheckId
    location: LocationId
    width: Width
    start: Second
    sketch: Sketch


def hour_of(slot: Second) -> Second:
    """The UTC hour in which a slot lies."""
    return Second(slot - slot % HOUR)


def day_of(slot: Second, zone: ZoneInfo) -> Second:
    """The local midnight before a slot, or at it."""
    return midnight(at_zone(slot, zone).date(), zone)


def starts_in(span: Interval, width: Width, zone: ZoneInfo) -> list[Second]:
    """The starts of the buckets that lie in a span or reach into it, in order."""
    if width is Width.DAY:
        return [day.start for _, day in local_days(span, zone)]
    return [Second(at) for at in range(hour_of(span.start), span.end, HOUR)]


def duration_us(result: Result) -> int | None:
    """All phases of a run that succeeded; None for one that failed, or has no phases."""
    if result.outcome not in (Outcome.UP, Outcome.DEGRADED) or not result.phases_ms:
        return None
    return phases_us(result.phases_ms)


def phases_us(phases_ms: Mapping[str, float]) -> int | None:
    """Their sum; None where it is no duration: not a number, or more than a day.

    >>> phases_us({"connect": 1.25, "reply": 2}), phases_us({"connect": float("nan")})
    (3250, None)
    """
    return in_us(sum(phases_ms.values()))


def in_us(milliseconds: float) -> int | None:
    """Whole microseconds; None where it is no duration: not a number, or more than a day."""
    return round(milliseconds * 1000) if abs(milliseconds) <= _LONGEST_MS else None
