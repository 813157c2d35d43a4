"""Packed forms made ready to be sent: unpacked, filled and compressed when they are first asked
for, beside the requests, and kept within a bound. Hardly anybody asks for plain bodies; data is
seldom old, and then only some pages are asked for."""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from statuspage.parts.placeholders import fill
from statuspage.publish.encodings import encoded

BOUND = 8 * 1024 * 1024
"""Bytes of filled bodies that are kept: those of the pages that everybody reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateBody:
    """A body still to be made. `etag` names its bytes; `kept` is the form as its file has it."""

    etag: str
    encoding: str
    kept: bytes
    is_packed: bool
    words: Mapping[str, str]

    def made(self) -> bytes:
        content = gzip.decompress(self.kept) if self.is_packed else self.kept
        return encoded(fill(content, self.words), self.encoding)


class LateRenderer:
    """Makes each body once, however many ask for it at the same time."""

    def __init__(self, *, bound: int = BOUND) -> None:
        self._bound = bound
        self._made: OrderedDict[str, bytes] = OrderedDict()
        self._held = 0
        self._under_way: dict[str, asyncio.Future[bytes]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fill")

    async def body(self, wanted: LateBody) -> bytes:
        made = self._made.get(wanted.etag)
        if made is not None:
            self._made.move_to_end(wanted.etag)
            return made
        making = self._under_way.get(wanted.etag)
        if making is None:
            loop = asyncio.get_running_loop()
            making = loop.run_in_executor(self._thread, wanted.made)
            self._under_way[wanted.etag] = making
            making.add_done_callback(lambda done: self._keep(wanted.etag, done))
        # Who goes away takes nothing from those who wait for the same.
        return await asyncio.shield(making)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _keep(self, etag: str, done: asyncio.Future[bytes]) -> None:
        del self._under_way[etag]
        if done.cancelled() or done.exception() is not None:
            return
        self._made[etag] = done.result()
        self._held += len(done.result())
        while self._held > self._bound:
            _, gone = self._made.popitem(last=False)
            self._held -= len(gone)
