"""Packed forms are made ready to be sent when a client first asks for them: unpacked, filled and
compressed. That runs on a thread beside the requests, and the cache of its results is bounded. Few
clients ask for plain bodies. Data is seldom old, and then only some pages are asked for."""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from statuspage.parts.placeholders import fill
from statuspage.publish.encodings import encoded

BOUND = 8 * 1024 * 1024
"""Bytes of rendered bodies in the cache: those of the pages that everybody reads."""


class Renderable(Protocol):
    """A body still to be rendered; `etag` names its bytes."""

    @property
    def etag(self) -> str: ...

    def render(self) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LateBody:
    """A body still to be rendered. `etag` names its bytes; `stored` is the form as in its file."""

    etag: str
    encoding: str
    stored: bytes
    is_packed: bool
    words: Mapping[str, str]

    def render(self) -> bytes:
        content = gzip.decompress(self.stored) if self.is_packed else self.stored
        # Without words there are no holes, and what looks like one is a picture's.
        return encoded(fill(content, self.words) if self.words else content, self.encoding)


class LateRenderer:
    """Renders each body once, however many clients ask for it at the same time."""

    def __init__(self, *, bound: int = BOUND) -> None:
        self._bound = bound
        self._cache: OrderedDict[str, bytes] = OrderedDict()
        self._cached_bytes = 0
        self._in_progress: dict[str, asyncio.Future[bytes]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fill")

    async def body(self, late_body: Renderable) -> bytes:
        """Raises what rendering it does."""
        cached = self.at_hand(late_body)
        if cached is not None:
            return cached
        rendering = self._in_progress.get(late_body.etag)
        if rendering is None:
            loop = asyncio.get_running_loop()
            rendering = loop.run_in_executor(self._thread, late_body.render)
            self._in_progress[late_body.etag] = rendering
            rendering.add_done_callback(lambda done: self._add(late_body.etag, done))
        # A client that goes away cancels nothing for the others that wait for the same body.
        return await asyncio.shield(rendering)

    def at_hand(self, late_body: Renderable) -> bytes | None:
        """None where it is still to be rendered."""
        cached = self._cache.get(late_body.etag)
        if cached is not None:
            self._cache.move_to_end(late_body.etag)
        return cached

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _add(self, etag: str, done: asyncio.Future[bytes]) -> None:
        del self._in_progress[etag]
        if done.cancelled() or done.exception() is not None:
            return
        self._cache[etag] = done.result()
        self._cached_bytes += len(done.result())
        while self._cached_bytes > self._bound:
            _, evicted = self._cache.popitem(last=False)
            self._cached_bytes -= len(evicted)
