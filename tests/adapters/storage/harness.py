"""What the contract suite needs of a store: put results where it then has them, and ask it.

A new store brings one `Harness` and a line in `HARNESSES`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest

from monitor.adapters.result_log import SqliteResultLog, open_log
from monitor.adapters.result_log_lookup import SqliteResultLookup
from monitor.adapters.storage import sqlite
from monitor.adapters.storage.influx.spec import InfluxSpec
from monitor.adapters.storage.influx.store import InfluxStore, open_store
from monitor.adapters.storage.kind import Surroundings
from monitor.adapters.storage.windows import Windows
from monitor.domain.interval import Second
from monitor.domain.latency import LatencyWindow, Width, day_of, duration_us, hour_of
from monitor.domain.observation import CheckId, LocationId, LoggedResult, Result
from monitor.domain.sketch import Sketch
from monitor.ports.results import FoldKey
from monitor.ports.store import ResultStore
from tests.support.clock import FakeClock
from tests.support.influx import InfluxLab
from tests.support.tokens import token_file

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")


class Harness(Protocol):
    """`keep` takes results as the log would give them: also late ones, and ones that came before.
    What the store then says of latencies has to fit. Days are those of `ZONE`."""

    @property
    def store(self) -> ResultStore: ...

    async def keep(self, results: Sequence[Result]) -> None: ...


class InfluxHarness:
    """Writes what the follower would: the results, and the windows of all results so far."""

    def __init__(self, store: InfluxStore) -> None:
        self.store = store
        self._first: dict[tuple[FoldKey, Second], Result] = {}
        self._seq = 0

    async def keep(self, results: Sequence[Result]) -> None:
        for result in results:
            self._first.setdefault((key_of(result), result.slot), result)
        await self.store.write([self._logged(result) for result in results])
        for width in Width:
            await self.store.put(windows_of(self._first.values(), width))

    def _logged(self, result: Result) -> LoggedResult:
        self._seq += 1
        return LoggedResult(seq=self._seq, result=result)


@asynccontextmanager
async def influx_harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    lab: InfluxLab = request.getfixturevalue("influx")
    folder: Path = request.getfixturevalue("tmp_path")
    async with open_store(influx_spec(lab, folder), FakeClock()) as store:
        yield InfluxHarness(store)


class SqliteHarness:
    """Appends to the log as the prober does; the book absorbs it, but for the last batch: what it
    has not seen yet has to be found too."""

    def __init__(self, log: SqliteResultLog, store: ResultStore, around: Surroundings) -> None:
        self.store = store
        self._log = log
        self._lookup = SqliteResultLookup(around.log_file)
        self._windows = Windows(around.book_file, is_apart=False)

    async def keep(self, results: Sequence[Result]) -> None:
        self._log.append(results, {})

    def absorb(self) -> None:
        while looks := self._lookup.timed(self._windows.position(), 10_000):
            self._windows.absorb(looks, looks[-1].seq, ZONE)

    def close(self) -> None:
        self._lookup.close()
        self._windows.close()


class AbsorbedHarness(SqliteHarness):
    async def keep(self, results: Sequence[Result]) -> None:
        await super().keep(results)
        self.absorb()


def sqlite_harness(
    kind: type[SqliteHarness],
) -> Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Harness]]:
    @asynccontextmanager
    async def made(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
        folder: Path = request.getfixturevalue("tmp_path")
        around = Surroundings(
            log_file=folder / "results.db",
            book_file=folder / "store.db",
            clock=FakeClock(),
            zone=ZONE,
        )
        log = open_log(around.log_file)
        async with sqlite.KIND.build(sqlite.SqliteSpec(), around) as store:
            harness = kind(log, store, around)
            yield harness
            harness.close()
        log.close()

    return made


HARNESSES: Mapping[str, Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Harness]]] = {
    "influx": influx_harness,
    "sqlite": sqlite_harness(AbsorbedHarness),
}


def influx_spec(lab: InfluxLab, folder: Path, token: str = "", **settings: object) -> InfluxSpec:
    """A laboratory's server and organisation, with its token in a file."""
    secret = token_file(folder, token or lab.token)
    given: dict[str, object] = {"url": lab.server.url, "org": lab.org, "token": secret, **settings}
    return InfluxSpec(**given)  # type: ignore[arg-type]


def windows_of(results: Iterable[Result], width: Width) -> list[LatencyWindow]:
    """The windows of results, as the domain has them: by check, location and start."""
    looks: dict[tuple[CheckId, LocationId, Second], list[int]] = {}
    for result in results:
        start = hour_of(result.slot) if width is Width.HOUR else day_of(result.slot, ZONE)
        held = looks.setdefault((result.check, result.location, start), [])
        held += [us for us in [duration_us(result)] if us is not None]
    return [
        LatencyWindow(check=c, location=at, width=width, start=start, sketch=Sketch.of(durations))
        for (c, at, start), durations in sorted(looks.items())
        if durations
    ]


def key_of(result: Result) -> FoldKey:
    return (result.check, result.location)
