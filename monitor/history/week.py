"""The hours of the last seven local days: what a check or a component was in each of them.

The seconds are those of `monitor.history.uptime`, cut by the wall clock of the company's zone, so
that what fails each night at three stands in one column.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import Exclusion, Member, Seconds, product_timeline
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import ComponentId
from monitor.domain.rollup import timeline_under
from monitor.domain.time.calendar import at_zone, local_day, local_hours
from monitor.domain.time.interval import FOREVER, Interval, IntervalSet, Second
from monitor.domain.timeline import Timeline
from monitor.history.uptime import check_exclusions, check_folds, cut_pieces, timeline_of_check
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import FoldKey
from monitor.timelines.excluded import exclusions_of
from monitor.timelines.reading import deciding_folds, read_timelines

DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """The real seconds in which a local day's clock says an hour, and what is known of those that
    have passed. Where a clock is set, `interval` is longer or shorter than an hour."""

    interval: Interval
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """`hours` by what the wall clock says; `skipped` are those that this day does not have. What is
    in neither has not come yet."""

    day: date
    hours: Mapping[int, Hour]
    skipped: frozenset[int]


def check_week(
    tx: JournalTransaction, catalogues: Catalogues, check: Check, now: Second
) -> tuple[Day, ...]:
    """Seven days, today last; for the check's locations together."""
    keys = check_folds(catalogues, check, None)
    span, zone = _span(catalogues, now)
    timelines = read_timelines(tx.transitions.drawing(span, keys), tx.folds.states(keys))
    member = _member(
        tx, check.component, timeline_of_check(catalogues, check.id, None, timelines, span), keys
    )
    return _week(member, check_exclusions(tx, catalogues, check, span, now), span, zone)


def component_week(
    tx: JournalTransaction, catalogues: Catalogues, component: ComponentId, now: Second
) -> tuple[Day, ...]:
    """The same of a component: its own seconds, as on the page and in reports."""
    span, zone = _span(catalogues, now)
    periods = catalogues.periods_of(component)
    keys = {key for r, _ in periods for key in deciding_folds(r.catalogue, component)}
    timelines = read_timelines(tx.transitions.drawing(span, keys), tx.folds.states(keys))
    member = _member(tx, component, timeline_under(component, timelines, periods, span), keys)
    present = catalogues.present(now).catalogue
    exclusions = exclusions_of(tx, {component}, span, present, catalogues.revisions)
    return _week(member, exclusions, span, zone)


def _span(catalogues: Catalogues, now: Second) -> tuple[Interval, ZoneInfo]:
    """From the midnight six days ago until now."""
    zone = catalogues.present(now).catalogue.zone
    first = at_zone(now, zone).date() - timedelta(days=DAYS - 1)
    return Interval(local_day(first, zone).start, now), zone


def _member(
    tx: JournalTransaction, component: ComponentId, timeline: Timeline, keys: Collection[FoldKey]
) -> Member:
    """Before its first result it is not unknown: nobody looked yet."""
    began = min(tx.transitions.first(keys).values(), default=FOREVER)
    return Member(component=component, timeline=timeline, records_from=began)


def _week(
    member: Member, exclusions: Sequence[Exclusion], span: Interval, zone: ZoneInfo
) -> tuple[Day, ...]:
    spans = product_timeline([member], exclusions, IntervalSet.of([span]))
    days = list(_days(span, zone))
    passed = [hour.clip(span) for _, hours in days for hour in hours.values()]
    pieces = cut_pieces(spans, [part for part in passed if part.seconds])
    seconds = {piece.interval.start: piece.seconds for piece in pieces}
    return tuple(
        Day(
            day=day,
            hours={
                hour: Hour(interval=interval, seconds=seconds[interval.start])
                for hour, interval in hours.items()
                if interval.start in seconds
            },
            skipped=frozenset(range(24)) - hours.keys(),
        )
        for day, hours in days
    )


def _days(span: Interval, zone: ZoneInfo) -> Iterator[tuple[date, dict[int, Interval]]]:
    first = at_zone(span.start, zone).date()
    for number in range(DAYS):
        day = first + timedelta(days=number)
        yield day, local_hours(local_day(day, zone), zone)
