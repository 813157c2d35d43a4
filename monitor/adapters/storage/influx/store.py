"""Results and latency windows in an InfluxDB 2.

Time is the slot, tags are check and location, all else is fields: a result written again lies on
itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from monitor.adapters.storage.influx.answers import judge_read, judge_write
from monitor.adapters.storage.influx.influxql import Question, Row, last_of, rows_of
from monitor.adapters.storage.influx.lines import (
    LATENCY,
    RESULT,
    results_payloads,
    windows_payloads,
)
from monitor.adapters.storage.influx.rows import results_of, windows_of
from monitor.adapters.storage.influx.server import WRITE, Server, connected, token_of
from monitor.adapters.storage.influx.spec import InfluxSpec
from monitor.domain.checksum import checksum, total
from monitor.domain.interval import Interval
from monitor.domain.latency import LatencyWindow, Width
from monitor.domain.observation import LoggedResult, Result
from monitor.ports.clock import Clock
from monitor.ports.results import FoldKey
from monitor.ports.store import Digest

PAGE = 1_000
"""Rows of one question: with the largest evidence, 8 MiB."""


class InfluxStore:
    """Implements `monitor.ports.store.ResultStore`."""

    def __init__(self, server: Server, spec: InfluxSpec, clock: Clock) -> None:
        self._server = server
        self._spec = spec
        self._clock = clock

    async def write(self, rows: Sequence[LoggedResult]) -> None:
        for payload in results_payloads(rows):
            await self._send(self._spec.raw_bucket, payload)

    async def put(self, windows: Sequence[LatencyWindow]) -> None:
        for width in Width:
            bucket = self._spec.windows_bucket(width)
            for payload in windows_payloads(w for w in windows if w.width is width):
                await self._send(bucket, payload)

    async def results(self, key: FoldKey, span: Interval, limit: int) -> Sequence[Result]:
        found: list[Result] = []
        async for page in self._pages(self._raw(key, newest_first=True), span, limit):
            found += results_of(page, key)
        return found

    async def windows(self, key: FoldKey, span: Interval, width: Width) -> Sequence[LatencyWindow]:
        asked = Question(
            bucket=self._spec.windows_bucket(width),
            measurement=LATENCY,
            columns='"sketch"',
            key=key,
        )
        found: list[LatencyWindow] = []
        async for page in self._pages(asked, span):
            found += windows_of(page, key, width)
        return found

    async def digest(self, key: FoldKey, span: Interval) -> Digest:
        """A page at a time, so that no span is too long."""
        results, sums = 0, checksum([])
        async for page in self._pages(self._raw(key), span):
            held = results_of(page, key)
            results, sums = results + len(held), total([sums, checksum(held)])
        return Digest(results=results, checksum=sums)

    def _raw(self, key: FoldKey, *, newest_first: bool = False) -> Question:
        return Question(
            bucket=self._spec.raw_bucket,
            measurement=RESULT,
            columns="*",
            key=key,
            newest_first=newest_first,
        )

    async def _pages(
        self, asked: Question, span: Interval, limit: int | None = None
    ) -> AsyncIterator[Sequence[Row]]:
        left = span.seconds if limit is None else limit
        while span.seconds and left > 0:
            size = min(PAGE, left)
            page = await self._query(asked.bucket, asked.of(span, size))
            if page:
                yield page
            if len(page) < size:
                return
            left -= size
            span = asked.after(last_of(page, span), span)

    async def _send(self, bucket: str, payload: bytes) -> None:
        where = {"org": self._spec.org, "bucket": bucket, "precision": "s"}
        answer = await self._server.ask("POST", WRITE, query=where, body=payload)
        judge_write(answer, bucket, self._clock.now())

    async def _query(self, bucket: str, words: str) -> Sequence[Row]:
        # The organisation is the token's: /query takes no other.
        asked = {"db": bucket, "epoch": "s", "q": words}
        answer = await self._server.ask("GET", "/query", query=asked)
        judge_read(answer, bucket, self._clock.now())
        return rows_of(answer, bucket)


@asynccontextmanager
async def open_store(spec: InfluxSpec, clock: Clock) -> AsyncIterator[InfluxStore]:
    """Connects when it is first used, so that what is wrong is told by each method."""
    async with connected(spec, partial(token_of, spec.token)) as server:
        yield InfluxStore(server, spec, clock)
