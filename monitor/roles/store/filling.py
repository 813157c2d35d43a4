"""One open result store: results carried to it, latencies counted, and how it fares kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from monitor.domain.catalogue import Catalogue
from monitor.domain.time.clock import Clock, read_clock
from monitor.domain.time.interval import Second
from monitor.history.queries import OpenStore
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.forwarding.forwarder import READER as SHIPPED
from monitor.results.forwarding.forwarder import Forwarder
from monitor.results.log.lookup import SqliteResultLookup
from monitor.results.log.retention import Retention
from monitor.results.rollups.follower import EVERY_S, RollupFollower
from monitor.results.rollups.follower import READER as COUNTED
from monitor.results.rollups.rollup_store import RollupStore
from monitor.results.stores.kind import StoreDependencies
from monitor.results.stores.ports import (
    ResultStore,
    StoreMetrics,
    StoreMisconfigured,
    StoreUnavailable,
)
from monitor.roles.store.choice import Chosen, is_remote
from monitor.runtime.kill_points import reached

FIGURES_EVERY_S = 5.0
FORGET_EVERY_S = 6 * 3_600.0
STEADY_S = 60.0
"""So long without breaking again, and a bug counts as over."""
_PUBLISH_AGAIN_S = 30.0
_APART_HOURS_KEPT, _APART_DAYS_KEPT = 4, 40
"""Days that hours and days stay here once a store elsewhere has them: late results reach back
72 hours at the most."""
_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What every store is filled from, whichever it is; the role's own for as long as it runs."""

    log: SqliteResultLookup
    book: FollowerState
    clock: Clock
    started_at: Second
    retention: Retention


class StoreSession:
    """One store under one configuration, while it is open. `broke` says of what bug the role last
    broke; empty where that is long ago."""

    def __init__(
        self,
        source: Source,
        chosen: Chosen,
        catalogue: Catalogue,
        store: ResultStore,
        windows: RollupStore,
        broke: str,
    ) -> None:
        self._source = source
        self._clock = source.clock
        self._kind, self._spec = chosen.kind, chosen.spec
        self._result_days = catalogue.operations.result_days
        self._store = store
        self._windows = windows
        self._windows_until: Second | None = None
        self._began = source.clock.monotonic()
        self.broke = broke
        self._log = structlog.get_logger()
        self._shipper = Forwarder(
            log=source.log,
            store=store,
            positions=source.book,
            clock=source.clock,
            say=self._log.warning,
            reached=reached,
        )
        self._follower = RollupFollower(
            log=source.log, book=windows, positions=source.book, zone=catalogue.zone
        )

    def duties(self) -> dict[str, Coroutine[Any, Any, None]]:
        """By name; each runs until it is cancelled. The embedded store has the results already."""
        found = {"windows": self._count(), "figures": self._report()}
        if self._kind.is_remote:
            found["ship"] = self._ship()
        return found

    def open_store(self) -> OpenStore:
        """For the history. The embedded store has what the log has."""
        apart = self._kind.is_remote
        return OpenStore(
            kind=self._kind.name,
            store=self._store,
            results_until=lambda: self._shipper.exported_until if apart else self._clock.now(),
            windows_until=lambda: self._windows_until if apart else self._clock.now(),
        )

    async def _ship(self) -> None:
        while True:
            wait = await self._shipper.step()
            await asyncio.sleep(wait)

    async def _count(self) -> None:
        """Hours and days: absorbed, carried where the store is apart, forgotten when old."""
        forget_at = self._clock.monotonic()
        while True:
            began = self._clock.now()
            try:
                await self._follow()
                self._windows_until = began
                if self._clock.monotonic() >= forget_at:
                    forget_at = self._clock.monotonic() + FORGET_EVERY_S
                    await asyncio.to_thread(self._forget)
            except (StoreUnavailable, StoreMisconfigured) as error:
                self._log.warning("store.windows_wait", reason=str(error))
                await asyncio.sleep(_PUBLISH_AGAIN_S)
                continue
            await asyncio.sleep(EVERY_S)

    async def _follow(self) -> None:
        while await self._follower.absorb():
            pass
        carry = self._shipper.carry_again if self._kind.is_remote else None
        while await self._follower.recount(carry):
            pass
        while self._kind.is_remote and await self._follower.publish(self._store):
            pass

    def _forget(self) -> None:
        if self._source.retention.is_held:
            self._log.warning("store.nothing_dropped_for_a_day", why="the clock has leapt")
            return
        now, apart = self._clock.now(), self._kind.is_remote
        hours = _APART_HOURS_KEPT if apart else self._spec.hourly_days
        days = _APART_DAYS_KEPT if apart else self._spec.daily_days
        self._windows.forget(
            looks=Second(now - (self._result_days + 1) * _DAY),
            hours=Second(now - hours * _DAY),
            days=Second(now - days * _DAY),
        )

    async def _report(self) -> None:
        while True:
            try:
                await asyncio.to_thread(lambda: self._source.book.note(self._figures()))
            except StoreUnavailable as error:
                self._log.error("store.figures_not_kept", error=str(error))
            await asyncio.sleep(FIGURES_EVERY_S)

    def _figures(self) -> StoreMetrics:
        if self._clock.monotonic() - self._began > STEADY_S:
            self.broke = ""
        log, shipper, apart = self._source.log, self._shipper, self._kind.is_remote
        now = read_clock(self._clock)
        return StoreMetrics(
            at=now.at,
            boottime=now.boottime,
            boot_id=now.boot_id,
            started_at=self._source.started_at,
            kind=self._kind.name,
            lag_rows=log.depth(shipper.cursor) if apart else 0,
            oldest_unstored=shipper.oldest_unstored if apart else None,
            written=shipper.written,
            last_write=shipper.last_write,
            dead_letters=self._source.book.count(),
            paused=shipper.paused or self.broke,
            trouble=shipper.trouble,
            windows_lag_rows=log.depth(self._follower.cursor),
            missed=shipper.missed,
        )


@contextlib.asynccontextmanager
async def store_session(
    source: Source, chosen: Chosen, catalogue: Catalogue, around: StoreDependencies, broke: str = ""
) -> AsyncIterator[StoreSession]:
    """Raises what opening the store does."""
    windows = RollupStore(around.book_file, is_remote=chosen.kind.is_remote)
    try:
        await asyncio.to_thread(windows.take_up)
        async with chosen.kind.build(chosen.spec, around) as store:
            yield StoreSession(source, chosen, catalogue, store, windows, broke)
    finally:
        windows.close()


def paused_metrics(source: Source, catalogue: Catalogue, reason: str) -> StoreMetrics:
    """The figures while the catalogue's store cannot even be opened, and a person has to act: what
    it lacks by then is counted. Raises StoreUnavailable where the book cannot be read."""
    cursor = source.book.position(SHIPPED) if is_remote(catalogue.store.kind) else None
    unstored = source.log.read(cursor, 1) if cursor is not None else ()
    now = read_clock(source.clock)
    return StoreMetrics(
        at=now.at,
        boottime=now.boottime,
        boot_id=now.boot_id,
        started_at=source.started_at,
        kind=catalogue.store.kind,
        lag_rows=source.log.depth(cursor) if cursor is not None else 0,
        oldest_unstored=unstored[0].result.slot if unstored else None,
        dead_letters=source.book.count(),
        paused=reason,
        windows_lag_rows=source.log.depth(source.book.position(COUNTED)),
    )
