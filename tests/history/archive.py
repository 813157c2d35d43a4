"""A log, a book, a store and the history server over them, on loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import aiohttp

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import CatalogueRevision
from monitor.domain.checks.observation import (
    CheckId,
    FailureId,
    Json,
    LocationId,
    Outcome,
    Result,
)
from monitor.domain.time.interval import Second
from monitor.history.queries import OpenStore
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.forwarding.forwarder import Forwarder
from monitor.results.log.lookup import SqliteResultLookup
from monitor.results.log.result_log import SqliteResultLog, open_log
from monitor.results.rollups.follower import RollupFollower
from monitor.results.rollups.rollup_store import RollupStore
from monitor.results.stores import influx
from monitor.results.stores.kind import StoreDependencies
from monitor.results.stores.ports import ResultStore
from monitor.results.stores.sqlite import KIND, SqliteSpec
from monitor.roles.store.history_journal import HistoryJournal
from monitor.roles.store.history_server import HistoryServer
from tests.results.stores.harness import influx_spec
from tests.support.catalogues import a_check, a_revision
from tests.support.clock import FakeClock, second
from tests.support.influx import InfluxLab

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
NOW = second("2026-11-25T12:00:00Z")
HOST = "127.0.0.1"
NORTH, SOUTH = LocationId("north"), LocationId("south")
INTERVAL = 20


def revision() -> CatalogueRevision:
    checks = [
        a_check("web-https", interval=INTERVAL, spec={"token": "secret"}),
        a_check("mail-smtp", interval=60),
        a_check("dns-a", interval=INTERVAL, locations=(NORTH, SOUTH)),
    ]
    made = a_revision(checks)
    return replace(made, catalogue=replace(made.catalogue, zone=ZONE))


def result(
    back_s: float, *, check: str = "web-https", location: str = "local", ms: float | None = 10.0,
    outcome: Outcome = Outcome.UP, message: str = "", evidence: dict[str, Json] | None = None,
) -> Result:  # fmt: skip
    """A result of that many seconds before NOW; without `ms` it failed."""
    outcome = Outcome.DOWN if ms is None else outcome
    return Result(
        check=CheckId(check),
        location=LocationId(location),
        slot=Second(int(NOW - back_s)),
        revision=1,
        outcome=outcome,
        failure=None if outcome is Outcome.UP else FailureId("conn_refused"),
        message=message,
        phases_ms={} if ms is None else {"connect": ms / 2, "reply": ms / 2},
        evidence=evidence or {},
    )


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


@dataclass(slots=True)
class Archive:
    """`log` and `count` are the prober's and the follower's work; `ask` is an operator's.

    A store elsewhere, of which there is a shipper, has at once what is logged.
    """

    folder: Path
    clock: FakeClock
    catalogues: Catalogues
    server: HistoryServer
    writer: SqliteResultLog
    follower: RollupFollower
    store: ResultStore
    shipper: Forwarder | None
    session: aiohttp.ClientSession
    logged: list[Result] = field(default_factory=list)

    async def log(self, *results: Result) -> None:
        self.writer.append(results, {})
        self.logged += results
        if self.shipper is not None:
            while await self.shipper.step() == 0.0:
                pass
            await self.count()

    async def count(self) -> None:
        """Count in what was logged, as every five minutes."""
        while await self.follower.absorb():
            pass
        while self.shipper is not None and await self.follower.publish(self.store):
            pass

    @property
    def url(self) -> str:
        _, port = self.server.addresses[0]
        return f"http://{HOST}:{port}"

    async def ask(
        self, path: str, *, method: str = "GET", accept: str = "*/*", host: str = "", **query: str
    ) -> Answer:
        """`from_` is `from`."""
        asked = urlencode({name.rstrip("_"): value for name, value in query.items()})
        address = f"{self.url}/api/v1/checks{path}" + (f"?{asked}" if asked else "")
        headers = {"Accept": accept} | ({"Host": host} if host else {})
        async with self.session.request(method, address, headers=headers) as said:
            return Answer(said.status, dict(said.headers), await said.text())

    async def body(self, path: str, **query: str) -> Any:
        answer = await self.ask(path, **query)
        assert answer.status == 200, answer.text
        return answer.body

    async def pages(self, path: str, **query: str) -> list[Any]:
        """All results, page by page, as somebody asks who follows the cursors."""
        found: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            body = await self.body(path, **query, **cursor)
            found += body["results"]
            if body["next_cursor"] is None:
                return found
            cursor = {"cursor": body["next_cursor"]}


@asynccontextmanager
async def open_archive(
    folder: Path,
    *,
    clock: FakeClock | None = None,
    catalogues: Catalogues | None = None,
    journal: HistoryJournal | None = None,
    lab: InfluxLab | None = None,
) -> AsyncIterator[Archive]:
    """Over the embedded store, or over a laboratory's."""
    clock = clock or FakeClock(NOW)
    catalogues = catalogues or Catalogues([revision()])
    journal = journal or HistoryJournal(folder, lambda: None)
    around = StoreDependencies(
        log_file=folder / "results.db", rollup_file=folder / "store.db", clock=clock, zone=ZONE
    )
    writer, book = open_log(around.log_file), FollowerState(around.rollup_file)
    windows = RollupStore(around.rollup_file, is_remote=lab is not None)
    reader = SqliteResultLookup(around.log_file)
    follower = RollupFollower(log=reader, rollups=windows, positions=book, zone=ZONE)
    server = HistoryServer(lambda: catalogues, clock, journal)
    made = KIND.build(SqliteSpec(), around)
    if lab is not None:
        made = influx.KIND.build(influx_spec(lab, folder), around)
    async with made as store, aiohttp.ClientSession() as session:
        shipper = _shipper(reader, store, book, clock) if lab is not None else None
        until = clock.now if shipper is None else lambda: shipper.exported_until
        kind = "sqlite" if lab is None else "influx"
        server.open_on(OpenStore(kind=kind, store=store, results_until=until, buckets_until=until))
        await server.listen(HOST, 0)
        try:
            yield Archive(
                folder, clock, catalogues, server, writer, follower, store, shipper, session
            )
        finally:
            await server.close()
            for opened in (writer, reader, windows, book):
                opened.close()


def _shipper(
    reader: SqliteResultLookup, store: ResultStore, book: FollowerState, clock: FakeClock
) -> Forwarder:
    def nothing(*said: object, **more: object) -> None:
        pass

    return Forwarder(
        log=reader, store=store, positions=book, clock=clock, say=nothing, reached=nothing
    )


def every(seconds: int, count: int, **more: Any) -> Sequence[Result]:
    """So many results, one every `seconds`, the newest at NOW - seconds; oldest first."""
    return [result(seconds * back, **more) for back in range(count, 0, -1)]
