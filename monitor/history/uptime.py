"""How long one check was up, degraded, down, excluded, unknown: from the journal's transitions, by
the functions that the page's bars, reports and credits use; never from looks in a store.

A check is counted as its component's only one: what the default terms leave out of the component is
left out here, and what degrades at the most is never down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from operator import attrgetter

from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import (
    Exclusion,
    Member,
    Seconds,
    Span,
    count_seconds,
    product_timeline,
)
from monitor.domain.catalogue import Check
from monitor.domain.checks.fold import FoldState, final_until
from monitor.domain.checks.observation import CheckId, LocationId
from monitor.domain.incidents.incident import Incident
from monitor.domain.rollup import check_timeline, effective_periods
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.domain.timeline import Timeline
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import FoldKey
from monitor.timelines.excluded import default_exclusions
from monitor.timelines.outages import Outage, down_until, open_ended, outages_of
from monitor.timelines.reading import read_timelines

_EVER = Second(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class UptimePiece:
    """One hour or local day, or the part of it that was asked for."""

    window: Interval
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """`since` is the start of the first configuration that had the check, where that lies in the
    span: what came before is unknown, and stays in what the share is of. `final_until`: no look
    to come changes a second before; None where nobody ever looked."""

    whole: Seconds
    pieces: tuple[UptimePiece, ...]
    outages: tuple[Outage, ...]
    since: Second | None
    final_until: Second | None
    min_coverage: str
    """The least part that has to be watched for a share to be shown."""


def uptime_of(
    tx: JournalTransaction,
    catalogues: Catalogues,
    check: Check,
    location: LocationId | None,
    span: Interval,
    windows: Sequence[Interval],
    now: Second,
) -> Uptime:
    """From one location, or as the check's locations together have it. `windows` are neighbours in
    order that touch the span; each is counted as far as it lies in it. The default terms are those
    of the configuration in force now, as the page has them."""
    keys = _keys(catalogues, check, location)
    drawing, states = tx.transitions.drawing(span, keys), tx.folds.states(keys)
    timelines = read_timelines(drawing, states)
    starts = [timeline[0].start for timeline in timelines.values() if timeline]
    # From the last change before the span on, so that an outage keeps its true start.
    wide = Interval(min([span.start, *starts]), span.end)
    drawn = _drawn(catalogues, check.id, location, timelines, wide)
    exclusions = _exclusions(tx, catalogues, check, span, now)
    member = Member(component=check.component, timeline=drawn)
    stretches = product_timeline([member], exclusions, IntervalSet.of([span]))
    transitions = sorted(chain.from_iterable(drawing.values()), key=attrgetter("effective_at"))
    outages = partial(outages_of, check.component, drawn, transitions, exclusions)
    return Uptime(
        whole=count_seconds(stretches),
        pieces=tuple(_pieces(stretches, [window.clip(span) for window in windows])),
        outages=tuple(open_ended(_told(tx, outages, span), transitions, down_until(states))),
        since=_since(catalogues, check.id, span),
        final_until=_settled(check, location, states),
        min_coverage=catalogues.present(now).catalogue.page.min_coverage,
    )


def _since(catalogues: Catalogues, check: CheckId, span: Interval) -> Second | None:
    starts = [r.effective_from for r in catalogues.revisions if catalogues.check(check, r.number)]
    began = min(starts, default=None)
    return began if began is not None and began > span.start else None


def _keys(catalogues: Catalogues, check: Check, location: LocationId | None) -> set[FoldKey]:
    """The check's folds under every configuration that ran."""
    found = [check, *_each(catalogues, check.id)]
    return {
        (check.id, place)
        for one in found
        for place in one.locations
        if location is None or place == location
    }


def _each(catalogues: Catalogues, check: CheckId) -> Iterator[Check]:
    found = (catalogues.check(check, revision.number) for revision in catalogues.revisions)
    return (one for one in found if one is not None)


def _drawn(
    catalogues: Catalogues,
    check: CheckId,
    location: LocationId | None,
    timelines: Mapping[FoldKey, Timeline],
    window: Interval,
) -> Timeline:
    """Under the configuration that was in force at each second; unknown where it had no such
    check."""
    out: list[Timeline] = []
    for revision, reign in effective_periods(catalogues.revisions):
        part = reign.clip(window)
        found = catalogues.check(check, revision.number)
        if found is not None and location is not None:
            found = replace(found, locations=(location,)) if location in found.locations else None
        if part.seconds and found is not None:
            out.append(check_timeline(found, timelines, part))
    return tuple(segment for timeline in out for segment in timeline)


def _exclusions(
    tx: JournalTransaction, catalogues: Catalogues, check: Check, span: Interval, now: Second
) -> list[Exclusion]:
    """What is left out of whichever component the check belonged to at each second."""
    windows = tx.maintenance.touching(span)
    present = catalogues.present(now).catalogue
    found = default_exclusions(tx, windows, span, present, catalogues.revisions)
    return [
        Exclusion(component=check.component, interval=part, cause=exclusion.cause)
        for exclusion in found
        for component, reign in _homes(catalogues, check)
        if exclusion.component == component and (part := exclusion.interval.clip(reign)).seconds
    ]


def _homes(catalogues: Catalogues, check: Check) -> Iterator[tuple[str, Interval]]:
    since = _EVER
    for revision, reign in effective_periods(catalogues.revisions):
        found = catalogues.check(check.id, revision.number) or check
        yield found.component, Interval(since, reign.end)
        since = reign.end


def _pieces(stretches: Sequence[Span], windows: Iterable[Interval]) -> Iterator[UptimePiece]:
    """Each window's seconds, in one walk over the stretches."""
    at = 0
    for window in windows:
        inside: list[Span] = []
        while at < len(stretches) and stretches[at].start < window.end:
            stretch = stretches[at]
            part = stretch.interval.clip(window)
            if part.seconds:
                inside.append(replace(stretch, start=part.start, end=part.end))
            if stretch.end > window.end:
                break
            at += 1
        yield UptimePiece(window=window, seconds=count_seconds(inside))


def _told(
    tx: JournalTransaction,
    outages: Callable[[Sequence[Incident], Interval], Iterable[Outage]],
    span: Interval,
) -> tuple[Outage, ...]:
    """Outages with their incidents, of which no more are read than lie about them: a month of a
    large company has thousands."""
    bare = tuple(outages((), span))
    if not bare:
        return ()
    around = Interval(bare[0].start, max(outage.end or span.end for outage in bare))
    return tuple(outages(tx.incidents.touching(around), span))


def _settled(
    check: Check, location: LocationId | None, states: Mapping[FoldKey, FoldState]
) -> Second | None:
    looking = check.locations if location is None else (location,)
    keys = [(check.id, place) for place in looking]
    found = [final_until(states[key]) for key in keys if key in states]
    known = [until for until in found if until is not None]
    return min(known, default=None)
