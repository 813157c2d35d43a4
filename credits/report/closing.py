"""Issuing a month: the first revision closes it, and alone is payable.

Closing reads the month, and each earlier month of which something was found out since the last
close; it computes them outside of any transaction; and one short transaction issues the report with
its adjustments, opens the credits, and lets those give way that are not applied.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from credits import figures_move
from credits.journal import BillingTransaction
from credits.life.credit import By, CreditRecord, LineKey
from credits.life.ledger import COUNTED, account_of, in_minor_units
from credits.money import minor_units
from credits.period.month import Month
from credits.ports import EvidencePart, StoredReport
from credits.report.body import report_body
from credits.report.evidence import LoggedResults, month_evidence
from credits.report.issue import issue
from credits.report.report import MonthData, monthly_report, read_month
from credits.report.rows import Body
from credits.report.settling import Settled, adjusted, adjustment_rows, opened, within, write
from monitor.catalogues.in_force import Catalogues
from monitor.domain.change import Actor, Change
from monitor.domain.exclusions.classification import ExclusionReference
from monitor.domain.time.interval import FOREVER, Interval, Second

_SEEN = "settled_changes"
"""The cursor: up to which change earlier months were settled."""
_CLOSED = "month.closed"
"""The change that says of a month that it was closed with credits."""
_MOVES = (
    "exclusion.approved", "timeline.corrected", "report.issued", "contract.imported",
    "contract.revised",
)  # fmt: skip
"""Changes after which an earlier month may come to something else."""
_NOBODY = By(actor="", at=Second(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingData:
    """A month, and the earlier months to compute anew with the credits that each has; none where it
    was issued before. `seen` is the last change that this reading knows of."""

    month: MonthData
    earlier: tuple[MonthData, ...]
    seen: int
    records: tuple[Sequence[CreditRecord], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingBodies:
    """What the months of a `ClosingData` come to, in the same order, and what each rests on."""

    month: Body
    earlier: tuple[Body, ...]
    month_evidence: tuple[EvidencePart, ...] = ()
    earlier_evidence: tuple[tuple[EvidencePart, ...], ...] = ()


def read_closing(
    tx: BillingTransaction, catalogues: Catalogues, month: Month, now: Second
) -> ClosingData:
    """Read what issuing a month needs. Raises MonthOpen."""
    closed = _closed_months(tx, catalogues)
    read = _read(tx, catalogues, month, now, closed.get(month))
    moved = [] if tx.reports.of(str(month)) else _moved(tx, closed, read.zone)
    earlier = tuple(_read(tx, catalogues, m, now, closed[m]) for m in moved)
    return ClosingData(
        month=read,
        earlier=earlier,
        seen=tx.changes.last(),
        records=tuple(_records(tx, one) for one in earlier),
    )


def _records(tx: BillingTransaction, read: MonthData) -> Sequence[CreditRecord]:
    window = read.period_data.window
    return within(tx.credits.within(window), window)


def _read(
    tx: BillingTransaction, catalogues: Catalogues, month: Month, now: Second, zone: ZoneInfo | None
) -> MonthData:
    read = read_month(tx, catalogues, month, now, zone=zone)
    records = tx.credits.within(read.period_data.window)
    return replace(read, with_credits=frozenset(one.credit.key.contract for one in records))


def closing_bodies(read: ClosingData, results: LoggedResults, program: str) -> ClosingBodies:
    """Compute them, and copy what they rest on; no transaction makes the core wait meanwhile. One
    after the other, for what a month gives more of an invoice line leaves the next less below its
    cap: the oldest is first."""
    earlier, moved = [], Counter[LineKey]()
    for one, records in zip(read.earlier, read.records, strict=True):
        earlier.append(_computed(_with_moved(one, moved), results, program))
        done = adjusted(earlier[-1][0], records, str(read.month.month), _NOBODY)
        moved.update(_counted_anew(done))
    month = _computed(_with_moved(read.month, moved), results, program)
    return ClosingBodies(
        month=month[0],
        earlier=tuple(body for body, _ in earlier),
        month_evidence=month[1],
        earlier_evidence=tuple(evidence for _, evidence in earlier),
    )


def _with_moved(read: MonthData, moved: Mapping[LineKey, int]) -> MonthData:
    """A month, where other months' settling in the same close has moved that much."""
    lines = {line: read.credited.get(line, 0) + minor for line, minor in moved.items() if minor}
    return replace(read, credited={**read.credited, **lines}) if lines else read


def _counted_anew(done: Settled) -> Counter[LineKey]:
    """What a settling adds to that which fills the caps of invoice lines, and takes from it."""
    found = Counter[LineKey]()
    for record in done.begun:
        if account_of(record.state) in COUNTED:
            found.update({line: in_minor_units(money) for line, money in record.amounts})
    for record in done.ended:
        if account_of(record.steps[-1].before) in COUNTED:
            found.subtract({line: in_minor_units(money) for line, money in record.amounts})
    return found


def _computed(
    read: MonthData, results: LoggedResults, program: str
) -> tuple[Body, tuple[EvidencePart, ...]]:
    report = monthly_report(read)
    return report_body(report), month_evidence(read, report, results, program)


def issue_month(
    tx: BillingTransaction, read: ClosingData, bodies: ClosingBodies, actor: Actor, now: Second
) -> StoredReport:
    """Store the month's report. The first revision closes the month; a later one, where the figures
    differ, tells and pays nothing."""
    period, zone = str(read.month.month), read.month.zone
    if tx.reports.of(period):
        body = with_adjustments(bodies.month, tx.credits.adjustments(period), zone)
        return issue(tx, period, body, actor, now, bodies.month_evidence)
    by = By(actor=actor.id, at=now, via=actor.via)
    settled = Settled.all_of(
        _settle_earlier(tx, one, body, evidence, period, actor, by)
        for one, body, evidence in zip(
            read.earlier, bodies.earlier, bodies.earlier_evidence, strict=True
        )
    )
    body = with_adjustments(bodies.month, settled.begun, zone)
    stored = issue(tx, period, body, actor, now, bodies.month_evidence)
    done = Settled.all_of([opened(body, period, by), settled])
    write(tx, done, by)
    tx.changes.append([_closed(done, period, actor, now)])
    tx.cursors.set(_SEEN, read.seen)
    return stored


def with_adjustments(body: Body, records: Sequence[CreditRecord], zone: ZoneInfo) -> Body:
    """The month with the adjustments that its close made; a body without any is as it was."""
    if not records:
        return body
    rows: Any = body["credits"]
    return {
        **body,
        "credits": [*rows, *adjustment_rows(records, zone)],
        "adjustments": _totals(records),
    }


def _settle_earlier(
    tx: BillingTransaction,
    read: MonthData,
    body: Body,
    evidence: Sequence[EvidencePart],
    period: str,
    actor: Actor,
    by: By,
) -> Settled:
    """Issue the earlier month as it is now, which is the evidence, and settle what it changes."""
    name, window = str(read.month), read.period_data.window
    told = with_adjustments(body, tx.credits.adjustments(name), read.zone)
    issue(tx, name, told, actor, by.at, evidence)
    return adjusted(body, within(tx.credits.within(window), window), period, by)


def _closed_months(tx: BillingTransaction, catalogues: Catalogues) -> Mapping[Month, ZoneInfo]:
    """The months closed with credits, each with the zone of its midnights, which its credits have
    whatever the company's zone is now. What was closed before there were credits was paid by hand,
    and stays as it is."""
    return {
        Month.read(change.subject): catalogues.at(change.at).zone
        for change in tx.changes.of_kinds((_CLOSED,), 0)
    }


def _moved(tx: BillingTransaction, closed: Mapping[Month, ZoneInfo], zone: ZoneInfo) -> list[Month]:
    """Those of them of which something was found out since the last close."""
    if not closed:
        return []
    spans = [
        span
        for change in tx.changes.of_kinds(_MOVES, tx.cursors.get(_SEEN))
        for span in _spans(tx, change, zone)
    ]
    return [
        month
        for month in sorted(closed)
        if any(span.overlaps(month.window(closed[month])) for span in spans)
    ]


def _spans(tx: BillingTransaction, change: Change, zone: ZoneInfo) -> Iterator[Interval]:
    """The time that a change is about: of an exclusion all that any revision of it was about, for
    the one before it counts again."""
    if change.kind == "exclusion.approved":
        record = tx.exclusions.get(ExclusionReference(change.subject))
        yield from (step.interval for step in record.revisions)
    elif change.kind == "report.issued":
        if change.after.get("revision") != 1:
            yield Month.read(change.subject).window(zone)
    elif change.kind.startswith("contract."):
        moved = figures_move.read(change)
        yield from () if moved is None else (moved,)
    else:
        start, end = change.after.get("start", 0), change.after.get("end", FOREVER)
        yield Interval(Second(int(str(start))), Second(int(str(end))))


def _closed(done: Settled, period: str, actor: Actor, now: Second) -> Change:
    began = Counter(bool(record.credit.ordinal) for record in done.begun)
    return actor.change(
        now, _CLOSED, period,
        after={
            "credits": began[False],
            "adjustments": began[True],
            "superseded": len(done.ended),
        },
    )  # fmt: skip


def _totals(records: Iterable[CreditRecord]) -> list[Mapping[str, str]]:
    """What adjustments give and what they would take back, by currency, never across."""
    give: defaultdict[str, Decimal] = defaultdict(Decimal)
    take: defaultdict[str, Decimal] = defaultdict(Decimal)
    for record in records:
        for line in record.credit.lines:
            side = take if line.amount.amount < 0 else give
            side[line.amount.currency] += line.amount.amount
    return [
        {
            "currency": currency,
            "to_give": f"{give[currency]:.{minor_units(currency)}f}",
            "to_take_back": f"{take[currency]:.{minor_units(currency)}f}",
        }
        for currency in sorted(give.keys() | take.keys())
    ]
