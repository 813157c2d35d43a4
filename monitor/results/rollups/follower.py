"""From the result log to the hours and days of latencies, and from there to a store elsewhere."""

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
"""Each hour of each check is rewritten so often while it lasts."""
_PUBLISH = 1_000
_RECOUNT = 50
"""Windows counted anew at a time: a day of one check is some thousands of looks."""

Carry = Callable[[Sequence[LoggedResult]], Awaitable[None]]


class RollupFollower:
    """Absorbs in steps; publishes where the store is apart."""

    def __init__(
        self, *, log: TimedReader, book: Rollups, positions: Positions, zone: ZoneInfo
    ) -> None:
        self._log = log
        self._book = book
        self._zone = zone
        self._positions = positions
        self._cursor: int | None = None

    @property
    def cursor(self) -> int:
        return self._cursor or 0

    async def absorb(self) -> bool:
        """One step; whether more may stand unread. Raises StoreUnavailable."""
        return await asyncio.to_thread(self._absorb)

    async def recount(self, carry: Carry | None = None) -> bool:
        """Count windows anew whose looks are others since the clock was set; whether more may wait.
        `carry` brings an hour's results to a store elsewhere, where another era's may have taken
        their place. What the log has no more of stays as it is.

        Raises what `carry` does, and StoreUnavailable.
        """
        found = await asyncio.to_thread(self._recounts)
        for recount in found:
            if carry is not None and recount.seqs and recount.width is Width.HOUR:
                await carry(await asyncio.to_thread(self._log.at, recount.seqs))
            await asyncio.to_thread(self._recount, recount)
        return len(found) == _RECOUNT

    def _recounts(self) -> Sequence[Recount]:
        return self._book.recounts(_RECOUNT, self._zone, self._log.known_eras())

    def _recount(self, recount: Recount) -> None:
        seqs = recount.seqs
        looks = self._log.timed_at(seqs) if seqs is not None else ()
        is_whole = seqs is not None and len(looks) == len(seqs)
        durations = [look.duration_us for look in looks if look.duration_us is not None]
        self._book.recounted(recount, Sketch.of(durations) if is_whole else None)

    async def publish(self, store: ResultStore) -> bool:
        """Carry windows that changed; whether more may wait. A window that the store refuses for
        good is left to the next change of it: figures of latency are no evidence.

        Raises StoreUnavailable or StoreMisconfigured.
        """
        windows = await asyncio.to_thread(self._book.unpublished, _PUBLISH)
        if windows:
            await self._put(store, windows)
            await asyncio.to_thread(self._book.published, windows)
        return len(windows) == _PUBLISH

    async def _put(self, store: ResultStore, windows: Sequence[LatencyBucket]) -> None:
        try:
            await store.put(windows)
        except StoreRefused:
            if len(windows) > 1:
                half = len(windows) // 2
                await self._put(store, windows[:half])
                await self._put(store, windows[half:])

    def _absorb(self) -> bool:
        if self._cursor is None:
            self._cursor = self._positions.position(READER)
        looks = self._log.timed(self._cursor, AT_ONCE)
        if looks:
            # Asked after the rows: the era of each is known.
            self._book.absorb(looks, looks[-1].seq, self._zone, self._log.known_eras())
            self._cursor = looks[-1].seq
        return len(looks) == AT_ONCE
