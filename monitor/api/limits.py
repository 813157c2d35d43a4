"""How often somebody may ask, and how much is done at once."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from monitor.domain.refusals import Refused

T = TypeVar("T")
REQUESTS = 60
WRONG_KEYS = 20
WINDOW_S = 10.0
_MOST_KEYS = 10_000
_BUSY_S = 1


class RateLimit:
    """A leaky bucket for each key: `most` at once, then as many as leak. The keys that asked
    longest ago are forgotten."""

    def __init__(self, *, most: int = REQUESTS, window_s: float = WINDOW_S) -> None:
        self._most = most
        self._window_s = window_s
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float) -> None:
        """One request at a monotonic second. Raises Refused with how long to wait."""
        self.require(key, now)
        self.fill(key, now)

    def has(self, key: str) -> bool:
        return key in self._levels

    def require(self, key: str, now: float) -> None:
        """There is room for one more. Raises Refused with how long to wait."""
        left = self._left(key, now)
        if left > self._most - 1:
            seconds = (left + 1 - self._most) * self._window_s / self._most
            raise Refused(
                "request.too_many", most=self._most, window_s=int(self._window_s),
                seconds=int(seconds) + 1,
            )  # fmt: skip

    def fill(self, key: str, now: float) -> None:
        """Count one, whether there is room or not."""
        self._levels[key] = (self._left(key, now) + 1, now)
        self._levels.move_to_end(key)
        if len(self._levels) > _MOST_KEYS:
            self._levels.popitem(last=False)

    def forget(self, key: str) -> None:
        self._levels.pop(key, None)

    def _left(self, key: str, now: float) -> float:
        level, at = self._levels.get(key, (0.0, now))
        return max(0.0, level - (now - at) * self._most / self._window_s)


class Threads:
    """Work for the journal and for hashes, beside the event loop. At most `at_once` pieces are
    under way or wait for a thread; one that was given up counts until its thread is free."""

    def __init__(self, *, threads: int, at_once: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="api")
        self._permits = threading.BoundedSemaphore(at_once)

    async def run(self, work: Callable[[], T]) -> T:
        """Raises Refused where too much is under way, and what `work` raises."""
        if not self._permits.acquire(blocking=False):
            raise Refused("request.busy", seconds=_BUSY_S)
        try:
            begun = self._pool.submit(work)
        except BaseException:
            self._permits.release()
            raise
        begun.add_done_callback(lambda _: self._permits.release())
        return await asyncio.wrap_future(begun)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


class OneAtATime:
    """Work that nobody waits for, and that may as well be left out: it is where other work of its
    kind is under way."""

    def __init__(self, fails_with: type[Exception]) -> None:
        """`fails_with`: what the work may raise without anybody hearing of it."""
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="api-aside")
        self._under_way: Future[None] | None = None
        self._fails_with = fails_with

    def begin(self, work: Callable[[], None]) -> None:
        """On the event loop. Returns at once."""
        if self._under_way is None or self._under_way.done():
            self._under_way = self._pool.submit(self._run, work)

    def _run(self, work: Callable[[], None]) -> None:
        with suppress(self._fails_with):
            work()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
