"""The core looks at the month beside its decisions: it tells people, and says so in `/metrics`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine

from credits.forecast.forecast import Forecast
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, open_journal, open_journal_to_read
from monitor.journal.ports import JournalError
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.core.collector import forecast_metrics
from monitor.roles.core.money.forecasting import Forecasting
from tests.credits.desk import BEGAN, CONFIG, Desk
from tests.credits.test_classification import PESOS
from tests.credits.test_contracts import HEADER, OCTOBER
from tests.support.clock import FakeClock, second

START = "2026-09-30T00:00:00Z"
FELL = "2026-10-12T13:00:00Z"
NOW = "2026-10-12T13:40:10Z"
ROUTE = """
alerts:
  routes:
    - id: billing
      audience: billing
      via: [{id: box, kind: webhook, settings: {url: "http://127.0.0.1:9/"}}]
"""


class Looking:
    """The core's part over a journal; `woken` counts how often something was to be sent."""

    def __init__(self, desk: Desk, journal: SqlJournal) -> None:
        self.journal, self.woken, self.is_current = journal, 0, True
        self.reading: Callable[[], Any] = lambda: open_journal_to_read(desk.url)
        catalogues = RevisionReader(journal).read()
        self.clock = FakeClock(second(NOW))
        self.forecasting = Forecasting(
            reading=lambda: self.reading(),
            writing=journal,
            clock=self.clock,
            catalogues=lambda: catalogues,
            is_current=lambda: self.is_current,
            wake=self._wake,
        )

    def _wake(self) -> None:
        self.woken += 1

    async def follow(self) -> Forecast | None:
        await self.forecasting.follow(_here)
        return self.forecasting.last

    def pending(self) -> list[str]:
        with self.journal.transaction() as tx:
            return [one.target for one in tx.outbox.due(Second(1 << 40), 100)]


async def _here(work: Callable[[], Any]) -> Any:
    return work()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def sold(desk: Desk) -> Desk:
    desk.publish(CONFIG + ROUTE, Second(BEGAN + 60))
    with time_machine.travel("2026-10-01T12:00:00Z", tick=False):
        ran = desk.type("contracts", "import", desk.write(HEADER + OCTOBER + PESOS))
    assert ran.code == 0, ran.err
    desk.live("web-1-tcp", START, "2026-10-12T13:40:00Z", (FELL, "2026-10-12T13:40:00Z"))
    return desk


@asynccontextmanager
async def looking(desk: Desk) -> AsyncIterator[Looking]:
    with open_journal(desk.url) as journal:
        yield Looking(desk, journal)


async def test_it_enqueues_what_is_to_be_told_and_wakes_who_sends_it(sold: Desk) -> None:
    async with looking(sold) as core:
        found = await core.follow()
        assert found is not None
        assert (found.contracts, core.pending(), core.woken) == (2, ["box"], 1)
        await core.follow()
        assert (core.pending(), core.woken) == (["box"], 1)


async def test_the_metrics_name_terms_and_components_and_no_contract(sold: Desk) -> None:
    async with looking(sold) as core:
        metrics = forecast_metrics(await core.follow())
    assert metrics is not None
    assert (metrics.contracts, metrics.going_on, metrics.reached) == (2, 2, {50: 2, 80: 2, 100: 0})
    assert metrics.then == {"ARS": 99.03, "USD": 1.36}
    assert list(metrics.used) == ["standard"]
    assert metrics.downtime == {"web-1": 2_400}


async def test_nothing_is_told_while_the_core_has_results_to_read(sold: Desk) -> None:
    async with looking(sold) as core:
        core.is_current = False
        assert await core.follow() is None
        assert (core.pending(), core.woken) == ([], 0)


async def test_a_journal_that_fails_ends_nobody_and_is_asked_again(sold: Desk) -> None:
    def fail() -> Any:
        raise JournalError("away")

    async with looking(sold) as core:
        reading, core.reading = core.reading, fail
        running = asyncio.create_task(core.forecasting.run(_here))
        await asyncio.to_thread(lambda: None)
        core.reading = reading
        assert await core.follow() is not None
        assert not running.done()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


def quiet(desk: Desk) -> None:
    desk.live("web-1-tcp", "2026-10-12T13:40:00Z", "2026-10-12T14:00:00Z")


async def test_where_nothing_is_down_and_nothing_was_written_nothing_is_computed(
    sold: Desk,
) -> None:
    quiet(sold)
    async with looking(sold) as core:
        core.clock.advance(1_200)
        await core.follow()
        # That something is to be told was written meanwhile.
        first = await core.follow()
        core.clock.advance(60)
        assert await core.follow() is first
        sold.live("web-1-tcp", "2026-10-12T14:00:00Z", "2026-10-12T14:20:00Z",
                  ("2026-10-12T14:00:00Z", "2026-10-12T14:05:00Z"))  # fmt: skip
        core.clock.advance(60)
        assert await core.follow() is not first
        last = core.forecasting.last
        core.clock.advance(601)
        assert await core.follow() is not last


async def test_while_something_is_down_it_is_computed_each_time(sold: Desk) -> None:
    async with looking(sold) as core:
        await core.follow()
        before = await core.follow()
        assert await core.follow() is not before


async def test_where_nothing_is_sold_there_are_no_metrics(desk: Desk) -> None:
    async with looking(desk) as core:
        assert await core.follow() is None
        assert forecast_metrics(core.forecasting.last) is None
