"""What a classification changes of the months that it touches, before anybody decides about it.

Both sides are computed as a report is, from one reading of the month: once with what is in force
now, and once as if the proposal were approved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from zoneinfo import ZoneInfo

from credits.assess import Status, total
from credits.contract import Contract
from credits.journal import BillingJournal, BillingTransaction
from credits.money import Money
from credits.period.assessed import Assessed, assessed_parts
from credits.period.month import Month
from credits.period.period_data import PeriodData
from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import Seconds
from monitor.domain.checks.observation import ComponentId
from monitor.domain.exclusions.classification import ExclusionRecord, ExclusionRevision
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.timelines.outages import seconds_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What one contract is owed for one part of a month."""

    downtime: Fraction
    status: Status
    amounts: tuple[Money, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractEffect:
    contract: Contract
    window: Interval
    before: Due
    after: Due

    @property
    def is_change(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthEffect:
    """`before` and `after` are the component's public seconds. `contracts` are the parts of those
    that require it at some time of the month. `issued_revision` is that of the newest report, which
    stays as it is whatever is decided; None where the month was not issued."""

    month: Month
    window: Interval
    is_over: bool
    issued_revision: int | None
    before: Seconds
    after: Seconds
    contracts: tuple[ContractEffect, ...]

    @property
    def changed(self) -> tuple[ContractEffect, ...]:
        return tuple(one for one in self.contracts if one.is_change)

    @property
    def totals_before(self) -> tuple[Money, ...]:
        """What is owed by currency; currencies are never added together."""
        return total(money for one in self.contracts for money in one.before.amounts)

    @property
    def totals_after(self) -> tuple[Money, ...]:
        return total(money for one in self.contracts for money in one.after.amounts)


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
    record: ExclusionRecord, journal: BillingJournal, catalogues: Catalogues, now: Second
) -> Iterator[MonthEffect]:
    """Month by month, each in a transaction of its own, where the journal's reader has not one for
    the whole request. Months that have not begun have no effect yet."""
    compared, zone = Comparison.of(record), catalogues.present(now).catalogue.zone
    for month in compared.months(zone):
        whole = month.window(zone)
        window = Interval(whole.start, min(whole.end, now))
        if window.seconds:
            with journal.transaction() as tx:
                read = _read(tx, catalogues, window, compared)
                issued = tx.reports.get(str(month), None)
            yield MonthEffect(
                month=month,
                window=window,
                is_over=whole.end <= now,
                issued_revision=issued.revision if issued else None,
                before=_public_seconds(read.before, compared.component),
                after=_public_seconds(read.after, compared.component),
                contracts=tuple(_contracts(read)),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    before: PeriodData
    after: PeriodData
    contracts: tuple[Contract, ...]


def _read(
    tx: BillingTransaction, catalogues: Catalogues, window: Interval, compared: Comparison
) -> _Read:
    stored = PeriodData(tx, catalogues, window)
    one = compared.after or compared.before
    others = [c for c in stored.classified if one is None or c.reference != one.reference]
    return _Read(
        before=stored.reclassified(_with(others, compared.before, window)),
        after=stored.reclassified(_with(others, compared.after, window)),
        contracts=tuple(_requiring(compared.component, stored, tx.contracts.active_in(window))),
    )


def _with(
    others: Sequence[ExclusionRevision], one: ExclusionRevision | None, window: Interval
) -> list[ExclusionRevision]:
    added = [] if one is None or not one.interval.overlaps(window) else [one]
    return sorted([*others, *added], key=lambda c: (c.interval.start, c.reference))


def _requiring(
    component: ComponentId, period_data: PeriodData, contracts: Iterable[Contract]
) -> Iterator[Contract]:
    """Those whose terms require the component at some time of the window: of a hundred thousand
    that are read, these alone are held."""
    for contract in contracts:
        parts = contract.parts(period_data.window)
        if any(component in period_data.required(period.terms) for _, period in parts):
            yield contract


def _public_seconds(period_data: PeriodData, component: ComponentId) -> Seconds:
    return seconds_of(
        component,
        period_data.timeline(component),
        period_data.public_exclusions,
        IntervalSet.of([period_data.window]),
        period_data.records_from(component),
    )


def _contracts(read: _Read) -> Iterator[ContractEffect]:
    for contract in read.contracts:
        both = zip(
            assessed_parts(contract, read.before),
            assessed_parts(contract, read.after),
            strict=True,
        )
        for before, after in both:
            yield ContractEffect(
                contract=contract, window=before.window, before=_due(before), after=_due(after)
            )


def _due(assessed: Assessed) -> Due:
    return Due(
        downtime=assessed.assessment.judgement.downtime,
        status=assessed.assessment.status,
        amounts=assessed.assessment.totals,
    )
