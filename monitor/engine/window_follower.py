"""From the result log to the hours and days of latencies, and from there to a store elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from monitor.domain.latency import LatencyWindow
from monitor.ports.store import (
    Positions,
    ResultStore,
    StoreRefused,
    TimedReader,
    WindowBook,
)

READER = "windows"
AT_ONCE = 20_000
"""Rows that one transaction absorbs: a few tenths of a second."""
EVERY_S = 300.0
"""Each hour of each check is rewritten so often while it lasts."""
_PUBLISH = 1_000


class WindowFollower:
    """Absorbs in steps; publishes where the store is apart."""

    def __init__(
        self, *, log: TimedReader, book: WindowBook, positions: Positions, zone: ZoneInfo
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

    async def _put(self, store: ResultStore, windows: Sequence[LatencyWindow]) -> None:
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
            self._book.absorb(looks, looks[-1].seq, self._zone)
            self._cursor = looks[-1].seq
        return len(looks) == AT_ONCE
