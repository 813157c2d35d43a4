"""The month's report: what every component did, and what is owed for it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from credits.assess import Assessment, Status, assess
from credits.contract import Contract, PriceSegment, TermsPeriod
from credits.journal import BillingTransaction
from credits.period.period_data import PeriodData
from credits.period.required import Unwatched
from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import Seconds, Span
from monitor.domain.catalogue import Component
from monitor.domain.time.calendar import at_zone, local_month
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.timelines.outages import Outage, seconds_of

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class MonthOpen(Exception):
    """The month is not over, or has not begun: nothing final can be said of it."""

    def __init__(self, month: Month, window: Interval, *, has_begun: bool) -> None:
        super().__init__(f"{month} is not over" if has_begun else f"{month} has not begun")
        self.window = window
        self.has_begun = has_begun


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month.

    >>> str(Month.read("2026-10"))
    '2026-10'
    """

    year: int
    number: int

    @classmethod
    def read(cls, text: str) -> Month:
        """Raises ValueError for anything but YYYY-MM."""
        match = _MONTH.fullmatch(text)
        if match is None or not 1970 <= int(match[1]) <= 9998:
            raise ValueError(f"wanted a month such as 2026-10, got {text!r}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, second: Second, zone: ZoneInfo) -> Month:
        local = at_zone(second, zone)
        return cls(local.year, local.month)

    @property
    def previous(self) -> Month:
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    @property
    def next(self) -> Month:
        return Month(self.year + (self.number == 12), self.number % 12 + 1)

    @property
    def ordinal(self) -> int:
        """Months since year 0, for the journal."""
        return self.year * 12 + self.number - 1

    def window(self, zone: ZoneInfo) -> Interval:
        return local_month(self.year, self.number, zone)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentPeriod:
    """A component's seconds under the public exclusions, and its outages.

    `since` is the start of the first configuration that had it, where that lies in the window, and
    `records_from` its first look, where nothing before was ever recorded: what came before has a
    bucket of its own, and stays in the window that its share is of.
    """

    component: Component
    since: Second | None
    records_from: Second | None
    unwatched: tuple[Unwatched, ...]
    seconds: Seconds
    outages: tuple[Outage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """One contract in one part of the window, under one set of terms."""

    contract: Contract
    window: Interval
    contracted: IntervalSet
    promise: TermsPeriod
    stretches: tuple[Span, ...]
    assessment: Assessment

    @property
    def key(self) -> str:
        """Unique: contract, window and terms."""
        parts = (self.contract.id, self.window.start, self.window.end, self.promise.terms.hash)
        return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`window` ends at the month's end, or at `now` where the report is provisional.

    `assessed` holds what somebody has to act on, or all of it where that was asked for;
    `statuses` counts all.
    """

    month: Month
    zone: ZoneInfo
    window: Interval
    is_provisional: bool
    past: PeriodData
    components: tuple[ComponentPeriod, ...]
    assessed: tuple[Assessed, ...]
    statuses: Counter[Status]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRead:
    """What the journal holds of a month, taken out in one short transaction."""

    month: Month
    zone: ZoneInfo
    is_provisional: bool
    past: PeriodData
    contracts: tuple[Contract, ...]


def read_month(
    tx: BillingTransaction,
    catalogues: Catalogues,
    month: Month,
    now: Second,
    *,
    is_provisional: bool = False,
) -> MonthRead:
    """Read a month. Raises MonthOpen where it is not over (unless a provisional report is
    wanted) or has not begun."""
    zone = catalogues.present(now).catalogue.zone
    window = _window(month, zone, now, is_provisional=is_provisional)
    return MonthRead(
        month=month,
        zone=zone,
        is_provisional=is_provisional,
        past=PeriodData(tx, catalogues, window),
        contracts=tuple(tx.contracts.active_in(window)),
    )


def monthly_report(read: MonthRead, *, is_complete: bool = False) -> Report:
    """Compute the report of what was read; the core is not kept waiting meanwhile."""
    assessed, statuses = list[Assessed](), Counter[Status]()
    for contract in read.contracts:
        for found in _assess(contract, read.past):
            statuses[found.assessment.status] += 1
            if is_complete or found.assessment.status is not Status.NOT_ELIGIBLE:
                assessed.append(found)
    return Report(
        month=read.month,
        zone=read.zone,
        window=read.past.window,
        is_provisional=read.is_provisional,
        past=read.past,
        components=tuple(_components(read.past, assessed)),
        assessed=tuple(assessed),
        statuses=statuses,
    )


def _window(month: Month, zone: ZoneInfo, now: Second, *, is_provisional: bool) -> Interval:
    window = month.window(zone)
    if now >= window.end:
        return window
    if now <= window.start or not is_provisional:
        raise MonthOpen(month, window, has_begun=now > window.start)
    return Interval(window.start, now)


def _components(past: PeriodData, assessed: Sequence[Assessed]) -> Iterator[ComponentPeriod]:
    """What the public saw in the month, and what a contract of the report is about: its money has
    to be seen to add up, whoever may look at it today."""
    whole = IntervalSet.of([past.window])
    billed = {c for one in assessed for c in past.required(one.promise.terms)}
    for component in past.components():
        if component.id not in billed and not past.was_public(component.id):
            continue
        timeline = past.timeline(component.id)
        began = past.catalogues.first_seen(component.id)
        records_from = past.records_from(component.id)
        yield ComponentPeriod(
            component=component,
            records_from=records_from,
            unwatched=past.unwatched(component.id),
            since=began if began > past.window.start else None,
            seconds=seconds_of(component.id, timeline, past.public_exclusions, whole, records_from),
            outages=tuple(past.outages_of(component.id, past.public_exclusions, past.window)),
        )


def _assess(contract: Contract, past: PeriodData) -> Iterator[Assessed]:
    """Terms that change inside the window cut it; each part is judged alone."""
    for part, promise in contract.parts(past.window):
        contracted = IntervalSet.of([part]) & contract.active_time
        if not contracted.seconds:
            continue
        stretches = past.product(promise.terms, contracted)
        yield Assessed(
            contract=contract,
            window=part,
            contracted=contracted,
            promise=promise,
            stretches=stretches,
            assessment=assess(
                stretches,
                _paid_for(contract, part),
                promise.terms,
                is_suspended=contract.is_suspended,
            ),
        )


def _paid_for(contract: Contract, window: Interval) -> list[PriceSegment]:
    return [s for s in contract.segments if s.period.overlaps(window)]
