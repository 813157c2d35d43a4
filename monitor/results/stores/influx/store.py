"""Results and latency buckets in an InfluxDB 2.

Time is the slot, tags are check and location, all else is fields: a result written again replaces
itself, and a later era's replaces that of an earlier one. What is returned is what counts, as the
eras of the log say at that moment: a point of an era that was wrong is passed over, and one that
counts again is returned again.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from functools import partial

from monitor.domain.checks.observation import LoggedResult, Result
from monitor.domain.time.clock import Clock
from monitor.domain.time.eras import FIRST_LINEAGE, Lineage, counts
from monitor.domain.time.interval import Interval
from monitor.results.checksum import checksum, total
from monitor.results.log.ports import FoldKey
from monitor.results.log.reader import SqliteResultReader
from monitor.results.rollups.latency import LatencyBucket, Width
from monitor.results.stores.influx.answers import judge_read, judge_write
from monitor.results.stores.influx.influxql import Query, Row, last_of, rows_of
from monitor.results.stores.influx.lines import (
    LATENCY,
    RESULT,
    bucket_payloads,
    results_payloads,
)
from monitor.results.stores.influx.rows import buckets_of, results_of
from monitor.results.stores.influx.server import WRITE, Server, connected, token_of
from monitor.results.stores.influx.spec import InfluxSpec
from monitor.results.stores.kind import StoreDependencies
from monitor.results.stores.ports import Digest, StoreUnavailable

PAGE = 1_000
"""Rows of one query: with the largest evidence, 8 MiB."""
ReadLineage = Callable[[], Lineage]
"""Which seconds of which era of the prober's clock count now. It may read a file, and raises
StoreUnavailable where that cannot be read."""


class InfluxStore:
    """Implements `monitor.results.stores.ports.ResultStore`."""

    def __init__(
        self, server: Server, spec: InfluxSpec, clock: Clock, lineage: ReadLineage
    ) -> None:
        self._server = server
        self._spec = spec
        self._clock = clock
        self._lineage = lineage

    async def write(self, rows: Sequence[LoggedResult]) -> None:
        for payload in results_payloads(rows):
            await self._send(self._spec.raw_bucket, payload)

    async def put(self, buckets: Sequence[LatencyBucket]) -> None:
        for width in Width:
            influx_bucket = self._spec.latency_bucket(width)
            for payload in bucket_payloads(b for b in buckets if b.width is width):
                await self._send(influx_bucket, payload)

    async def results(self, key: FoldKey, span: Interval, limit: int) -> Sequence[Result]:
        query = self._raw(key, newest_first=True)
        lineage = await asyncio.to_thread(self._lineage)
        found: list[Result] = []
        while span.seconds and len(found) < limit:
            size = min(PAGE, limit - len(found))
            page = await self._query(query.bucket, query.of(span, size))
            found += _counting(results_of(page, key), lineage)
            if len(page) < size:
                break
            span = query.after(last_of(page, span), span)
        return found

    async def buckets(self, key: FoldKey, span: Interval, width: Width) -> Sequence[LatencyBucket]:
        query = Query(
            bucket=self._spec.latency_bucket(width),
            measurement=LATENCY,
            columns='"sketch"',
            key=key,
        )
        found: list[LatencyBucket] = []
        async for page in self._pages(query, span):
            found += buckets_of(page, key, width)
        return found

    async def digest(self, key: FoldKey, span: Interval) -> Digest:
        """A page at a time, so that no span is too long."""
        results, sums = 0, checksum([])
        lineage = await asyncio.to_thread(self._lineage)
        async for page in self._pages(self._raw(key), span):
            counting = _counting(results_of(page, key), lineage)
            results, sums = results + len(counting), total([sums, checksum(counting)])
        return Digest(results=results, checksum=sums)

    def _raw(self, key: FoldKey, *, newest_first: bool = False) -> Query:
        return Query(
            bucket=self._spec.raw_bucket,
            measurement=RESULT,
            columns="*",
            key=key,
            newest_first=newest_first,
        )

    async def _pages(self, query: Query, span: Interval) -> AsyncIterator[Sequence[Row]]:
        while span.seconds:
            page = await self._query(query.bucket, query.of(span, PAGE))
            if page:
                yield page
            if len(page) < PAGE:
                return
            span = query.after(last_of(page, span), span)

    async def _send(self, bucket: str, payload: bytes) -> None:
        where = {"org": self._spec.org, "bucket": bucket, "precision": "s"}
        answer = await self._server.request("POST", WRITE, query=where, body=payload)
        judge_write(answer, bucket, self._clock.now())

    async def _query(self, bucket: str, statement: str) -> Sequence[Row]:
        # The organisation is the token's: /query takes no other.
        parameters = {"db": bucket, "epoch": "s", "q": statement}
        answer = await self._server.request("GET", "/query", query=parameters)
        judge_read(answer, bucket, self._clock.now())
        return rows_of(answer, bucket)


@asynccontextmanager
async def open_store(
    spec: InfluxSpec, clock: Clock, lineage: ReadLineage = lambda: FIRST_LINEAGE
) -> AsyncIterator[InfluxStore]:
    """Connects when it is first used, so that each method reports what is wrong."""
    async with connected(spec, partial(token_of, spec.token)) as server:
        yield InfluxStore(server, spec, clock, lineage)


@asynccontextmanager
async def open_beside_log(
    spec: InfluxSpec, dependencies: StoreDependencies
) -> AsyncIterator[InfluxStore]:
    """Which results count is read from the log."""
    with closing(SqliteResultReader(dependencies.log_file)) as log:
        async with open_store(spec, dependencies.clock, partial(_present_lineage, log)) as store:
            yield store


def _present_lineage(log: SqliteResultReader) -> Lineage:
    """Raises StoreUnavailable: a log that is damaged is set aside, and can be read again then."""
    try:
        return log.eras()[-1].lineage
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the result log cannot be read: {error}") from error


def _counting(results: Iterable[Result], lineage: Lineage) -> list[Result]:
    return [result for result in results if counts(lineage, result.era, result.slot)]
