"""The month's report: what every component did, and the credit due for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from credits.assess import Status
from credits.contract import Contract, ContractId
from credits.journal import BillingTransaction
from credits.life.credit import LineKey
from credits.period.assessed import Assessed, assessed_parts
from credits.period.month import Month
from credits.period.period_data import PeriodData
from credits.period.required import Unwatched
from monitor.catalogues.in_force import Catalogues
from monitor.domain.availability import Seconds
from monitor.domain.catalogue import Component
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.timelines.outages import Outage, seconds_of


class MonthOpen(Exception):
    """The month is not over, or has not begun: there is no final report of it."""

    def __init__(self, month: Month, window: Interval, *, has_begun: bool) -> None:
        super().__init__(f"{month} is not over" if has_begun else f"{month} has not begun")
        self.window = window
        self.has_begun = has_begun


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentPeriod:
    """A component's seconds under the public exclusions, and its outages.

    `since` is the start of the first configuration that had it, where that lies in the window.
    `records_from` is its first check run, where nothing before was ever recorded: the time before
    it has a bucket of its own, and still counts in the window that shares are taken of.
    """

    component: Component
    since: Second | None
    records_from: Second | None
    unwatched: tuple[Unwatched, ...]
    seconds: Seconds
    outages: tuple[Outage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`window` ends at the month's end, or at `now` where the report is provisional.

    `assessed` holds what somebody has to act on, or everything where that was requested;
    `statuses` counts everything.
    """

    month: Month
    zone: ZoneInfo
    window: Interval
    is_provisional: bool
    period_data: PeriodData
    components: tuple[ComponentPeriod, ...]
    assessed: tuple[Assessed, ...]
    statuses: Counter[Status]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthData:
    """What the journal holds of a month at one moment; of its contracts all, or those that are
    computed together."""

    month: Month
    zone: ZoneInfo
    is_provisional: bool
    period_data: PeriodData
    contracts: tuple[Contract, ...]
    credited: Mapping[LineKey, int]
    """What the ledger has given, or may still give, for invoice lines in other windows."""
    with_credits: frozenset[ContractId] = frozenset()
    """Contracts that have credits of this month: what they rest on is copied, whatever it comes to
    now."""


def read_period(
    tx: BillingTransaction,
    catalogues: Catalogues,
    month: Month,
    now: Second,
    *,
    is_provisional: bool = False,
    zone: ZoneInfo | None = None,
) -> MonthData:
    """As `read_month`, without contracts."""
    zone = zone or catalogues.present(now).catalogue.zone
    window = _window(month, zone, now, is_provisional=is_provisional)
    return MonthData(
        month=month,
        zone=zone,
        is_provisional=is_provisional,
        period_data=PeriodData(tx, catalogues, window),
        contracts=(),
        credited={},
    )


def read_month(
    tx: BillingTransaction,
    catalogues: Catalogues,
    month: Month,
    now: Second,
    *,
    is_provisional: bool = False,
    zone: ZoneInfo | None = None,
) -> MonthData:
    """Read a month between the midnights of a zone; None: of the company's own. Raises MonthOpen
    where it is not over (unless a provisional report is wanted) or has not begun."""
    read = read_period(tx, catalogues, month, now, is_provisional=is_provisional, zone=zone)
    return replace(
        read,
        contracts=tuple(tx.contracts.active_in(read.period_data.window)),
        credited=tx.credits.credited(besides=month.window(read.zone)),
    )


def monthly_report(read: MonthData, *, is_complete: bool = False) -> Report:
    """Compute the report from what was read; no transaction makes the core wait meanwhile."""
    assessed, statuses = assess_all(
        read.contracts, read.period_data, read.credited, is_complete=is_complete
    )
    billed = {c for one in assessed for c in read.period_data.required(one.terms_period.terms)}
    return Report(
        month=read.month,
        zone=read.zone,
        window=read.period_data.window,
        is_provisional=read.is_provisional,
        period_data=read.period_data,
        components=tuple(components_of(read.period_data, billed)),
        assessed=tuple(assessed),
        statuses=statuses,
    )


def assess_all(
    contracts: Iterable[Contract],
    period_data: PeriodData,
    credited: Mapping[LineKey, int],
    *,
    is_complete: bool = False,
) -> tuple[list[Assessed], Counter[Status]]:
    """What somebody has to act on, or everything where that was requested; and how many of each
    status there are."""
    assessed, statuses = list[Assessed](), Counter[Status]()
    for contract in contracts:
        for found in assessed_parts(contract, period_data, credited):
            statuses[found.assessment.status] += 1
            if is_complete or found.assessment.status is not Status.NOT_ELIGIBLE:
                assessed.append(found)
    return assessed, statuses


def require_over(month: Month, zone: ZoneInfo, now: Second) -> None:
    """Raises MonthOpen, before anything is read."""
    _window(month, zone, now, is_provisional=False)


def _window(month: Month, zone: ZoneInfo, now: Second, *, is_provisional: bool) -> Interval:
    window = month.window(zone)
    if now >= window.end:
        return window
    if now <= window.start or not is_provisional:
        raise MonthOpen(month, window, has_begun=now > window.start)
    return Interval(window.start, now)


def components_of(
    period_data: PeriodData, billed: Collection[ComponentId]
) -> Iterator[ComponentPeriod]:
    """Components that were public in the month, and those that a contract of the report requires,
    which are `billed`. The latter are shown even if they are not public, so that its amounts can be
    checked."""
    whole = IntervalSet.of([period_data.window])
    for component in period_data.components():
        if component.id not in billed and not period_data.was_public(component.id):
            continue
        timeline = period_data.timeline(component.id)
        began = period_data.catalogues.first_seen(component.id)
        records_from = period_data.records_from(component.id)
        yield ComponentPeriod(
            component=component,
            records_from=records_from,
            unwatched=period_data.unwatched(component.id),
            since=began if began > period_data.window.start else None,
            seconds=seconds_of(
                component.id, timeline, period_data.public_exclusions, whole, records_from
            ),
            outages=tuple(
                period_data.outages_of(
                    component.id, period_data.public_exclusions, period_data.window
                )
            ),
        )
