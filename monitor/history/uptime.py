"""How long one check was up, degraded, down, excluded, unknown: from the journal's transitions, by
the functions that the page's bars, reports and credits use; never from results in a store.

A check is counted as its component's only one: what the default terms exclude for the component is
excluded here, and a check that can at most degrade its component is never down.
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
from monitor.domain.checks.observation import CheckId, ComponentId, LocationId
from monitor.domain.incidents.incident import Incident
from monitor.domain.rollup import check_timeline, effective_periods
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.domain.timeline import Timeline
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import FoldKey
from monitor.timelines.excluded import exclusions_of
from monitor.timelines.outages import Outage, down_until, open_ended, outages_of
from monitor.timelines.reading import read_timelines

_EVER = Second(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class UptimePiece:
    """One hour or local day, or the part of it that lies in the requested span."""

    interval: Interval
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """`since` is the start of the first configuration that had the check, where that lies in the
    span: the time before is unknown, and stays in the total that the share is of. No result to
    come changes a second before `final_until`, which is None where the check never ran."""

    whole: Seconds
    pieces: tuple[UptimePiece, ...]
    outages: tuple[Outage, ...]
    since: Second | None
    final_until: Second | None
    min_coverage: str
    """The least part of the span that has to be watched for a share to be shown."""


def uptime_of(
    tx: JournalTransaction,
    catalogues: Catalogues,
    check: Check,
    location: LocationId | None,
    span: Interval,
    intervals: Sequence[Interval],
    now: Second,
) -> Uptime:
    """For one location, or for the check's locations together. `intervals` are neighbours in order
    that touch the span; each is counted as far as it lies in the span. The default terms are those
    of the configuration in force now, as on the page."""
    keys = check_folds(catalogues, check, location)
    by_key, states = tx.transitions.drawing(span, keys), tx.folds.states(keys)
    timelines = read_timelines(by_key, states)
    starts = [timeline[0].start for timeline in timelines.values() if timeline]
    # From the last change before the span on, so that an outage keeps its true start.
    wide = Interval(min([span.start, *starts]), span.end)
    timeline = timeline_of_check(catalogues, check.id, location, timelines, wide)
    exclusions = check_exclusions(tx, catalogues, check, span, now)
    member = Member(component=check.component, timeline=timeline)
    spans = product_timeline([member], exclusions, IntervalSet.of([span]))
    transitions = sorted(chain.from_iterable(by_key.values()), key=attrgetter("effective_at"))
    outages = partial(outages_of, check.component, timeline, transitions, exclusions)
    return Uptime(
        whole=count_seconds(spans),
        pieces=tuple(cut_pieces(spans, [interval.clip(span) for interval in intervals])),
        outages=tuple(
            open_ended(_with_incidents(tx, outages, span), transitions, down_until(states))
        ),
        since=_since(catalogues, check.id, span),
        final_until=_final_until(check, location, states),
        min_coverage=catalogues.present(now).catalogue.page.min_coverage,
    )


def _since(catalogues: Catalogues, check: CheckId, span: Interval) -> Second | None:
    starts = [r.effective_from for r in catalogues.revisions if catalogues.check(check, r.number)]
    began = min(starts, default=None)
    return began if began is not None and began > span.start else None


def check_folds(catalogues: Catalogues, check: Check, location: LocationId | None) -> set[FoldKey]:
    """The check's folds under every configuration that ran."""
    versions = [check, *_configured(catalogues, check.id)]
    return {
        (check.id, place)
        for configured in versions
        for place in configured.locations
        if location is None or place == location
    }


def _configured(catalogues: Catalogues, check: CheckId) -> Iterator[Check]:
    found = (catalogues.check(check, revision.number) for revision in catalogues.revisions)
    return (configured for configured in found if configured is not None)


def timeline_of_check(
    catalogues: Catalogues,
    check: CheckId,
    location: LocationId | None,
    timelines: Mapping[FoldKey, Timeline],
    span: Interval,
) -> Timeline:
    """Under the configuration that was in force at each second; unknown where it did not have the
    check."""
    out: list[Timeline] = []
    for revision, period in effective_periods(catalogues.revisions):
        part = period.clip(span)
        found = catalogues.check(check, revision.number)
        if found is not None and location is not None:
            found = replace(found, locations=(location,)) if location in found.locations else None
        if part.seconds and found is not None:
            out.append(check_timeline(found, timelines, part))
    return tuple(segment for timeline in out for segment in timeline)


def check_exclusions(
    tx: JournalTransaction, catalogues: Catalogues, check: Check, span: Interval, now: Second
) -> list[Exclusion]:
    """What is excluded for whichever component the check belonged to at each second."""
    present = catalogues.present(now).catalogue
    homes = list(_components(catalogues, check))
    owners = {component for component, _ in homes}
    found = exclusions_of(tx, owners, span, present, catalogues.revisions)
    return [
        Exclusion(component=check.component, interval=part, cause=exclusion.cause)
        for exclusion in found
        for component, period in homes
        if exclusion.component == component and (part := exclusion.interval.clip(period)).seconds
    ]


def _components(catalogues: Catalogues, check: Check) -> Iterator[tuple[ComponentId, Interval]]:
    since = _EVER
    for revision, period in effective_periods(catalogues.revisions):
        found = catalogues.check(check.id, revision.number) or check
        yield found.component, Interval(since, period.end)
        since = period.end


def cut_pieces(spans: Sequence[Span], intervals: Iterable[Interval]) -> Iterator[UptimePiece]:
    """Each interval's seconds, in one pass over the spans."""
    at = 0
    for interval in intervals:
        inside: list[Span] = []
        while at < len(spans) and spans[at].start < interval.end:
            span = spans[at]
            part = span.interval.clip(interval)
            if part.seconds:
                inside.append(replace(span, start=part.start, end=part.end))
            if span.end > interval.end:
                break
            at += 1
        yield UptimePiece(interval=interval, seconds=count_seconds(inside))


def _with_incidents(
    tx: JournalTransaction,
    outages: Callable[[Sequence[Incident], Interval], Iterable[Outage]],
    span: Interval,
) -> tuple[Outage, ...]:
    """Outages with their incidents. Only the incidents around the outages are read: a month of a
    large company has thousands."""
    bare = tuple(outages((), span))
    if not bare:
        return ()
    around = Interval(bare[0].start, max(outage.end or span.end for outage in bare))
    return tuple(outages(tx.incidents.touching(around), span))


def _final_until(
    check: Check, location: LocationId | None, states: Mapping[FoldKey, FoldState]
) -> Second | None:
    locations = check.locations if location is None else (location,)
    keys = [(check.id, place) for place in locations]
    found = [final_until(states[key]) for key in keys if key in states]
    known = [until for until in found if until is not None]
    return min(known, default=None)
