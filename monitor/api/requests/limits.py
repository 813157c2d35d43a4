"""How often somebody may ask, and how much is done at once."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from monitor.domain.leaky_bucket import LeakyBucket, Limit
from monitor.domain.refusals import Refused

T = TypeVar("T")
REQUESTS = 60
WRONG_KEYS = 20
WINDOW_S = 10.0
_MOST_KEYS = 10_000
_BUSY_S = 1


class RateLimit:
    """A leaky bucket for each key. The keys that asked longest ago are forgotten."""

    def __init__(self, *, most: int = REQUESTS, window_s: float = WINDOW_S) -> None:
        self._limit = Limit(most=most, window_s=window_s)
        self._buckets: OrderedDict[str, LeakyBucket] = OrderedDict()

    def take(self, key: str, now: float) -> None:
        """One request at a monotonic second. Raises Refused with how long to wait."""
        self.require(key, now)
        self.fill(key, now)

    def has(self, key: str) -> bool:
        return key in self._buckets

    def require(self, key: str, now: float) -> None:
        """There is room for one more. Raises Refused with how long to wait."""
        bucket = self._buckets.get(key)
        wait_s = bucket.wait_s(self._limit, now) if bucket else 0.0
        if wait_s > 0:
            raise Refused(
                "request.too_many", most=self._limit.most, window_s=int(self._limit.window_s),
                seconds=int(wait_s) + 1,
            )  # fmt: skip

    def fill(self, key: str, now: float) -> None:
        """Count one, whether there is room or not."""
        self._buckets.setdefault(key, LeakyBucket(at=now)).fill(self._limit, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)

    def forget(self, key: str) -> None:
        self._buckets.pop(key, None)


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


async def beside(computed: Future[T]) -> T:
    """What a thread computes for several who ask: that one of them goes away ends it for none."""
    return await asyncio.shield(asyncio.wrap_future(computed))


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
