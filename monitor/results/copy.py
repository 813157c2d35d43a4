"""Carrying what one store holds to another: day by day, each seen to be equal on both sides.

What was carried is remembered, so a copy that was killed goes on where it was. Carrying a day again
changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.domain.time.calendar import local_days
from monitor.domain.time.interval import Interval, Second
from monitor.results.checksum import checksum
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.latency import HOUR, LatencyBucket, Width
from monitor.results.stores.ports import (
    CopyMarks,
    CopySource,
    Digest,
    ResultStore,
    StoreUnavailable,
)

AT_ONCE = 4
"""Days under way: reading here and writing there overlap."""
BATCH = 5_000
_RETRY_S = (1.0, 2.0, 4.0, 8.0, 15.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One check's local day, or the part of it that is to be copied."""

    key: FoldKey
    span: Interval
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedUnit:
    """What became of one unit. `why_not` is empty where both sides are equal."""

    unit: Unit
    results: int = 0
    windows: int = 0
    was_there: bool = False
    why_not: str = ""


async def units_of(source: CopySource, span: Interval, zone: ZoneInfo) -> list[Unit]:
    """Every check's days in a span, by day."""
    days = [window for _, window in local_days(span, zone)]
    subjects = await source.subjects()
    return [
        Unit(key=key, span=day.clip(span), is_whole=day.clip(span) == day)
        for day in days
        for key in subjects
    ]


async def copy(
    source: CopySource,
    target: ResultStore,
    units: Sequence[Unit],
    marks: CopyMarks,
    name: str,
    tell: Callable[[CopiedUnit], None],
) -> None:
    """Carry units that `marks` does not know under this `name` of the target, and tell of each.

    Raises StoreUnavailable, StoreMisconfigured or StoreRefused; what was told stays carried.
    """
    known = marks.copied(name)
    waiting = iter(units)

    async def work() -> None:
        for unit in waiting:
            if (unit.key, unit.span.start) in known:
                tell(CopiedUnit(unit=unit, was_there=True))
                continue
            carried = await _patiently(source, target, unit)
            if unit.is_whole and not carried.why_not:
                await asyncio.to_thread(marks.mark_copied, name, unit.key, unit.span.start)
            tell(carried)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    except ExceptionGroup as several:
        raise several.exceptions[0] from several


async def _patiently(source: CopySource, target: ResultStore, unit: Unit) -> CopiedUnit:
    """Over short faults of the target, such as a restart."""
    for wait in _RETRY_S:
        try:
            return await _carry(source, target, unit)
        except StoreUnavailable:
            await asyncio.sleep(wait)
    return await _carry(source, target, unit)


async def _carry(source: CopySource, target: ResultStore, unit: Unit) -> CopiedUnit:
    rows = await source.logged(unit.key, unit.span)
    for first in range(0, len(rows), BATCH):
        await target.write(rows[first : first + BATCH])
    windows = [w for width in Width for w in await source.buckets(unit.key, unit.span, width)]
    if windows:
        await target.put(windows)
    wanted = Digest(results=len(rows), checksum=checksum(row.result for row in rows))
    why_not = await _difference(target, unit, wanted, windows)
    return CopiedUnit(unit=unit, results=len(rows), windows=len(windows), why_not=why_not)


async def _difference(
    target: ResultStore, unit: Unit, wanted: Digest, windows: Sequence[LatencyBucket]
) -> str:
    """What is not equal there, in words."""
    got = await target.digest(unit.key, unit.span)
    if got.results != wanted.results:
        return f"wanted {wanted.results} results there, got {got.results}"
    if got != wanted:
        return f"wanted the checksum {wanted.checksum} there, got {got.checksum}"
    there = [w for width in Width for w in await target.buckets(unit.key, unit.span, width)]
    missing = [w for w in windows if _is_over(w, unit) and w not in there]
    if missing:
        return f"{len(missing)} of {len(windows)} latencies differ there"
    return ""


def _is_over(window: LatencyBucket, unit: Unit) -> bool:
    """What still grows may differ by the time it is compared."""
    return unit.is_whole or (window.width is Width.HOUR and window.start + HOUR <= unit.span.end)


def final_span(since: Second, now: Second, patience: int = 120) -> Interval:
    """From `since` until a moment before which every look has ended and is in the log."""
    return Interval(since, Second(now - patience))
