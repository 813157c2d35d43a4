"""The core's figures: its own, the kernel's, and how the store role stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from monitor.domain.availability import Seconds
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.delivery import Delivery
from monitor.domain.time.age import ClockReading
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.evaluation.dirty_days import REFUSED
from monitor.evaluation.tick import Core
from monitor.journal.ports import Journal, JournalError
from monitor.metrics.core_metrics import CoreMetrics, DiskMetrics, ProcessMetrics
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.log.ports import ResultReader
from monitor.results.stores.ports import StoreMetrics, StoreUnavailable
from monitor.roles.core.own_status import OwnStatus
from monitor.roles.settings import follower_file
from monitor.runtime.process_stats import cpu_s, disk_bytes, rss_bytes
from monitor.runtime.tasks import OnThread
from monitor.self_monitoring.store import StoreWatch
from monitor.state.last_runs import LastRuns

_BOOK_EVERY = 5
_PATIENCE = 2.0
"""How long who asks for figures waits for new ones."""


class StoreStatus:
    """How the store role stands, read from its book every few seconds; tells operators once where
    a person has to act. `figures` is None until the role has said anything; where its book cannot
    be read they are the last ones, which grow old for all to see."""

    def __init__(self, journal: Journal, data_dir: Path) -> None:
        self._journal = journal
        self._book = FollowerState(follower_file(data_dir))
        self._due = 0.0
        with journal.transaction() as tx:
            self._watch = StoreWatch.restored(tx)
        self.figures: StoreMetrics | None = None

    def follow(self, catalogue: Catalogue, now: ClockReading) -> None:
        if now.boottime < self._due:
            return
        self._due = now.boottime + _BOOK_EVERY
        try:
            self.figures = self._book.metrics()
        except StoreUnavailable as error:
            self.figures = self.figures or StoreMetrics(
                at=now.at,
                boottime=now.boottime,
                boot_id=now.boot_id,
                started_at=now.at,
                kind=catalogue.store.kind,
                trouble=str(error),
            )
        if self.figures is not None and self._watch.is_turning(self.figures, catalogue, now):
            with self._journal.transaction() as tx:
                self._watch.report(tx, catalogue, now.at)


class CoreMetricsCollector:
    """Gathers when somebody asks: nothing is counted for nobody. The core's loops say when they
    came through, in `ticked_at` and `rendered_at`."""

    def __init__(
        self,
        *,
        journal: Journal,
        log: ResultReader,
        store: StoreStatus,
        own: OwnStatus,
        looks: LastRuns,
        clock: Clock,
        data_dir: Path,
        core_of: Callable[[], Core],
        totals_of: Callable[[], Mapping[ComponentId, Seconds]],
    ) -> None:
        self._journal = journal
        self._log = log
        self._store = store
        self._own = own
        self._looks = looks
        self._clock = clock
        self._data_dir = data_dir
        self._core_of = core_of
        self._totals_of = totals_of
        self._started_at = clock.now()
        self._last: CoreMetrics | None = None
        self.ticked_at: ClockReading | None = None
        self.rendered_at: ClockReading | None = None

    async def now(self, on_thread: OnThread) -> CoreMetrics | None:
        """Where the journal is stuck or fails, the last ones, with how long that has been so; None
        before the first tick."""
        try:
            async with asyncio.timeout(_PATIENCE):
                self._last = await on_thread(self._count)
        except (TimeoutError, JournalError):
            if self._last is None or self.ticked_at is None:
                return None
            return replace(self._last, ticked_at=self.ticked_at, rendered_at=self.rendered_at)
        return self._last

    def _count(self) -> CoreMetrics | None:
        if self.ticked_at is None:
            return None
        core = self._core_of()
        now, held = self._clock.now(), core.held
        in_force = held.catalogues.present(now)
        with self._journal.transaction() as tx:
            incidents = tx.incidents.unresolved()
            counts = tx.outbox.counts()
            late_refused = tx.cursors.get(REFUSED)
        return CoreMetrics(
            at=now,
            ticked_at=self.ticked_at,
            rendered_at=self.rendered_at,
            is_blind=held.sight.blind_since is not None,
            unheard_since=self._own.unheard_since,
            is_unresolved=held.sight.unresolved_since is not None,
            absurd_s=core.absurd.lasted_s,
            log_depth=self._log.depth(held.cursor),
            revision=in_force.number,
            sent=counts.get(Delivery.SENT, 0),
            owed=counts.get(Delivery.PENDING, 0),
            given_up=counts.get(Delivery.FAILED, 0),
            late_refused=late_refused,
            catalogue=in_force.catalogue,
            states=dict(held.states),
            silent_s={key: held.silent_s(key) for key in held.states},
            looks=self._looks.copy(),
            standings=dict(held.standings),
            incidents=incidents,
            totals=self._totals_of(),
            prober=self._log.metrics(),
            process=_process_figures(self._started_at),
            disk=disk_metrics(self._data_dir),
            store=self._store.figures,
        )


def _process_figures(started_at: Second) -> ProcessMetrics:
    return ProcessMetrics(started_at=started_at, cpu_s=cpu_s(), rss_bytes=rss_bytes())


def disk_metrics(data_dir: Path) -> DiskMetrics | None:
    """None where the folder cannot be asked for."""
    try:
        free, size = disk_bytes(data_dir)
    except OSError:
        return None
    return DiskMetrics(free=free, size=size)
