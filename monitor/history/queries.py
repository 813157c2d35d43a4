"""What operators ask of the past: pages of raw results, and how long check runs took."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import CheckId, LocationId, Result
from monitor.domain.refusals import no_such
from monitor.domain.time.interval import Interval, Second
from monitor.results.rollups.latency import Width, duration_us
from monitor.results.rollups.sketch import Sketch, merged
from monitor.results.stores.ports import ResultStore

_AT_ONCE = 1_000
"""How many whole results are in memory at once where only a part of each is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStore:
    """A result store that is open, and until when its answers are complete.

    It has every result that was logged before `results_until()`, and every latency before
    `windows_until()`. Both return None where that is not known yet.
    """

    kind: str
    store: ResultStore
    results_until: Callable[[], Second | None]
    buckets_until: Callable[[], Second | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page ended. The next page begins after it, however many results came since."""

    slot: Second
    location: LocationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Results, newest first, by location within a slot. `last` is None where no more follow."""

    results: tuple[Result, ...]
    last: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The check runs of one hour or local day; at least one."""

    interval: Interval
    sketch: Sketch


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The pieces that have a check run, in order, and the sketch of all of them together."""

    pieces: tuple[Piece, ...]
    whole: Sketch


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedRun:
    """One check run that succeeded, and how long it took."""

    result: Result
    duration_us: int


def find_check(catalogues: Catalogues, wanted: str, now: Second) -> Check:
    """The check as it is configured now; a removed check as it was last. Raises NotFound."""
    present = catalogues.present(now)
    for revision in (present, *reversed(catalogues.revisions)):
        found = catalogues.check(CheckId(wanted), revision.number)
        if found is not None:
            return found
    raise no_such("check", wanted, [check.id for check in present.catalogue.checks])


def find_locations(check: Check, wanted: str | None) -> tuple[LocationId, ...]:
    """The requested location; all of the check's where none is requested. Raises NotFound."""
    if wanted is None:
        return check.locations
    if wanted not in check.locations:
        raise no_such("location", wanted, check.locations)
    return (LocationId(wanted),)


async def page_of(
    store: ResultStore,
    check: CheckId,
    locations: Iterable[LocationId],
    span: Interval,
    limit: int,
    after: Place | None = None,
) -> Page:
    """Raises StoreUnavailable or StoreMisconfigured."""
    found = [
        await store.results((check, location), _remaining(span, location, after), limit + 1)
        for location in sorted(locations)
    ]
    merged_results = heapq.merge(*found, key=lambda result: (-result.slot, result.location))
    results = tuple(islice(merged_results, limit + 1))
    shown = results[:limit]
    is_last = len(results) <= limit
    last = None if is_last else Place(slot=shown[-1].slot, location=shown[-1].location)
    return Page(results=shown, last=last)


async def latency_of(
    store: ResultStore,
    check: CheckId,
    locations: Iterable[LocationId],
    intervals: Sequence[Interval],
    width: Width,
) -> Latency:
    """The latency of neighbouring hours or days, for all locations together. Sketches are added;
    percentiles are never averaged. Raises StoreUnavailable or StoreMisconfigured."""
    span = Interval(intervals[0].start, intervals[-1].end)
    starts = [interval.start for interval in intervals]
    by_number: dict[int, list[Sketch]] = {}
    for location in locations:
        for bucket in await store.buckets((check, location), span, width):
            by_number.setdefault(bisect_right(starts, bucket.start) - 1, []).append(bucket.sketch)
    pieces = tuple(
        Piece(interval=intervals[number], sketch=merged(sketches))
        for number, sketches in sorted(by_number.items())
    )
    return Latency(pieces=pieces, whole=merged(piece.sketch for piece in pieces))


async def timed_runs(
    store: ResultStore, check: CheckId, locations: Iterable[LocationId], span: Interval, limit: int
) -> tuple[TimedRun, ...]:
    """The check runs of a span that succeeded, oldest first, out of its newest `limit` results.

    They are read in parts, and returned without their evidence, which is most of their size.

    Raises StoreUnavailable or StoreMisconfigured.
    """
    found: list[TimedRun] = []
    all_locations, after = tuple(locations), None
    while limit > 0:
        page = await page_of(store, check, all_locations, span, min(limit, _AT_ONCE), after)
        found += [
            TimedRun(result=replace(result, evidence={}), duration_us=duration)
            for result in page.results
            if (duration := duration_us(result)) is not None
        ]
        limit, after = limit - len(page.results), page.last
        if after is None:
            break
    return tuple(reversed(found))


def _remaining(span: Interval, location: LocationId, after: Place | None) -> Interval:
    """The part of a span that one location has after a place in the order of pages."""
    if after is None:
        return span
    end = after.slot + (1 if location > after.location else 0)
    return Interval(span.start, Second(min(span.end, end)))
