"""The core's metrics at one moment, for `/metrics` and `/readyz`: they name private components,
so they are for operators alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.domain.availability import Seconds
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import ComponentId
from monitor.domain.closing_progress import ClosingProgress
from monitor.domain.incidents.incident import ComponentStatus, Incident
from monitor.domain.role_fault import CoreFault, CoreFaultCode
from monitor.domain.subscriptions.delivery_figures import QUIET_S, SubscribersMetrics
from monitor.domain.time.age import ClockReading, age_s
from monitor.domain.time.interval import Second
from monitor.results.log.ports import MOST_STALLS, FoldKey, ProberMetrics
from monitor.results.stores.ports import StoreMetrics
from monitor.state.last_runs import LastRun

ABSURD_S = 60
"""Longer than the runs under way are absurd after a clock was set, or set again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMetrics:
    """What a role takes of the machine since it began."""

    started_at: Second
    cpu_s: float
    rss_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskMetrics:
    """The disk that the data folder is on; bytes, and `free` is what the product may use."""

    free: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastMetrics:
    """What the month under way will come to: contracts by how much of their allowance is used up,
    amounts by currency, shares by terms, seconds by component. For looking at: exact figures are
    the forecast's."""

    at: Second
    contracts: int
    going_on: int
    reached: Mapping[int, int]
    breaks_at: Second | None
    then: Mapping[str, float]
    later: Mapping[str, float]
    used: Mapping[str, float]
    downtime: Mapping[ComponentId, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreMetrics:
    """Everything that the operators' port publishes."""

    at: Second
    ticked_at: ClockReading
    rendered_at: ClockReading | None = None
    is_offline: bool = False
    undelivered_since: Second | None = None
    """Since when no route takes an alert; None while one does."""
    held: str = ""
    """Who holds the journal, and for how long, in words; empty where nobody does."""
    held_s: float = 0.0
    is_unresolved: bool = False
    log_depth: int = 0
    absurd_s: float = 0.0
    """For how long no result counted that was logged; see `AbsurdRuns`."""
    revision: int = 0
    sent: int = 0
    pending: int = 0
    given_up: int = 0
    late_refused: int = 0
    """Days of late results that could not be folded again."""
    credits_unanswered: int = 0
    """About which the billing panel gave no answer."""
    applying_paused_at: Second | None = None
    """Since when the brake holds whatever would be applied; None while it is off."""
    closing: ClosingProgress | None = None
    """None while no month is being closed."""
    forecast: ForecastMetrics | None = None
    """None until one was computed, and where nothing is sold."""
    catalogue: Catalogue | None = None
    """What is in force; checks that are not in it are not published."""
    states: Mapping[FoldKey, FoldState] = field(default_factory=dict)
    silent_s: Mapping[FoldKey, float | None] = field(default_factory=dict)
    """How long ago a result moved each of them, by a clock that nobody sets; see `is_stale`."""
    last_runs: Mapping[FoldKey, LastRun] = field(default_factory=dict)
    component_statuses: Mapping[ComponentId, ComponentStatus] = field(default_factory=dict)
    incidents: tuple[Incident, ...] = ()
    totals: Mapping[ComponentId, Seconds] = field(default_factory=dict)
    """The last 90 local days of each component, as the page last showed them."""
    prober: ProberMetrics | None = None
    process: ProcessMetrics | None = None
    """The core's own."""
    disk: DiskMetrics | None = None
    store: StoreMetrics | None = None
    """None until the store role has reported."""
    subscribers: SubscribersMetrics | None = None
    """None where nobody may subscribe."""

    private_pages_closed: str | None = None
    """Why no link opens a private page; empty where they do, None where no page is private."""
    mirrors: Mapping[str, Second] = field(default_factory=dict)
    """When each of the page's mirrors was last up to date; 0 of one that never was."""

    def standstill(self, now: ClockReading) -> list[CoreFault]:
        """Why the core does not work, whatever the other roles do; empty when it does."""
        age = age_s(self.ticked_at, now)
        return [_fault(CoreFaultCode.STANDS_STILL, age=age)] if age > 10 else []

    def own_faults(self, now: ClockReading) -> list[CoreFault]:
        """Why the core does not do its own work, whether it runs or not."""
        found = self.standstill(now)
        if self.undelivered_since is not None:
            age = now.at - self.undelivered_since
            found.append(_fault(CoreFaultCode.UNDELIVERED, age=age))
        if self.held:
            found.append(_fault(CoreFaultCode.JOURNAL_HELD, self.held))
        return found

    def faults(self, now: ClockReading) -> list[CoreFault]:
        """Why the core is not ready; empty when it is."""
        found = self.own_faults(now)
        if self.rendered_at is None or age_s(self.rendered_at, now) > 150:
            found.append(_fault(CoreFaultCode.NOT_RENDERED))
        if self.prober is None or age_s(self.prober.taken, now) > 30:
            found.append(_fault(CoreFaultCode.PROBER_SILENT))
        else:
            found += _prober_faults(self.prober)
        if self.absurd_s > ABSURD_S:
            found.append(_fault(CoreFaultCode.NOTHING_COUNTS, age=self.absurd_s))
        if self.store is not None and self.store.paused:
            found.append(_fault(CoreFaultCode.STORE_PAUSED, self.store.paused))
        if silent := self._silent_dispatchers(now):
            found.append(_fault(CoreFaultCode.SUBSCRIBERS_SILENT, ", ".join(silent)))
        if self.private_pages_closed:
            found.append(_fault(CoreFaultCode.PRIVATE_PAGES_CLOSED, self.private_pages_closed))
        return found

    def _silent_dispatchers(self, now: ClockReading) -> list[str]:
        """The kinds. While the journal is held nothing newer is known of them."""
        if self.subscribers is None or self.held:
            return []
        signs = self.subscribers.signs.items()
        return [kind for kind, sign in signs if sign is None or age_s(sign, now) > QUIET_S]


def _prober_faults(prober: ProberMetrics) -> list[CoreFault]:
    """Why the prober's results may be wrong."""
    found: list[CoreFault] = []
    if doubted := prober.extra.get("clock_doubted_s"):
        found.append(_fault(CoreFaultCode.CLOCK_DOUBTED, age=doubted))
    if prober.recent_stalls > MOST_STALLS:
        by, count = str(prober.stalled_by or ""), prober.recent_stalls
        found.append(_fault(CoreFaultCode.STALLS, by, count=count))
    return found


def _fault(code: CoreFaultCode, detail: str = "", *, age: float = 0, count: int = 0) -> CoreFault:
    """A tick of long ago, by another clock's count, may be of no finite age."""
    return CoreFault(
        code=code, detail=detail, age_s=round(age) if math.isfinite(age) else 0, count=count
    )
