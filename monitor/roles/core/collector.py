"""The core's metrics: its own, the kernel's, and those of the store role."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from credits.billing.brake import brake_of
from credits.forecast.forecast import PERCENTS, Forecast
from monitor.domain.availability import Seconds
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId
from monitor.domain.closing_progress import ClosingProgress
from monitor.domain.incidents.delivery import Delivery
from monitor.domain.subscriptions.delivery_figures import SubscribersMetrics
from monitor.domain.time.age import ClockReading
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.evaluation.dirty_days import REFUSED
from monitor.evaluation.tick import Core
from monitor.journal.ports import Journal, JournalError
from monitor.metrics.core_metrics import (
    CoreMetrics,
    DiskMetrics,
    ForecastMetrics,
    ProcessMetrics,
)
from monitor.mirrors.times import mirror_times
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.log.ports import ResultReader
from monitor.results.stores.ports import StoreMetrics, StoreUnavailable
from monitor.roles.core.held_journal import HeldJournal
from monitor.roles.core.own_status import OwnStatus
from monitor.roles.page_parts.page_links import why_closed
from monitor.roles.settings import follower_file, mirror_times_file
from monitor.runtime.processes.process_stats import cpu_s, disk_bytes, rss_bytes
from monitor.runtime.tasks import OnThread
from monitor.self_monitoring.store import StoreWatch
from monitor.state.last_runs import LastRuns

_READ_EVERY_S = 5
_PATIENCE_S = 2.0
"""How many seconds a request for metrics waits for new ones."""


class StoreStatus:
    """The state of the store role, read from its follower state every few seconds. It reports to
    operators once where a person has to act. `metrics` is None until the role has reported
    anything. Where its follower state cannot be read they are the last ones, whose age shows it."""

    def __init__(self, journal: Journal, data_dir: Path) -> None:
        self._journal = journal
        self._follower_state = FollowerState(follower_file(data_dir))
        self._due = 0.0
        with journal.transaction() as tx:
            self._watch = StoreWatch.restored(tx)
        self.metrics: StoreMetrics | None = None

    def follow(self, catalogue: Catalogue, now: ClockReading) -> None:
        if now.boottime < self._due:
            return
        self._due = now.boottime + _READ_EVERY_S
        try:
            self.metrics = self._follower_state.metrics()
        except StoreUnavailable as error:
            self.metrics = self.metrics or StoreMetrics(
                at=now.at,
                boottime=now.boottime,
                boot_id=now.boot_id,
                started_at=now.at,
                kind=catalogue.store.kind,
                fault=str(error),
            )
        if self.metrics is not None and self._watch.is_turning(self.metrics, catalogue, now):
            with self._journal.transaction() as tx:
                self._watch.report(tx, catalogue, now.at)


class CoreMetricsCollector:
    """Gathers the metrics when they are requested, and counts nothing in between. The core's loops
    set `ticked_at` and `rendered_at` when they have come through."""

    def __init__(
        self,
        *,
        journal: Journal,
        log: ResultReader,
        store: StoreStatus,
        own_status: OwnStatus,
        last_runs: LastRuns,
        clock: Clock,
        data_dir: Path,
        core_of: Callable[[], Core],
        totals_of: Callable[[], Mapping[ComponentId, Seconds]],
        held: HeldJournal,
        unanswered_of: Callable[[], int] = lambda: 0,
        closing_of: Callable[[], ClosingProgress | None] = lambda: None,
        forecast_of: Callable[[], Forecast | None] = lambda: None,
        subscribers_of: Callable[[], SubscribersMetrics | None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._unanswered_of = unanswered_of
        self._closing_of = closing_of
        self._forecast_of = forecast_of
        self._subscribers_of = subscribers_of
        self._log = log
        self._store = store
        self._own_status = own_status
        self._last_runs = last_runs
        self._clock = clock
        self._data_dir = data_dir
        self._core_of = core_of
        self._totals_of = totals_of
        self._held = held
        self._started_at = clock.now()
        self._last: CoreMetrics | None = None
        self.ticked_at: ClockReading | None = None
        self.rendered_at: ClockReading | None = None

    async def now(self, on_thread: OnThread) -> CoreMetrics | None:
        """The metrics now. Where the journal is stuck or fails, the last ones, with how long that
        has been so. None before the first tick."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                self._last = await on_thread(self._count)
        except (TimeoutError, JournalError):
            if self._last is None or self.ticked_at is None:
                return None
            return self._from_memory(self._last, self.ticked_at)
        return self._last

    def _from_memory(self, last: CoreMetrics, ticked_at: ClockReading) -> CoreMetrics:
        """What the journal said last, with what is known without it."""
        state = self._core_of().state
        return replace(
            last,
            ticked_at=ticked_at,
            rendered_at=self.rendered_at,
            held=self._held.words,
            held_s=self._held.lasted_s,
            states=dict(state.states),
            silent_s={key: state.silent_s(key) for key in state.states},
            last_runs=self._last_runs.copy(),
            closing=self._closing_of(),
        )

    def _count(self) -> CoreMetrics | None:
        if self.ticked_at is None:
            return None
        core = self._core_of()
        now, state = self._clock.now(), core.state
        in_force = state.catalogues.present(now)
        with self._journal.transaction() as tx:
            incidents = tx.incidents.unresolved()
            counts = tx.outbox.counts()
            late_refused = tx.cursors.get(REFUSED)
            brake = brake_of(tx)
        return CoreMetrics(
            at=now,
            ticked_at=self.ticked_at,
            rendered_at=self.rendered_at,
            is_offline=state.connectivity.offline_since is not None,
            held=self._held.words,
            held_s=self._held.lasted_s,
            undelivered_since=self._own_status.undelivered_since,
            is_unresolved=state.connectivity.unresolved_since is not None,
            absurd_s=core.absurd.lasted_s,
            log_depth=self._log.depth(state.cursor),
            revision=in_force.number,
            sent=counts.get(Delivery.SENT, 0),
            pending=counts.get(Delivery.PENDING, 0),
            given_up=counts.get(Delivery.FAILED, 0),
            late_refused=late_refused,
            credits_unanswered=self._unanswered_of(),
            applying_paused_at=brake.since if brake.is_on else None,
            closing=self._closing_of(),
            forecast=forecast_metrics(self._forecast_of()),
            catalogue=in_force.catalogue,
            states=dict(state.states),
            silent_s={key: state.silent_s(key) for key in state.states},
            last_runs=self._last_runs.copy(),
            component_statuses=dict(state.component_statuses),
            incidents=incidents,
            totals=self._totals_of(),
            prober=self._log.metrics(),
            process=_process_metrics(self._started_at),
            disk=disk_metrics(self._data_dir),
            store=self._store.metrics,
            subscribers=self._subscribers_of(),
            private_pages_closed=_closed_pages(in_force.catalogue, self._data_dir, now),
            mirrors=mirror_times(
                mirror_times_file(self._data_dir),
                (mirror.id for mirror in in_force.catalogue.page.mirrors),
            ),
        )


def _closed_pages(catalogue: Catalogue, data_dir: Path, now: Second) -> str | None:
    """As the metrics have it."""
    if not any(page.is_private for page in catalogue.page.brand_pages):
        return None
    return why_closed(data_dir, now)


def forecast_metrics(found: Forecast | None) -> ForecastMetrics | None:
    """Of the fleet, the terms and the components: never of a contract. None where nothing is
    sold."""
    if found is None:
        return None
    terms = found.by_terms
    downtime = {c.component: c.seconds for one in terms for c in one.components}
    # A name may have had several contents: the one of which most is used counts.
    by_share = sorted(terms, key=lambda one: one.usual.share)
    return ForecastMetrics(
        at=found.at,
        contracts=found.contracts,
        going_on=found.going_on,
        reached={percent: found.reached.get(percent, 0) for percent in PERCENTS},
        breaks_at=found.breaks_at,
        then={one.currency: float(one.amount) for one in found.then},
        later={one.currency: float(one.amount) for one in found.later},
        used={one.label: float(one.usual.share) for one in by_share},
        downtime=downtime,
    )


def _process_metrics(started_at: Second) -> ProcessMetrics:
    return ProcessMetrics(started_at=started_at, cpu_s=cpu_s(), rss_bytes=rss_bytes())


def disk_metrics(data_dir: Path) -> DiskMetrics | None:
    """None where the system gives no answer for the folder."""
    try:
        free, size = disk_bytes(data_dir)
    except OSError:
        return None
    return DiskMetrics(free=free, size=size)
