"""The embedded store: the result log has the raw results, the rollup store the latencies.

Nothing is forwarded, and no row is written twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar
from zoneinfo import ZoneInfo

from monitor.domain.checks.observation import LoggedResult, Result
from monitor.domain.time.interval import Interval, Second
from monitor.registry import EXTRA_FORBIDDEN, setting
from monitor.results.checksum import checksum
from monitor.results.log.lookup import SqliteResultLookup
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.latency import HOUR, LatencyBucket, Width, starts_in
from monitor.results.rollups.packed_runs import add_place
from monitor.results.rollups.rollup_store import RollupStore, hours_back
from monitor.results.rollups.unread import Unread
from monitor.results.stores.kind import StoreDependencies, StoreKind
from monitor.results.stores.ports import Digest, Finding, ResultStore, StoreUnavailable

_ALL = 1 << 40
_WALKED = 500_000
"""More than an hour of a large installation: only a new follower is so far behind."""
_CATCHING_UP_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteSpec:
    """How long latencies are kept; raw results as long as `operations.keep_results` says."""

    __pydantic_config__: ClassVar[dict[str, str]] = EXTRA_FORBIDDEN

    hourly_days: int = setting("How many days the latencies of each hour are kept.", 400)
    daily_days: int = setting("How many days the latencies of each day are kept.", 1830)


class SqliteStore:
    """Implements `ResultStore` and `CopySource` of `monitor.results.stores.ports`."""

    def __init__(self, log: SqliteResultLookup, rollups: RollupStore, zone: ZoneInfo) -> None:
        self._log = log
        self._rollups = rollups
        self._zone = zone

    async def write(self, rows: Sequence[LoggedResult]) -> None:
        """They come from the log, and the log keeps them."""

    async def put(self, buckets: Sequence[LatencyBucket]) -> None:
        """They come from the rollup store, and it keeps them."""

    async def results(self, key: FoldKey, span: Interval, limit: int) -> Sequence[Result]:
        return await asyncio.to_thread(self._results, key, span, limit)

    async def buckets(self, key: FoldKey, span: Interval, width: Width) -> Sequence[LatencyBucket]:
        return await asyncio.to_thread(self._read_buckets, key, span, width)

    async def digest(self, key: FoldKey, span: Interval) -> Digest:
        found = await self.logged(key, span)
        return Digest(results=len(found), checksum=checksum(row.result for row in found))

    async def subjects(self) -> Sequence[FoldKey]:
        return await asyncio.to_thread(self._rollups.subjects)

    async def logged(self, key: FoldKey, span: Interval) -> Sequence[LoggedResult]:
        return await asyncio.to_thread(self._logged, key, span, _ALL, self._rollups.position)

    def _read_buckets(self, key: FoldKey, span: Interval, width: Width) -> list[LatencyBucket]:
        """What the rollup store has, and the runs that it has not absorbed yet."""
        starts = [at for at in starts_in(span, width, self._zone) if at in span]
        if not starts:
            return []
        runs = self._log.timed_tail(key, self._cursor(), starts[0])
        unread = Unread(runs=runs, zone=self._zone, eras=self._log.known_eras())
        return self._rollups.read(key, starts, width, unread)

    def _cursor(self) -> int:
        """Up to where the rollup store has absorbed the log. The rows behind it are walked through,
        but not for a request while there are many. Raises StoreUnavailable."""
        cursor = self._rollups.position()
        behind = self._log.depth(cursor)
        if behind > _WALKED:
            raise StoreUnavailable(
                f"the last {behind} results are not counted in yet", _CATCHING_UP_S
            )
        return cursor

    def _results(self, key: FoldKey, span: Interval, limit: int) -> list[Result]:
        return [row.result for row in reversed(self._logged(key, span, limit, self._cursor))]

    def _logged(
        self, key: FoldKey, span: Interval, limit: int, cursor: Callable[[], int]
    ) -> list[LoggedResult]:
        """The newest `limit`, oldest first: what is not absorbed yet, then hour by hour
        backwards."""
        if span.seconds == 0:
            return []
        places: dict[Second, int] = {}
        tail = self._log.tail(key, cursor(), span)
        eras = self._log.known_eras()
        oldest = min([self._rollups.first_hour(), *(row.result.slot for row in tail)])
        for hour in hours_back(Interval(max(span.start, oldest), span.end)):
            of_hour = self._rollups.places(key, hour)
            late = [row for row in tail if hour <= row.result.slot < hour + HOUR]
            for row in late:
                add_place(of_hour, row.result.slot, row.seq, eras)
            for slot, seqs in of_hour.items():
                counting = eras.last_counting(slot, seqs) if slot in span else None
                if counting is not None:
                    places[slot] = counting
            if len(places) >= limit:
                break
        wanted = sorted(places, reverse=True)[:limit]
        rows = self._log.at([places[slot] for slot in wanted])
        return sorted(rows, key=lambda row: row.result.slot)


@asynccontextmanager
async def _build(spec: SqliteSpec, dependencies: StoreDependencies) -> AsyncIterator[ResultStore]:
    log = SqliteResultLookup(dependencies.log_file)
    rollups = RollupStore(dependencies.rollup_file, is_remote=False)
    try:
        yield SqliteStore(log, rollups, dependencies.zone)
    finally:
        log.close()
        rollups.close()


async def _init(spec: SqliteSpec, say: Callable[[str], None]) -> None:
    say("The embedded store needs no setting up: it is made when the product first runs.")


async def _doctor(spec: SqliteSpec, dependencies: StoreDependencies) -> Sequence[Finding]:
    return await asyncio.to_thread(_examine, dependencies)


def _examine(dependencies: StoreDependencies) -> list[Finding]:
    if not dependencies.log_file.is_file():
        return [
            Finding(
                what=f"there is no result log at {dependencies.log_file}",
                is_well=False,
                remedy="start the product (estado run), or name its folder with --data-dir",
            )
        ]
    log, rollups = (
        SqliteResultLookup(dependencies.log_file),
        RollupStore(dependencies.rollup_file, is_remote=False),
    )
    try:
        behind = log.depth(rollups.position())
    finally:
        log.close()
        rollups.close()
    return [
        Finding(what=f"raw results: {dependencies.log_file}"),
        Finding(what=f"latencies: {dependencies.rollup_file}, {behind} results not yet counted in"),
    ]


KIND = StoreKind(
    name="sqlite",
    summary="Files beside the product; nothing to set up.",
    spec=SqliteSpec,
    is_remote=False,
    build=_build,
    init=_init,
    doctor=_doctor,
)
