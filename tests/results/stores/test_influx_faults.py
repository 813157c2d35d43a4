"""An InfluxDB that stands still, dies, or is cut off: later, never lost, and never a hang."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from monitor.domain.checks.observation import LOCAL, CheckId, LoggedResult
from monitor.domain.time.interval import Interval, Second
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.latency import Width
from monitor.results.stores.influx import server as server_module
from monitor.results.stores.influx.spec import InfluxSpec
from monitor.results.stores.influx.store import InfluxStore, open_store
from monitor.results.stores.ports import StoreUnavailable
from tests.results.samples import T0, some_results
from tests.results.stores.harness import influx_spec, windows_of
from tests.support.clock import FakeClock
from tests.support.fault_proxy import Proxy, fault_proxy
from tests.support.influx import InfluxLab

T = TypeVar("T")
WEB: FoldKey = (CheckId("web"), LOCAL)
DAY = Interval(T0, Second(T0 + 86_400))
ROWS = [LoggedResult(seq=r.slot, result=r) for r in some_results(0, 50)]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"


@pytest.fixture
def spec(influx: InfluxLab, tmp_path: Path) -> InfluxSpec:
    return influx_spec(influx, tmp_path, timeout_s=0.5)


@pytest.fixture
async def store(spec: InfluxSpec) -> AsyncIterator[InfluxStore]:
    async with open_store(spec, FakeClock()) as opened:
        yield opened


async def count(store: InfluxStore) -> int:
    return (await patiently(lambda: store.digest(WEB, DAY))).results


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Again while it is unavailable, as the follower does: the timeouts of these tests are short,
    and a machine that runs them all is slow."""
    for _ in range(100):
        try:
            return await ask()
        except StoreUnavailable:
            continue
    raise AssertionError("it stays unavailable")


async def test_a_server_that_stands_still_is_unavailable_in_time(
    store: InfluxStore, influx: InfluxLab
) -> None:
    await patiently(lambda: store.write(ROWS[:10]))
    influx.server.stop_answering()
    try:
        with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:\d+: no answer within 0\.5 s"):
            await store.write(ROWS)
        with pytest.raises(StoreUnavailable, match="no answer within"):
            await store.put(windows_of([r.result for r in ROWS], Width.HOUR))
        with pytest.raises(StoreUnavailable, match="no answer within"):
            await store.results(WEB, DAY, 5)
    finally:
        influx.server.answer_again()
    await patiently(lambda: store.write(ROWS))
    assert await count(store) == 50


async def test_what_a_killed_server_confirmed_is_there_when_it_comes_back(
    spec: InfluxSpec, influx: InfluxLab
) -> None:
    async with open_store(replace(spec, timeout_s=10.0), FakeClock()) as store:
        await store.write(ROWS[:30])
        influx.server.kill()
        try:
            with pytest.raises(StoreUnavailable, match=r"Connection refused|Server"):
                await store.write(ROWS)
            with pytest.raises(StoreUnavailable, match="no connection: Connection refused"):
                await store.results(WEB, DAY, 5)
        finally:
            influx.server.start_again()
        assert await count(store) == 30
        await store.write(ROWS)
        assert await count(store) == 50


@pytest.fixture
def proxy(influx: InfluxLab) -> Iterator[Proxy]:
    with fault_proxy(int(influx.server.url.rpartition(":")[2])) as opened:
        yield opened


@pytest.mark.parametrize("mode", ["refuse", "hang", "reset", "close", "cut 20", "stall 20"])
async def test_a_line_that_breaks_is_unavailable_and_works_again(
    spec: InfluxSpec, proxy: Proxy, mode: str
) -> None:
    through = replace(spec, url=f"http://127.0.0.1:{proxy.port}")
    async with open_store(through, FakeClock()) as store:
        await patiently(lambda: store.write(ROWS[:1]))
        proxy.set(mode)
        with pytest.raises(StoreUnavailable):
            await store.write(ROWS)
        with pytest.raises(StoreUnavailable):
            await store.results(WEB, DAY, 5)
        proxy.set("pass")
        await patiently(lambda: store.write(ROWS))
        assert await count(store) == 50


async def test_it_takes_no_answer_that_never_ends(
    spec: InfluxSpec, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "_LARGEST_ANSWER", 1 << 20)
    through = replace(spec, url=f"http://127.0.0.1:{proxy.port}", timeout_s=30.0)
    async with open_store(through, FakeClock()) as store:
        proxy.endless(HEAD, b"[" * 4096)
        with pytest.raises(StoreUnavailable, match="an answer of more than 1 MiB"):
            await store.results(WEB, DAY, 5)


async def test_an_answer_that_drips_is_over_in_time(spec: InfluxSpec, proxy: Proxy) -> None:
    through = replace(spec, url=f"http://127.0.0.1:{proxy.port}")
    async with open_store(through, FakeClock()) as store:
        proxy.set(f"drip {HEAD.hex()}")
        with pytest.raises(StoreUnavailable, match="no answer within"):
            await store.results(WEB, DAY, 5)
