"""What the contract suite needs of a store: put results where it then has them, and ask it.

A new store brings one `Harness` and a line in `HARNESSES`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.checks.observation import CheckId, LocationId, Result
from monitor.domain.time.eras import Origin, next_era
from monitor.domain.time.interval import Second
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.forwarding.forwarder import Forwarder
from monitor.results.log.lookup import SqliteResultLookup
from monitor.results.log.ports import FoldKey
from monitor.results.log.result_log import SqliteResultLog, open_log
from monitor.results.rollups.follower import Carry, RollupFollower
from monitor.results.rollups.latency import LatencyBucket, Width, day_of, duration_us, hour_of
from monitor.results.rollups.rollup_store import RollupStore
from monitor.results.rollups.sketch import Sketch
from monitor.results.stores import sqlite
from monitor.results.stores.influx.spec import InfluxSpec
from monitor.results.stores.influx.store import InfluxStore, open_beside_log
from monitor.results.stores.kind import StoreDependencies
from monitor.results.stores.ports import ResultStore
from tests.results.samples import T0
from tests.support.clock import FakeClock
from tests.support.influx import InfluxLab
from tests.support.tokens import token_file

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")


class Harness(Protocol):
    """`keep` takes results as the log would give them: also late ones, and ones that came before.
    What the store then says of latencies has to fit. Days are those of `ZONE`. `set_clock` begins
    a new era, whose first second is `at` where the one before would have had `was`."""

    @property
    def store(self) -> ResultStore: ...

    async def keep(self, results: Sequence[Result]) -> None: ...

    def set_clock(self, at: Second, was: Second) -> None: ...


class Logged:
    """Appends to the log as the prober does, and counts what the follower of the store would."""

    def __init__(self, log: SqliteResultLog, around: StoreDependencies, *, is_remote: bool) -> None:
        self._log = log
        self.lookup = SqliteResultLookup(around.log_file)
        self.book = FollowerState(around.rollup_file)
        self._windows = RollupStore(around.rollup_file, is_remote=is_remote)
        self.follower = RollupFollower(
            log=self.lookup, rollups=self._windows, positions=self.book, zone=ZONE
        )

    def set_clock(self, at: Second, was: Second) -> None:
        self._log.begin_era(next_era(self.lookup.eras(), Origin.STEP, at, was))

    async def keep(self, results: Sequence[Result]) -> None:
        """All are of the present era."""
        era = self.lookup.known_eras().present.number
        self._log.append([replace(result, era=era) for result in results], {})

    async def count(self, carry: Carry | None = None) -> None:
        while await self.follower.absorb():
            pass
        while await self.follower.recount(carry):
            pass

    def close(self) -> None:
        self.lookup.close()
        self.book.close()
        self._windows.close()


class InfluxHarness(Logged):
    """Carries what was logged, as the store role does."""

    def __init__(self, log: SqliteResultLog, store: InfluxStore, around: StoreDependencies) -> None:
        super().__init__(log, around, is_remote=True)
        self.store = store
        self._shipper = Forwarder(
            log=self.lookup,
            store=store,
            positions=self.book,
            clock=around.clock,
            say=lambda event, **fields: None,
            reached=lambda point: None,
        )

    async def keep(self, results: Sequence[Result]) -> None:
        await super().keep(results)
        while self.lookup.depth(self._shipper.cursor):
            await self._shipper.step()
            assert (self._shipper.paused, self._shipper.fault) == ("", "")
        await self.count(self._shipper.forward_again)
        while await self.follower.publish(self.store):
            pass


@asynccontextmanager
async def influx_harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    lab: InfluxLab = request.getfixturevalue("influx")
    folder: Path = request.getfixturevalue("tmp_path")
    around = dependencies(folder)
    log = log_of(around)
    async with open_beside_log(influx_spec(lab, folder), around) as store:
        harness = InfluxHarness(log, store, around)
        yield harness
        harness.close()
    log.close()


class SqliteHarness(Logged):
    """The log is the store; the book absorbs it."""

    def __init__(self, log: SqliteResultLog, store: ResultStore, around: StoreDependencies) -> None:
        super().__init__(log, around, is_remote=False)
        self.store = store


class AbsorbedHarness(SqliteHarness):
    async def keep(self, results: Sequence[Result]) -> None:
        await super().keep(results)
        await self.count()


class LateHarness(SqliteHarness):
    """The book has not seen the last batch yet: it has to be found too."""

    async def keep(self, results: Sequence[Result]) -> None:
        await self.count()
        await super().keep(results)


def dependencies(folder: Path) -> StoreDependencies:
    return StoreDependencies(
        log_file=folder / "results.db",
        rollup_file=folder / "store.db",
        clock=FakeClock(),
        zone=ZONE,
    )


def log_of(around: StoreDependencies) -> SqliteResultLog:
    """A log for whose clock nothing of these tests lies ahead but what is years ahead."""
    log = open_log(around.log_file)
    log.count = lambda: T0 + 60 * 86_400.0
    return log


def sqlite_harness(
    kind: type[SqliteHarness],
) -> Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Harness]]:
    @asynccontextmanager
    async def made(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
        folder: Path = request.getfixturevalue("tmp_path")
        around = dependencies(folder)
        log = log_of(around)
        async with sqlite.KIND.build(sqlite.SqliteSpec(), around) as store:
            harness = kind(log, store, around)
            yield harness
            harness.close()
        log.close()

    return made


HARNESSES: Mapping[str, Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Harness]]] = {
    "influx": influx_harness,
    "sqlite": sqlite_harness(AbsorbedHarness),
    "sqlite, not absorbed": sqlite_harness(LateHarness),
}


def influx_spec(lab: InfluxLab, folder: Path, token: str = "", **settings: object) -> InfluxSpec:
    """A laboratory's server and organisation, with its token in a file."""
    secret = token_file(folder, token or lab.token)
    given: dict[str, object] = {"url": lab.server.url, "org": lab.org, "token": secret, **settings}
    return InfluxSpec(**given)  # type: ignore[arg-type]


def windows_of(results: Iterable[Result], width: Width) -> list[LatencyBucket]:
    """The windows of results, as the domain has them: by check, location and start."""
    looks: dict[tuple[CheckId, LocationId, Second], list[int]] = {}
    for result in results:
        start = hour_of(result.slot) if width is Width.HOUR else day_of(result.slot, ZONE)
        held = looks.setdefault((result.check, result.location, start), [])
        held += [us for us in [duration_us(result)] if us is not None]
    return [
        LatencyBucket(check=c, location=at, width=width, start=start, sketch=Sketch.of(durations))
        for (c, at, start), durations in sorted(looks.items())
        if durations
    ]


def key_of(result: Result) -> FoldKey:
    return (result.check, result.location)
