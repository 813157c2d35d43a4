"""Server-sent events: many clients, one follower of the journal, and everything bounded.

Nothing is queued for a client. Each has a place in the feed, which keeps the newest events for all
of them: whoever falls behind that, or does not read what was written, is cut off.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog
from aiohttp import web

from monitor.api.caller import Caller
from monitor.api.events.recheck import Again, rechecked
from monitor.api.events.stream import Bell, Frames, Stream
from monitor.api.ports import Backend
from monitor.domain.refusals import Refused
from monitor.journal.ports import JournalError

_BUSY_S = 5
_HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
"""nginx would else hold back what it has read until its buffer is full."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """Seconds: between two readings of the journal, between two looks at whether a key still opens
    anything, until a sign of life, and until whoever does not read is cut off. Streams of one
    token or session, of one account with all of these, and of all together."""

    poll_s: float = 1.0
    recheck_s: float = 3.0
    heartbeat_s: float = 15.0
    write_s: float = 10.0
    each: int = 10
    of_account: int = 40
    total: int = 300


STREAM_LIMITS = StreamLimits()


class Streams:
    """On the event loop, but for what reads the journal: that has one thread of its own, so that
    streams and other requests do not wait for each other."""

    def __init__(self, backend: Backend, limits: StreamLimits) -> None:
        self._backend = backend
        self._limits = limits
        self._frames = Frames(backend.cursors)
        self._open: set[Stream] = set()
        self._by_key: Counter[str] = Counter()
        """Of a token or session."""
        self._by_account: Counter[str] = Counter()
        self._some = asyncio.Event()
        self._bell = Bell()
        self._rung_at = -1
        self._is_closing = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="api-events")
        self._log = structlog.get_logger()

    async def serve(
        self, request: web.Request, caller: Caller, again: Again, after: str | None
    ) -> web.StreamResponse:
        """Until the client goes, its key opens nothing any more, or the role ends. `after` is the
        cursor that it comes with. Raises Refused, and JournalError, before anything is answered."""
        with self._room(caller):
            await self._on_thread(self._backend.events.follow)
            response = web.StreamResponse(headers=_HEADERS)
            stream = self._stream(request, response, caller, again)
            await response.prepare(request)
            self._open.add(stream)
            self._some.set()
            try:
                await stream.run(after)
            except TimeoutError:
                self._log.warning("api.stream_cut", account=caller.actor.id, why="it does not read")
                stream.abort()
            except ConnectionError:
                pass
            finally:
                self._open.discard(stream)
            return response

    async def close(self, _: web.Application) -> None:
        """All of them end at once."""
        self._is_closing = True
        for stream in self._open:
            stream.over = Refused("events.closing")
        self._bell.ring()

    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """Follow the journal as long as anybody listens."""
        task = asyncio.create_task(self._follow(), name="events")
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _stream(
        self, request: web.Request, response: web.StreamResponse, caller: Caller, again: Again
    ) -> Stream:
        return Stream(
            request, response, caller, again, feed=self._backend.events,
            cursors=self._backend.cursors, frames=self._frames, bell=self._bell,
            heartbeat_s=self._limits.heartbeat_s, write_s=self._limits.write_s,
        )  # fmt: skip

    @contextmanager
    def _room(self, caller: Caller) -> Iterator[None]:
        """Raises Refused where there are too many, or the role is about to end."""
        limits = self._limits
        counts = (
            (self._by_key, caller.credential, limits.each),
            (self._by_account, caller.actor.id, limits.of_account),
        )
        for count, name, most in counts:
            if count[name] >= most:
                raise Refused("events.too_many", most=most, seconds=_BUSY_S)
        if self._is_closing or self._by_key.total() >= limits.total:
            raise Refused("events.full", seconds=_BUSY_S)
        for count, name, _ in counts:
            count[name] += 1
        try:
            yield
        finally:
            for count, name, _ in counts:
                count[name] -= 1
                if not count[name]:
                    del count[name]

    async def _follow(self) -> None:
        checked_at = 0.0
        while True:
            await self._some.wait()
            await asyncio.sleep(self._limits.poll_s)
            now = asyncio.get_running_loop().time()
            is_due = now - checked_at >= self._limits.recheck_s
            checked_at = now if is_due else checked_at
            await self._round(is_due=is_due)
            if not self._open:
                self._some.clear()

    async def _round(self, *, is_due: bool) -> None:
        """Whatever happens in one, there is another."""
        try:
            await self._on_thread(self._backend.events.follow)
            if is_due:
                await self._recheck()
        except JournalError as error:
            self._log.error("api.journal_away", error=str(error))
        except Exception as error:  # noqa: BLE001 - else all streams would be silent from then on
            self._log.error("api.events_failed", exc_info=error)
        passed = self._backend.events.end.passed
        if passed != self._rung_at:
            self._rung_at = passed
            self._bell.ring()

    async def _recheck(self) -> None:
        """Whose key opens nothing any more, or who may no longer read, is cut off; who may read
        something else from now on does."""
        streams = list(self._open)
        credentials = {stream.caller.credential: stream.again for stream in streams}
        found = await self._on_thread(partial(rechecked, self._backend, credentials))
        for stream in streams:
            now = found[stream.caller.credential]
            if isinstance(now, Refused):
                stream.over = now
            else:
                stream.caller = now
        if any(stream.over is not None or stream.is_gone for stream in streams):
            self._bell.ring()

    async def _on_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
