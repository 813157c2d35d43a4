"""One open result store: forwards results to it, counts latencies, and records its state."""

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
from monitor.results.forwarding.forwarder import READER as FORWARDED
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

METRICS_EVERY_S = 5.0
FORGET_EVERY_S = 6 * 3_600.0
STEADY_S = 60.0
"""After so long without breaking again a bug counts as over."""
_PUBLISH_AGAIN_S = 30.0
_REMOTE_HOURLY_DAYS, _REMOTE_DAILY_DAYS = 4, 40
"""How many days hours and days stay here once a remote store has them: late results reach back
72 hours at the most."""
_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What every store is filled from, whichever it is. It stays the same while the role runs."""

    log: SqliteResultLookup
    follower_state: FollowerState
    clock: Clock
    started_at: Second
    retention: Retention


class StoreSession:
    """One store under one configuration, while it is open. `last_bug` says of what bug the role
    last broke; empty where that is long ago."""

    def __init__(
        self,
        source: Source,
        chosen: Chosen,
        catalogue: Catalogue,
        store: ResultStore,
        rollups: RollupStore,
        last_bug: str,
    ) -> None:
        self._source = source
        self._clock = source.clock
        self._kind, self._spec = chosen.kind, chosen.spec
        self._result_days = catalogue.operations.result_days
        self._store = store
        self._rollups = rollups
        self._rollups_until: Second | None = None
        self._began = source.clock.monotonic()
        self.last_bug = last_bug
        self._log = structlog.get_logger()
        self._forwarder = Forwarder(
            log=source.log,
            store=store,
            positions=source.follower_state,
            clock=source.clock,
            say=self._log.warning,
            reached=reached,
        )
        self._follower = RollupFollower(
            log=source.log, rollups=rollups, positions=source.follower_state, zone=catalogue.zone
        )

    def background_tasks(self) -> dict[str, Coroutine[Any, Any, None]]:
        """By name; each runs until it is cancelled. The embedded store has the results already."""
        found = {"windows": self._count(), "figures": self._report()}
        if self._kind.is_remote:
            found["ship"] = self._forward()
        return found

    def open_store(self) -> OpenStore:
        """For the history. The embedded store has what the log has."""
        remote = self._kind.is_remote
        return OpenStore(
            kind=self._kind.name,
            store=self._store,
            results_until=lambda: self._forwarder.exported_until if remote else self._clock.now(),
            buckets_until=lambda: self._rollups_until if remote else self._clock.now(),
        )

    async def _forward(self) -> None:
        while True:
            wait = await self._forwarder.step()
            await asyncio.sleep(wait)

    async def _count(self) -> None:
        """Hours and days: absorbed, published where the store is remote, forgotten when old."""
        forget_at = self._clock.monotonic()
        while True:
            began = self._clock.now()
            try:
                await self._follow()
                self._rollups_until = began
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
        forward_again = self._forwarder.forward_again if self._kind.is_remote else None
        while await self._follower.recount(forward_again):
            pass
        while self._kind.is_remote and await self._follower.publish(self._store):
            pass

    def _forget(self) -> None:
        if self._source.retention.is_held:
            self._log.warning("store.nothing_dropped_for_a_day", why="the clock has leapt")
            return
        now, remote = self._clock.now(), self._kind.is_remote
        hours = _REMOTE_HOURLY_DAYS if remote else self._spec.hourly_days
        days = _REMOTE_DAILY_DAYS if remote else self._spec.daily_days
        self._rollups.forget(
            places=Second(now - (self._result_days + 1) * _DAY),
            hours=Second(now - hours * _DAY),
            days=Second(now - days * _DAY),
        )

    async def _report(self) -> None:
        while True:
            try:
                await asyncio.to_thread(lambda: self._source.follower_state.note(self._metrics()))
            except StoreUnavailable as error:
                self._log.error("store.figures_not_kept", error=str(error))
            await asyncio.sleep(METRICS_EVERY_S)

    def _metrics(self) -> StoreMetrics:
        if self._clock.monotonic() - self._began > STEADY_S:
            self.last_bug = ""
        log, forwarder, remote = self._source.log, self._forwarder, self._kind.is_remote
        now = read_clock(self._clock)
        return StoreMetrics(
            at=now.at,
            boottime=now.boottime,
            boot_id=now.boot_id,
            started_at=self._source.started_at,
            kind=self._kind.name,
            lag_rows=log.depth(forwarder.cursor) if remote else 0,
            oldest_unstored=forwarder.oldest_unstored if remote else None,
            written=forwarder.written,
            last_write=forwarder.last_write,
            dead_letters=self._source.follower_state.count(),
            paused=forwarder.paused or self.last_bug,
            fault=forwarder.fault,
            windows_lag_rows=log.depth(self._follower.cursor),
            missed=forwarder.missed,
        )


@contextlib.asynccontextmanager
async def store_session(
    source: Source,
    chosen: Chosen,
    catalogue: Catalogue,
    dependencies: StoreDependencies,
    last_bug: str = "",
) -> AsyncIterator[StoreSession]:
    """Raises what opening the store does."""
    rollups = RollupStore(dependencies.rollup_file, is_remote=chosen.kind.is_remote)
    try:
        await asyncio.to_thread(rollups.mark_all_unpublished)
        async with chosen.kind.build(chosen.spec, dependencies) as store:
            yield StoreSession(source, chosen, catalogue, store, rollups, last_bug)
    finally:
        rollups.close()


def paused_metrics(source: Source, catalogue: Catalogue, reason: str) -> StoreMetrics:
    """The metrics while the catalogue's store cannot even be opened, and a person has to act. What
    the store lacks by then is counted. Raises StoreUnavailable where the follower state cannot be
    read."""
    cursor = source.follower_state.position(FORWARDED) if is_remote(catalogue.store.kind) else None
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
        dead_letters=source.follower_state.count(),
        paused=reason,
        windows_lag_rows=source.log.depth(source.follower_state.position(COUNTED)),
    )
