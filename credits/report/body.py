"""A report as plain values: its canonical bytes are equal whenever the figures are equal.

Amounts and exact shares are text; seconds are whole numbers, or exact text where weighted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from credits.assess import Status, total
from credits.figures import fraction_field
from credits.money import Money, exact_text, minor_units
from credits.report.report import ComponentPeriod, Report
from credits.report.rows import (
    Body,
    crowded,
    moment,
    outage_body,
    recorded_seconds_body,
    rows_of,
    shown_share,
    unwatched_body,
)
from credits.stamps import local_text, utc_text
from credits.terms import terms_of
from monitor.domain.time.interval import Interval


def report_body(report: Report) -> Body:
    """Everything that the report says; revision, hash and time of generation are not in it."""
    evidence: dict[str, Body] = {}
    shared = crowded(report)
    rows = [row for found in report.assessed for row in rows_of(report, found, evidence, shared)]
    return {**report_head(report, sums_of(report)), "credits": rows, "evidence": evidence}


def report_head(report: Report, sums: Iterable[tuple[str, Money]]) -> Body:
    """The same without the credits and their evidence. `sums` are what is due of them, by status
    and currency; each may come in parts."""
    return {
        "period": str(report.month),
        "zone": report.zone.key,
        "window": _window(report.window, report.zone),
        "default_terms": _default_terms(report),
        "components": [_component(figures, report) for figures in report.components],
        "assessed": {status.value: report.statuses[status] for status in Status},
        "totals": list(_totals(list(sums))),
    }


def sums_of(report: Report) -> list[tuple[str, Money]]:
    """What is due of the assessed, by status and currency."""
    return [
        (status.value, money)
        for status in Status
        for money in total(
            line.amount
            for one in report.assessed
            if one.assessment.status is status
            for line in one.assessment.lines
        )
    ]


def _window(window: Interval, zone: ZoneInfo) -> Body:
    return {
        "start": utc_text(window.start),
        "end": utc_text(window.end),
        "start_local": local_text(window.start, zone),
        "end_local": local_text(window.end, zone),
        "seconds": window.seconds,
    }


def _default_terms(report: Report) -> Body | None:
    """The downtime that the guarantee of the first terms allows over the whole window."""
    found = next(iter(report.period_data.catalogue.terms), None)
    if found is None:
        return None
    terms = terms_of(found.fields)
    return {
        "id": found.id,
        "hash": terms.hash,
        "guarantee": exact_text(terms.guarantee),
        "allowed_s": exact_text(terms.tolerance * report.window.seconds),
    }


def _component(figures: ComponentPeriod, report: Report) -> Body:
    seconds = figures.seconds
    uptime = seconds.uptime
    return {
        "id": figures.component.id,
        "name": figures.component.name.in_locale("es"),
        "role": figures.component.role.value,
        "is_public": figures.component.is_public,
        "since": moment(figures.since),
        "since_local": None if figures.since is None else local_text(figures.since, report.zone),
        "records_since": moment(figures.records_from),
        "unwatched": [unwatched_body(one) for one in figures.unwatched],
        **recorded_seconds_body(seconds),
        "uptime_fraction": None if uptime is None else fraction_field(uptime),
        "watched_s": seconds.watched,
        "uptime_display": shown_share(report, seconds, uptime),
        "outages": [outage_body(outage, report.zone) for outage in figures.outages],
    }


def _totals(sums: Sequence[tuple[str, Money]]) -> Iterator[Body]:
    """Totals per currency, never across currencies; blocked amounts are listed separately."""
    for money in total(money for _, money in sums):
        yield {
            "currency": money.currency,
            "eligible": _sum(sums, Status.ELIGIBLE, money),
            "blocked_suspended": _sum(sums, Status.BLOCKED_SUSPENDED, money),
            "total": _amount(money),
        }


def _sum(sums: Sequence[tuple[str, Money]], status: Status, like: Money) -> str:
    chosen = [m for found, m in sums if found == status and m.currency == like.currency]
    zero = Money(like.amount * 0, like.currency)
    return _amount(next(iter(total(chosen)), zero))


def _amount(money: Money) -> str:
    return f"{money.amount:.{minor_units(money.currency)}f}"
