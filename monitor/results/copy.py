"""Copies what one store has to another, day by day, and checks that each is equal on both sides.

What was copied is recorded, so a copy that was killed continues where it was. Copying a day again
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
"""Days in progress at once: reading here and writing there overlap."""
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
    """The outcome of one unit. `why_not` is empty where both sides are equal."""

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
    report: Callable[[CopiedUnit], None],
) -> None:
    """Copy units that `marks` does not record under this `name` of the target, and report each.

    Raises StoreUnavailable, StoreMisconfigured or StoreRefused; what was reported stays copied.
    """
    done = marks.copied(name)
    pending = iter(units)

    async def work() -> None:
        for unit in pending:
            if (unit.key, unit.span.start) in done:
                report(CopiedUnit(unit=unit, was_there=True))
                continue
            copied = await _with_retries(source, target, unit)
            if unit.is_whole and not copied.why_not:
                await asyncio.to_thread(marks.mark_copied, name, unit.key, unit.span.start)
            report(copied)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    except ExceptionGroup as several:
        raise several.exceptions[0] from several


async def _with_retries(source: CopySource, target: ResultStore, unit: Unit) -> CopiedUnit:
    """Retries over short faults of the target, such as a restart."""
    for wait in _RETRY_S:
        try:
            return await _copy_unit(source, target, unit)
        except StoreUnavailable:
            await asyncio.sleep(wait)
    return await _copy_unit(source, target, unit)


async def _copy_unit(source: CopySource, target: ResultStore, unit: Unit) -> CopiedUnit:
    rows = await source.logged(unit.key, unit.span)
    for first in range(0, len(rows), BATCH):
        await target.write(rows[first : first + BATCH])
    buckets = [
        bucket for width in Width for bucket in await source.buckets(unit.key, unit.span, width)
    ]
    if buckets:
        await target.put(buckets)
    wanted = Digest(results=len(rows), checksum=checksum(row.result for row in rows))
    why_not = await _difference(target, unit, wanted, buckets)
    return CopiedUnit(unit=unit, results=len(rows), windows=len(buckets), why_not=why_not)


async def _difference(
    target: ResultStore, unit: Unit, wanted: Digest, buckets: Sequence[LatencyBucket]
) -> str:
    """What differs on the target, in words; empty where nothing does."""
    got = await target.digest(unit.key, unit.span)
    if got.results != wanted.results:
        return f"wanted {wanted.results} results there, got {got.results}"
    if got != wanted:
        return f"wanted the checksum {wanted.checksum} there, got {got.checksum}"
    on_target = [
        bucket for width in Width for bucket in await target.buckets(unit.key, unit.span, width)
    ]
    missing = [bucket for bucket in buckets if _is_over(bucket, unit) and bucket not in on_target]
    if missing:
        return f"{len(missing)} of {len(buckets)} latencies differ there"
    return ""


def _is_over(bucket: LatencyBucket, unit: Unit) -> bool:
    """Whether it is complete: one that still grows may differ by the time it is compared."""
    return unit.is_whole or (bucket.width is Width.HOUR and bucket.start + HOUR <= unit.span.end)


def final_span(since: Second, now: Second, patience: int = 120) -> Interval:
    """From `since` until a moment before which every check run has ended and is in the log."""
    return Interval(since, Second(now - patience))
