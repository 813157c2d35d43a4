"""What a real InfluxDB answers, and what the store makes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.checks.observation import LOCAL, CheckId, LoggedResult, Result
from monitor.domain.time.interval import Interval, Second
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.latency import Width
from monitor.results.stores.influx.store import InfluxStore, open_store
from monitor.results.stores.ports import StoreMisconfigured, StoreRefused
from monitor.runtime.system_clock import SystemClock
from tests.results.samples import T0, a_result, some_results
from tests.results.stores.harness import influx_spec, windows_of
from tests.support.clock import FakeClock
from tests.support.influx import InfluxLab
from tests.support.tokens import token_file

WEB: FoldKey = (CheckId("web"), LOCAL)
DAY = Interval(T0, Second(T0 + 86_400))


@pytest.fixture
async def store(influx: InfluxLab, tmp_path: Path) -> AsyncIterator[InfluxStore]:
    async with open_store(influx_spec(influx, tmp_path), FakeClock()) as opened:
        yield opened


def logged(*results: Result) -> list[LoggedResult]:
    return [LoggedResult(seq=n, result=result) for n, result in enumerate(results, start=1)]


async def slots(store: InfluxStore) -> list[int]:
    return [r.slot - T0 for r in await store.results(WEB, DAY, 100)]


async def test_what_it_wrote_is_there_under_the_documented_names(
    store: InfluxStore, influx: InfluxLab
) -> None:
    await store.write(logged(a_result(5, message="lento", evidence={"status": 200})))
    assert influx.query("estado_raw", 'SELECT * FROM "result"') == [
        {
            "time": T0 + 5,
            "check": "web",
            "location": "local",
            "outcome": "up",
            "ok": 1,
            "message": "lento",
            "evidence": '{"status":200}',
            "parts": "evidence,message,phase_connect_ms",
            "phase_connect_ms": 1.25,
            "total_ms": 1.25,
            "revision": 1,
            "seq": 1,
            "era": 0,
        }
    ]


async def test_hours_and_days_go_to_buckets_of_their_own(
    store: InfluxStore, influx: InfluxLab
) -> None:
    results = some_results(0, 10)
    for width in Width:
        await store.put(windows_of(results, width))
    for bucket in ("estado_hourly", "estado_daily"):
        [row] = influx.query(bucket, 'SELECT * FROM "latency"')
        assert (row["check"], row["looks"], row["min_ms"], row["max_ms"]) == ("web", 10, 1.25, 1.25)
        assert row["p50_ms"] == row["p99_ms"] == row["mean_ms"] == 1.25
    assert influx.query("estado_raw", 'SELECT * FROM "latency"') == []


async def test_a_line_that_it_cannot_read_refuses_the_whole_batch(store: InfluxStore) -> None:
    """400: an integer of more than 64 bits."""
    bad = replace(a_result(1), revision=2**63)
    with pytest.raises(StoreRefused, match=r"400: unable to parse 'result,check=web"):
        await store.write(logged(a_result(0), bad, a_result(2)))
    assert await slots(store) == []


async def test_a_field_of_another_type_refuses_its_line_alone(
    store: InfluxStore, influx: InfluxLab
) -> None:
    """422: the rest of the batch is stored."""
    influx.write("estado_raw", f'result,check=x,location=local phase_tls_ms="text" {T0}')
    bad = replace(a_result(1), phases_ms={"tls": 2.0})
    with pytest.raises(StoreRefused, match=r"422: .*field type conflict"):
        await store.write(logged(a_result(0), bad, a_result(2)))
    assert await slots(store) == [2, 0]


async def test_what_is_older_than_the_retention_is_not_kept_and_stops_nothing(
    influx: InfluxLab, tmp_path: Path
) -> None:
    influx.new_bucket("short", days=1)
    now = SystemClock().now()
    spec = influx_spec(influx, tmp_path, raw_bucket="short")
    old, young = replace(a_result(), slot=Second(now - 3 * 86_400)), replace(a_result(), slot=now)
    async with open_store(spec, SystemClock()) as store:
        await store.write(logged(old, young))
        span = Interval(Second(now - 9 * 86_400), Second(now + 1))
        assert await store.results(WEB, span, 10) == [young]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"raw_bucket": "nope"}, 'the bucket nope or its organisation .* bucket "nope" not found'),
        ({"org": "nope"}, 'the bucket estado_raw or its .* organization name "nope" not found'),
    ],
)
async def test_it_says_what_is_not_there_when_it_writes(
    influx: InfluxLab, tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    async with open_store(influx_spec(influx, tmp_path, **settings), FakeClock()) as store:
        with pytest.raises(StoreMisconfigured, match=f"{said}.*estado store init"):
            await store.write(logged(a_result()))


async def test_it_says_what_is_not_there_when_it_reads(influx: InfluxLab, tmp_path: Path) -> None:
    spec = influx_spec(influx, tmp_path, raw_bucket="nope", hourly_bucket="nor_this")
    async with open_store(spec, FakeClock()) as store:
        with pytest.raises(StoreMisconfigured, match="the bucket nope is not there, or the token"):
            await store.results(WEB, DAY, 1)
        with pytest.raises(StoreMisconfigured, match="the bucket nope is not there, or the token"):
            await store.digest(WEB, DAY)
        with pytest.raises(StoreMisconfigured, match="the bucket nor_this is not there"):
            await store.buckets(WEB, DAY, Width.HOUR)


async def test_it_says_that_the_token_is_unknown_and_takes_a_new_one_at_once(
    influx: InfluxLab, tmp_path: Path
) -> None:
    spec = influx_spec(influx, tmp_path, token="nobodys-token")
    async with open_store(spec, FakeClock()) as store:
        with pytest.raises(StoreMisconfigured, match="token: InfluxDB does not know it") as wrote:
            await store.write(logged(a_result()))
        with pytest.raises(StoreMisconfigured, match="token: InfluxDB does not know it") as read:
            await store.results(WEB, DAY, 1)
        assert "nobodys-token" not in f"{wrote.value}{read.value}"
        token_file(tmp_path, influx.token)
        await store.write(logged(a_result()))
        assert await slots(store) == [0]


async def test_it_says_what_the_token_may_not_do(influx: InfluxLab, tmp_path: Path) -> None:
    spec = influx_spec(influx, tmp_path, token=influx.new_token("read"))
    async with open_store(spec, FakeClock()) as reader:
        assert await reader.results(WEB, DAY, 1) == []
        with pytest.raises(StoreMisconfigured, match=r"may not do this with .* estado_raw .*403"):
            await reader.write(logged(a_result()))
    spec = influx_spec(influx, tmp_path, token=influx.new_token("write"))
    async with open_store(spec, FakeClock()) as writer:
        await writer.write(logged(a_result()))
        with pytest.raises(StoreMisconfigured, match="the token may not read it, or is"):
            await writer.results(WEB, DAY, 1)


async def test_it_says_that_a_tokens_file_is_not_there(influx: InfluxLab, tmp_path: Path) -> None:
    async with open_store(influx_spec(influx, tmp_path), FakeClock()) as store:
        (tmp_path / "token").unlink()
        with pytest.raises(StoreMisconfigured, match=r"the token: cannot read .*/token: No such"):
            await store.write(logged(a_result()))
        for nonsense in ("", "two words", "ñandú"):
            token_file(tmp_path, nonsense)
            with pytest.raises(StoreMisconfigured, match="reference names is no token"):
                await store.write(logged(a_result()))


async def test_what_others_wrote_among_ours_is_left_out(
    store: InfluxStore, influx: InfluxLab
) -> None:
    await store.write(logged(a_result(1)))
    await store.put(windows_of([a_result(1)], Width.HOUR))
    influx.write("estado_raw", f'result,check=web,location=local outcome="up" {T0 + 2}')
    influx.write("estado_raw", f"result,check=web,location=local other=1 {T0 + 3}")
    influx.write("estado_hourly", f'latency,check=web,location=local sketch="eA==" {T0 + 3600}')
    assert await slots(store) == [1]
    assert len(await store.buckets(WEB, DAY, Width.HOUR)) == 1


async def test_a_question_asks_for_what_it_says_and_no_more(
    store: InfluxStore, influx: InfluxLab
) -> None:
    """Ids come from the configuration; a quote in one ends no literal."""
    await store.write(logged(a_result(1)))
    for odd in ("web' OR 'a' = 'a", "web\\", "w'", "/web/", "web\n", '"check"'):
        assert await store.results((CheckId(odd), LOCAL), DAY, 9) == []
    odd_key = CheckId('it\'s a \\ o "quote"')
    await store.write(logged(a_result(4, check=odd_key)))
    assert await store.results((odd_key, LOCAL), DAY, 9) == [a_result(4, check=odd_key)]


async def test_a_span_may_reach_beyond_all_time(store: InfluxStore) -> None:
    await store.write(logged(a_result(1)))
    always = Interval(Second(-(2**60)), Second(2**60))
    assert len(await store.results(WEB, always, 9)) == 1
    assert (await store.digest(WEB, always)).results == 1
