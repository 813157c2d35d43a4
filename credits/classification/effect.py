"""What a classification changes of the months that it touches, before anybody decides about it.

Both sides are computed as a report is, from one reading of the month: once with what is in force
now, and once as if the proposal were approved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from credits.classification.over_contracts import ContractsEffect, Sides, over_contracts
from credits.journal import BillingJournal, BillingTransaction
from credits.period.month import Month
from credits.period.period_data import PeriodData
from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import Seconds
from monitor.domain.checks.observation import ComponentId
from monitor.domain.exclusions.classification import ExclusionRecord, ExclusionRevision
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.timelines.outages import seconds_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthEffect:
    """`before` and `after` are the component's public seconds; `over` is what changes for the
    contracts that require it. `issued_revision` is that of the newest report, which stays as it is
    whatever is decided; None where the month was not issued. Of a month that `is_settled` nothing
    changes by itself any more."""

    month: Month
    window: Interval
    is_over: bool
    is_settled: bool
    issued_revision: int | None
    before: Seconds
    after: Seconds
    over: ContractsEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`before` and `after` a decision: what is in force of one classification (None: nothing)."""

    component: ComponentId
    before: ExclusionRevision | None
    after: ExclusionRevision | None

    @classmethod
    def of(cls, record: ExclusionRecord) -> Comparison:
        """Of a proposal that waits, what its approval changes; else what the record takes out."""
        pending = record.pending
        if pending is None:
            return cls(component=record.newest.component, before=None, after=record.in_force)
        proposed = None if pending.is_withdrawal else pending
        return cls(component=pending.component, before=record.in_force, after=proposed)

    @property
    def spans(self) -> IntervalSet:
        sides = (self.before, self.after)
        return IntervalSet.of(one.interval for one in sides if one is not None)

    def months(self, zone: ZoneInfo) -> list[Month]:
        """The months that either side touches, in order."""
        found: dict[Month, None] = {}
        for span in self.spans:
            month, last = Month.of(span.start, zone), Month.of(Second(span.end - 1), zone)
            while month <= last:
                found[month] = None
                month = month.next
        return sorted(found)


def effect_of(
    record: ExclusionRecord,
    journal: BillingJournal,
    catalogues: Catalogues,
    now: Second,
    step: Callable[[], None] = lambda: None,
) -> Iterator[MonthEffect]:
    """Month by month; no transaction lasts longer than to read a month, or some hundred contracts,
    where the journal's reader has not one for the whole request. Months that have not begun have no
    effect yet. `step` is called between transactions. Raises JournalError."""
    compared, zone = Comparison.of(record), catalogues.present(now).catalogue.zone
    for month in compared.months(zone):
        whole = month.window(zone)
        window = Interval(whole.start, min(whole.end, now))
        if window.seconds:
            with journal.transaction() as tx:
                sides, seen = _read(tx, catalogues, window, compared), tx.changes.last()
                issued = _issued(tx, month)
            yield MonthEffect(
                month=month,
                window=window,
                is_over=whole.end <= now,
                is_settled=whole.end <= now and sides.before.is_settled,
                issued_revision=issued,
                before=_public_seconds(sides.before, compared.component),
                after=_public_seconds(sides.after, compared.component),
                over=over_contracts(sides, journal, seen, step),
            )


def _issued(tx: BillingTransaction, month: Month) -> int | None:
    """The newest report's revision, without its body: of many contracts that is large."""
    newest = tx.reports.heads((str(month.next), 0), 1)
    return next((head.revision for head in newest if head.period == str(month)), None)


def _read(
    tx: BillingTransaction, catalogues: Catalogues, window: Interval, compared: Comparison
) -> Sides:
    stored = PeriodData(tx, catalogues, window)
    one = compared.after or compared.before
    others = [c for c in stored.classified if one is None or c.reference != one.reference]
    return Sides(
        component=compared.component,
        before=stored.reclassified(_with(others, compared.before, window)),
        after=stored.reclassified(_with(others, compared.after, window)),
    )


def _with(
    others: Sequence[ExclusionRevision], one: ExclusionRevision | None, window: Interval
) -> list[ExclusionRevision]:
    added = [] if one is None or not one.interval.overlaps(window) else [one]
    return sorted([*others, *added], key=lambda c: (c.interval.start, c.reference))


def _public_seconds(period_data: PeriodData, component: ComponentId) -> Seconds:
    return seconds_of(
        component,
        period_data.timeline(component),
        period_data.public_exclusions,
        IntervalSet.of([period_data.window]),
        period_data.records_from(component),
    )
