"""Seconds as text in files for billing: UTC for programs, local for people."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import ZoneInfo

from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import FOREVER, Interval, Second

_UTC = ZoneInfo("UTC")


def utc_text(second: Second) -> str:
    """ISO 8601; `open` for an end that has not come.

    >>> utc_text(Second(1_790_823_600))
    '2026-10-01T03:00:00Z'
    """
    return "open" if second >= FOREVER else f"{at_zone(second, _UTC):%Y-%m-%dT%H:%M:%SZ}"


@lru_cache(maxsize=4096)
def local_text(second: Second, zone: ZoneInfo) -> str:
    """ISO 8601 with the zone's offset at that second. Kept: thousands of invoices begin and end at
    few of them.

    >>> local_text(Second(1_790_823_600), ZoneInfo("America/Argentina/Buenos_Aires"))
    '2026-10-01T00:00:00-03:00'
    """
    return "open" if second >= FOREVER else at_zone(second, zone).isoformat()


def spans_text(parts: Iterable[Interval]) -> str:
    """`start/end` of each interval, in UTC."""
    return " ".join(f"{utc_text(p.start)}/{utc_text(p.end)}" for p in parts)


def local_spans_text(parts: Iterable[Interval], zone: ZoneInfo) -> str:
    """`start/end` of each interval, in local time."""
    return " ".join(f"{local_text(p.start, zone)}/{local_text(p.end, zone)}" for p in parts)
