"""From the result log to the hours and days of latencies, and from there to a remote store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from zoneinfo import ZoneInfo

from monitor.domain.checks.observation import LoggedResult
from monitor.results.rollups.latency import LatencyBucket, Width
from monitor.results.rollups.sketch import Sketch
from monitor.results.stores.ports import (
    Positions,
    Recount,
    ResultStore,
    Rollups,
    StoreRefused,
    TimedReader,
)

READER = "windows"
AT_ONCE = 20_000
"""Rows that one transaction absorbs: a few tenths of a second."""
EVERY_S = 300.0
"""How often each hour of each check is rewritten while it lasts."""
_PUBLISH = 1_000
_RECOUNT = 50
"""Buckets counted again at a time: a day of one check is some thousands of runs."""

Carry = Callable[[Sequence[LoggedResult]], Awaitable[None]]


class RollupFollower:
    """Absorbs in steps; publishes where the store is remote."""

    def __init__(
        self, *, log: TimedReader, rollups: Rollups, positions: Positions, zone: ZoneInfo
    ) -> None:
        self._log = log
        self._rollups = rollups
        self._zone = zone
        self._positions = positions
        self._cursor: int | None = None

    @property
    def cursor(self) -> int:
        return self._cursor or 0

    async def absorb(self) -> bool:
        """One step; whether more rows may be unread. Raises StoreUnavailable."""
        return await asyncio.to_thread(self._absorb)

    async def recount(self, forward: Carry | None = None) -> bool:
        """Count buckets again whose runs are others since the clock was set; whether more may wait.
        `forward` writes an hour's results to a remote store, where another era's may have taken
        their place. Buckets whose runs the log no longer has stay as they are.

        Raises what `forward` does, and StoreUnavailable.
        """
        found = await asyncio.to_thread(self._recounts)
        for recount in found:
            if forward is not None and recount.seqs and recount.width is Width.HOUR:
                await forward(await asyncio.to_thread(self._log.at, recount.seqs))
            await asyncio.to_thread(self._recount, recount)
        return len(found) == _RECOUNT

    def _recounts(self) -> Sequence[Recount]:
        return self._rollups.recounts(_RECOUNT, self._zone, self._log.known_eras())

    def _recount(self, recount: Recount) -> None:
        seqs = recount.seqs
        runs = self._log.timed_at(seqs) if seqs is not None else ()
        is_whole = seqs is not None and len(runs) == len(seqs)
        durations = [run.duration_us for run in runs if run.duration_us is not None]
        self._rollups.recounted(recount, Sketch.of(durations) if is_whole else None)

    async def publish(self, store: ResultStore) -> bool:
        """Send buckets that changed; whether more may wait. A bucket that the store refuses for
        good is left until it changes again: latencies are no evidence.

        Raises StoreUnavailable or StoreMisconfigured.
        """
        buckets = await asyncio.to_thread(self._rollups.unpublished, _PUBLISH)
        if buckets:
            await self._put(store, buckets)
            await asyncio.to_thread(self._rollups.published, buckets)
        return len(buckets) == _PUBLISH

    async def _put(self, store: ResultStore, buckets: Sequence[LatencyBucket]) -> None:
        try:
            await store.put(buckets)
        except StoreRefused:
            if len(buckets) > 1:
                half = len(buckets) // 2
                await self._put(store, buckets[:half])
                await self._put(store, buckets[half:])

    def _absorb(self) -> bool:
        if self._cursor is None:
            self._cursor = self._positions.position(READER)
        runs = self._log.timed(self._cursor, AT_ONCE)
        if runs:
            # Read after the rows, so that the era of each is known.
            self._rollups.absorb(runs, runs[-1].seq, self._zone, self._log.known_eras())
            self._cursor = runs[-1].seq
        return len(runs) == AT_ONCE
