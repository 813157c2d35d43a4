"""The core's metrics at one moment, for `/metrics` and `/readyz`: they name private components,
so they are for operators alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.domain.availability import Seconds
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import ComponentStatus, Incident
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

    def standstill(self, now: ClockReading) -> list[str]:
        """Why the core does not work, whatever the other roles do; empty when it does."""
        age = age_s(self.ticked_at, now)
        return [f"the last tick was {age:.0f} s ago"] if age > 10 else []

    def own_faults(self, now: ClockReading) -> list[str]:
        """Why the core does not do its own work, whether it runs or not."""
        found = self.standstill(now)
        if self.undelivered_since is not None:
            age = now.at - self.undelivered_since
            found.append(f"no alert has reached anybody for {age} s: every route fails")
        if self.held:
            found.append(self.held)
        return found

    def faults(self, now: ClockReading) -> list[str]:
        """Why the core is not ready, in words; empty when it is."""
        found = self.own_faults(now)
        if self.rendered_at is None or age_s(self.rendered_at, now) > 150:
            found.append("the page has not been rendered for over two minutes")
        if self.prober is None or age_s(self.prober.taken, now) > 30:
            found.append("the prober has reported no figures for 30 s")
        else:
            found += _prober_faults(self.prober)
        if self.absurd_s > ABSURD_S:
            found.append(
                f"no look has counted for {self.absurd_s:.0f} s: to the log they are ahead of the "
                "clock, or of another era of it; start the prober anew"
            )
        if self.store is not None and self.store.paused:
            found.append(f"the result store: {self.store.paused}")
        return found


def _prober_faults(prober: ProberMetrics) -> list[str]:
    """Why the prober's results may be wrong."""
    found: list[str] = []
    if doubted := prober.extra.get("clock_doubted_s"):
        found.append(f"the machine's clock is not believed: it shows {doubted:.0f} s too little")
    if prober.recent_stalls > MOST_STALLS:
        by = f", above all in looks of {prober.stalled_by}" if prober.stalled_by else ""
        times = f"{prober.recent_stalls} times within five minutes"
        found.append(f"the prober stood still {times}{by}")
    return found
