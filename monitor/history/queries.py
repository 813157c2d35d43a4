"""What operators ask of the past: raw results a page at a time, and how long looks took."""

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
"""Results that are held whole where little of each is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStore:
    """A result store that answers, and until when what it answers is whole.

    Every result that was logged before `results_until()`, and every latency before
    `windows_until()`, is in it; None where that is not known yet.
    """

    kind: str
    store: ResultStore
    results_until: Callable[[], Second | None]
    windows_until: Callable[[], Second | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page ended. The next one begins after it, however many results have come since."""

    slot: Second
    location: LocationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Results newest first; of one slot by location. `last` None: there are no more."""

    results: tuple[Result, ...]
    last: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The looks of one hour or local day; at least one."""

    window: Interval
    sketch: Sketch


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The pieces that hold a look, in order, and all of them together."""

    pieces: tuple[Piece, ...]
    whole: Sketch


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedRun:
    """One look that succeeded, and how long it took."""

    result: Result
    duration_us: int


def find_check(catalogues: Catalogues, wanted: str, now: Second) -> Check:
    """The check as it is configured now; one that was removed, as it was last. Raises NotFound."""
    present = catalogues.present(now)
    for revision in (present, *reversed(catalogues.revisions)):
        found = catalogues.check(CheckId(wanted), revision.number)
        if found is not None:
            return found
    raise no_such("check", wanted, [check.id for check in present.catalogue.checks])


def find_locations(check: Check, wanted: str | None) -> tuple[LocationId, ...]:
    """The one that is asked for, else all of the check's. Raises NotFound."""
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
        await store.results((check, place), _left(span, place, after), limit + 1)
        for place in sorted(locations)
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
    windows: Sequence[Interval],
    width: Width,
) -> Latency:
    """Of neighbouring hours or days, all locations together: sketches are added, percentiles
    never averaged. Raises StoreUnavailable or StoreMisconfigured."""
    span = Interval(windows[0].start, windows[-1].end)
    starts = [window.start for window in windows]
    held: dict[int, list[Sketch]] = {}
    for place in locations:
        for found in await store.buckets((check, place), span, width):
            held.setdefault(bisect_right(starts, found.start) - 1, []).append(found.sketch)
    pieces = tuple(
        Piece(window=windows[number], sketch=merged(sketches))
        for number, sketches in sorted(held.items())
    )
    return Latency(pieces=pieces, whole=merged(piece.sketch for piece in pieces))


async def timed_runs(
    store: ResultStore, check: CheckId, locations: Iterable[LocationId], span: Interval, limit: int
) -> tuple[TimedRun, ...]:
    """The looks of a span that succeeded, oldest first, out of its newest `limit`; read in parts,
    and without their evidence, which is most of them.

    Raises StoreUnavailable or StoreMisconfigured.
    """
    found: list[TimedRun] = []
    places, after = tuple(locations), None
    while limit > 0:
        page = await page_of(store, check, places, span, min(limit, _AT_ONCE), after)
        found += [
            TimedRun(result=replace(result, evidence={}), duration_us=took)
            for result in page.results
            if (took := duration_us(result)) is not None
        ]
        limit, after = limit - len(page.results), page.last
        if after is None:
            break
    return tuple(reversed(found))


def _left(span: Interval, place: LocationId, after: Place | None) -> Interval:
    """What one location has after a place in the order of pages."""
    if after is None:
        return span
    end = after.slot + (1 if place > after.location else 0)
    return Interval(span.start, Second(min(span.end, end)))
