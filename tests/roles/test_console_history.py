"""The store that the console reads: open beside the store role, and only where there is one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.catalogues.file import write_catalogues
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import CatalogueRevision, Store
from monitor.domain.secret import Secret
from monitor.domain.time.interval import Interval, Second
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.log.result_log import open_log
from monitor.results.stores.influx.spec import InfluxSpec
from monitor.results.stores.ports import StoreMetrics, StoreMisconfigured, StoreUnavailable
from monitor.roles.catalogues.followed import FollowedCatalogues
from monitor.roles.console.history import ConsoleHistory
from monitor.roles.settings import catalogue_file, follower_file, log_file
from tests.history.archive import NOW, result, revision
from tests.support.clock import FakeClock

REMOTE = Store(
    kind="influx",
    spec=InfluxSpec(url="http://127.0.0.1:9", token=Secret("${NO_TOKEN}")),
)


def followed(folder: Path, made: CatalogueRevision) -> FollowedCatalogues:
    write_catalogues(catalogue_file(folder), [made])
    return FollowedCatalogues(catalogue_file(folder), Catalogues([made]), FakeClock(NOW))


@asynccontextmanager
async def running(folder: Path, made: CatalogueRevision) -> AsyncIterator[ConsoleHistory]:
    opened = ConsoleHistory(folder, followed(folder, made), FakeClock(NOW))
    task = asyncio.create_task(opened.run())
    try:
        yield opened
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def run_store_role(folder: Path) -> None:
    """What the prober and the store role leave."""
    log = open_log(log_file(folder))
    log.append([result(60)], {})
    log.close()
    state = FollowerState(follower_file(folder))
    state.note(
        StoreMetrics(at=NOW, started_at=NOW, kind="sqlite", oldest_unstored=Second(NOW - 60))
    )
    state.close()


async def until_it_says(opened: ConsoleHistory, words: str) -> None:
    said = ""
    async with asyncio.timeout(60):
        while words not in said:
            await asyncio.sleep(0.01)
            try:
                opened.store()
                said = "open"
            except StoreUnavailable as error:
                said = str(error)


async def test_it_reads_what_the_store_role_has_filled(tmp_path: Path) -> None:
    run_store_role(tmp_path)
    made = revision()
    async with running(tmp_path, made) as opened:
        await until_it_says(opened, "open")
        check = made.catalogue.checks[0]
        span = Interval(Second(NOW - 600), NOW)
        found = await opened.store().store.results((check.id, check.locations[0]), span, 10)
        assert [one.slot for one in found] == [NOW - 60]
        assert opened.store().results_until() == NOW


async def test_it_makes_no_file_where_no_store_role_has_run(tmp_path: Path) -> None:
    async with running(tmp_path, revision()) as opened:
        await until_it_says(opened, "the store role has not run")
    assert not follower_file(tmp_path).exists()


async def test_a_token_that_is_not_here_is_named_when_results_are_asked_for(
    tmp_path: Path,
) -> None:
    run_store_role(tmp_path)
    made = revision()
    remote = replace(made, catalogue=replace(made.catalogue, store=REMOTE))
    check, span = made.catalogue.checks[0], Interval(Second(NOW - 600), NOW)
    async with running(tmp_path, remote) as opened:
        await until_it_says(opened, "open")
        with pytest.raises(StoreMisconfigured, match="NO_TOKEN"):
            await opened.store().store.results((check.id, check.locations[0]), span, 10)
        assert opened.store().results_until() == NOW - 60
        assert opened.store().buckets_until() is None
