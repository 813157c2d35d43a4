"""A console with a past: a week of results in a store, an outage each night, and a budget."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from monitor.api.app import make_api_app
from monitor.console.app import add_console
from monitor.domain.catalogue import Catalogue, ConfiguredTerms
from monitor.domain.checks.observation import LOCAL, CheckId, FailureId, Outcome, Result
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.history.http.concurrency_limit import ConcurrencyLimit
from monitor.history.http.handler import QueryHandler
from monitor.roles.store.history_journal import HistoryJournal
from tests.api.service import Service, service
from tests.history.archive import Archive, open_archive
from tests.support.worlds import DNS, INTERVAL, MAIL, T0, WEB, ZONE, catalogue, look

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Past:
    made: Service
    archive: Archive


def company() -> Catalogue:
    terms = ConfiguredTerms(fields={"guarantee": "0.9989"})
    return replace(catalogue(), terms=(terms,))


@asynccontextmanager
async def past(folder: Path, *, limit: ConcurrencyLimit | None = None) -> AsyncIterator[Past]:
    """The console of a small company, and the store that it reads, which is empty."""
    for name in ("api", "past"):
        (folder / name).mkdir()
    async with (
        service(folder / "api", catalogue=company(), with_pages=True) as api,
        open_archive(
            folder / "past",
            clock=api.world.clock,
            catalogues=api.world.catalogues,
            journal=HistoryJournal(folder / "api", lambda: None),
        ) as archive,
    ):
        handler = QueryHandler(
            source=archive.server, clock=archive.clock, limit=limit or ConcurrencyLimit()
        )
        backend = replace(api.backend, history=handler)
        app = make_api_app(backend)
        add_console(app, backend)
        async with TestClient(TestServer(app)) as client:
            yield Past(replace(api, client=client, backend=backend), archive)


def live_a_week(made: Service) -> None:
    """Down from three to twenty past each night, slow once, planned work, and silence."""
    world = made.world
    until = T0 + 6 * DAY
    while world.clock.now() < until:
        now = world.clock.now()
        local = at_zone(now, ZONE)
        mark = "-" if local.hour == 3 and local.minute < 20 and local.day != 24 else "+"
        if (local.day, local.hour) == (25, 17):
            mark = "~"
        if (local.day, local.hour) == (24, 11):
            mark = "-"
        if not (local.day == 26 and 5 <= local.hour < 8):
            world.log.add(*(look(c, now, mark if c == WEB else "+") for c in (WEB, DNS, MAIL)))
        world.clock.advance(INTERVAL)
    while world.core.tick().backlog:
        pass


def results(until: Second, *, days: int = 6, each_s: int = 5 * INTERVAL) -> Iterator[Result]:
    """Of web-check, slower by day than by night; a failed one each hour."""
    for number, slot in enumerate(range(until - days * DAY, until, each_s)):
        hour = at_zone(Second(slot), ZONE).hour
        busy = 1 + math.sin(hour / 24 * math.pi) + (number * 7919 % 13) / 10
        is_up = number % 12 != 11
        yield Result(
            check=CheckId("web-check"), location=LOCAL, slot=Second(slot), revision=1,
            outcome=Outcome.UP if is_up else Outcome.DOWN,
            failure=None if is_up else FailureId("conn_refused"),
            phases_ms={"dns": 2.0, "connect": 10 * busy, "tls": 18.0, "reply": 40 * busy},
        )  # fmt: skip
