"""Answers that a real InfluxDB cannot be made to give: its overload, and what stands before it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.checks.observation import LOCAL, CheckId, LoggedResult
from monitor.domain.time.interval import Interval, Second
from monitor.results.log.ports import FoldKey
from monitor.results.stores.influx.spec import InfluxSpec
from monitor.results.stores.influx.store import PAGE, InfluxStore, open_beside_log, open_store
from monitor.results.stores.kind import StoreDependencies
from monitor.results.stores.ports import StoreMisconfigured, StoreRefused, StoreUnavailable
from tests.results.samples import T0, a_result
from tests.support.certificates import Authority
from tests.support.clock import FakeClock
from tests.support.http_sink import Sink, sink
from tests.support.tokens import token_file

WEB: FoldKey = (CheckId("web"), LOCAL)
DAY = Interval(T0, Second(T0 + 86_400))
ROWS = [LoggedResult(seq=1, result=a_result())]
TOKEN = "a-token-that-nobody-may-read"
# As InfluxDB words its own.
OURS = b'{"code":"x","message":"in its own words"}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    token_file(tmp_path, TOKEN)
    return tmp_path


@asynccontextmanager
async def store_at(base: str, folder: Path, **settings: Any) -> AsyncIterator[InfluxStore]:
    spec = InfluxSpec(url=base, token=token_file(folder, TOKEN), **settings)
    async with open_store(spec, FakeClock.at("2026-10-21T07:28:00Z")) as opened:
        yield opened


async def raised(there: Sink, folder: Path, *, reading: bool = False) -> Exception:
    async with store_at(there.base, folder) as store:
        with pytest.raises((StoreUnavailable, StoreRefused, StoreMisconfigured)) as caught:
            await (store.results(WEB, DAY, 1) if reading else store.write(ROWS))
    assert TOKEN not in str(caught.value)
    return caught.value


async def test_it_writes_to_its_bucket_in_seconds_and_says_who_it_is(folder: Path) -> None:
    async with sink() as there, store_at(there.base + "/behind/", folder, org="o&g") as store:
        await store.write(ROWS)
    ((request, body),) = there.got
    assert request.path == "/behind/api/v2/write"
    assert request.query == {"org": "o&g", "bucket": "estado_raw", "precision": "s"}
    assert request.headers["Authorization"] == f"Token {TOKEN}"
    assert request.headers["Content-Encoding"] == "gzip"
    # aiohttp's server has unpacked it.
    assert body.startswith(b"result,check=web,location=local ")


async def test_it_compresses_nothing_where_it_may_not(folder: Path) -> None:
    async with sink() as there, store_at(there.base, folder, gzip=False) as store:
        await store.write(ROWS)
    assert "Content-Encoding" not in there.got[0][0].headers


async def test_it_sends_nothing_where_there_is_nothing(folder: Path) -> None:
    async with sink() as there, store_at(there.base, folder) as store:
        await store.write([])
        await store.put([])
    assert there.got == []


async def test_it_sends_no_more_than_5_000_lines_at_a_time(folder: Path) -> None:
    async with sink() as there, store_at(there.base, folder) as store:
        await store.write(ROWS * 10_001)
    assert [body.count(b"\n") + 1 for _, body in there.got] == [5_000, 5_000, 1]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("reading", [False, True])
async def test_a_server_in_trouble_is_unavailable(folder: Path, status: int, reading: bool) -> None:
    async with sink(status, body=OURS) as there:
        error = await raised(there, folder, reading=reading)
    assert isinstance(error, StoreUnavailable)
    assert str(error) == f"{status}: in its own words"
    assert error.retry_after is None


@pytest.mark.parametrize(
    ("value", "wait"),
    [("30", 30.0), ("Wed, 21 Oct 2026 07:28:45 GMT", 45.0), ("soon", None), ("", None)],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_it_passes_on_how_long_to_wait(
    folder: Path, value: str, wait: float | None, status: int
) -> None:
    async with sink(status, {"Retry-After": value}) as there:
        error = await raised(there, folder)
    assert isinstance(error, StoreUnavailable)
    assert error.retry_after == wait


@pytest.mark.parametrize("status", [400, 422])
async def test_only_influxdbs_own_refusal_condemns_a_result(folder: Path, status: int) -> None:
    async with sink(status, body=OURS) as there:
        assert isinstance(await raised(there, folder), StoreRefused)
    async with sink(status, body=b"<html>plain HTTP sent to an HTTPS port</html>") as there:
        error = await raised(there, folder)
    assert isinstance(error, StoreMisconfigured)
    assert "is it an InfluxDB?" in str(error)


async def test_what_is_too_large_for_a_proxy_may_pass_in_smaller_parts(folder: Path) -> None:
    async with sink(413, body=b"<html>413 Request Entity Too Large</html>") as there:
        assert isinstance(await raised(there, folder), StoreRefused)


async def test_nothing_but_204_is_taken_for_stored(folder: Path) -> None:
    """A web server that answers 200 to whatever comes has stored nothing."""
    for status in (200, 201, 202):
        async with sink(status, body=b"{}") as there:
            error = await raised(there, folder)
        assert isinstance(error, StoreMisconfigured)
        assert f"says {status} to a write" in str(error)


async def test_it_follows_nobody(folder: Path) -> None:
    async with sink() as elsewhere, sink(307, {"Location": elsewhere.base}) as there:
        for reading in (False, True):
            error = await raised(there, folder, reading=reading)
            assert isinstance(error, StoreMisconfigured)
            assert "leads to another address" in str(error)
    assert elsewhere.got == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"results": 3}',
        b"null",
        b"[" * 200_000,
        b'{"results": [1]}',
        b'{"results": [{"series": null}]}',
        b'{"results": [{"series": [{}]}]}',
        b'{"results": [{"series": [{"columns": ["time"], "values": [[1, 2]]}]}]}',
    ],
    ids=range(10),
)
async def test_an_answer_that_is_none_is_told(folder: Path, body: bytes) -> None:
    async with sink(200, body=body) as there:
        error = await raised(there, folder, reading=True)
    assert isinstance(error, StoreUnavailable)
    assert str(error) == "what answers to /query is no InfluxDB"


async def test_an_error_inside_an_answer_is_one(folder: Path) -> None:
    said = b'{"results":[{"statement_id":0,"error":"max-concurrent-queries limit exceeded"}]}'
    async with sink(200, body=said) as there:
        error = await raised(there, folder, reading=True)
    assert isinstance(error, StoreUnavailable)
    assert str(error) == "max-concurrent-queries limit exceeded"


@pytest.mark.parametrize("time", [b"null", b'"x"', b"NaN", b"1e999", b"true", b"-5", b"1"])
async def test_pages_that_lead_nowhere_end(folder: Path, time: bytes) -> None:
    """A server that repeats a page for ever would be asked for ever."""
    rows = b",".join([b"[" + time + b"]"] * PAGE)
    body = b'{"results":[{"series":[{"columns":["time"],"values":[' + rows + b"]}]}]}"
    async with sink(200, body=body) as there, store_at(there.base, folder) as store:
        with pytest.raises(StoreUnavailable, match="times that were not asked for"):
            await store.digest(WEB, DAY)
    assert len(there.got) == 1


@pytest.mark.parametrize(
    ("time", "evidence"),
    [(b"1e999", b"{}"), (b"1.5", b"{}"), (str(T0).encode(), b"[" * 100_000)],
    ids=["infinite", "halves", "nested"],
)
async def test_a_row_that_means_nothing_is_left_out(
    folder: Path, time: bytes, evidence: bytes
) -> None:
    row = b'[%s,"evidence","up",1,"%s"]' % (time, evidence)
    columns = b'["time","parts","outcome","revision","evidence"]'
    body = b'{"results":[{"series":[{"columns":%s,"values":[%s]}]}]}' % (columns, row)
    async with sink(200, body=body) as there, store_at(there.base, folder) as store:
        assert await store.results(WEB, DAY, 10) == []


@pytest.mark.parametrize("status", [400, 500])
async def test_a_refusal_nested_without_end_is_one(folder: Path, status: int) -> None:
    async with sink(status, body=b'{"a":' * 100_000) as there:
        assert f"{status}: " in str(await raised(there, folder))


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_a_refusal_can_be_written_down_and_shown(folder: Path, status: int) -> None:
    """A dead letter keeps it as UTF-8, and a person reads it on a terminal."""
    async with sink(status, body=rb'{"message": "no \u001b[2J \ud800 bucket"}') as there:
        said = str(await raised(there, folder))
    assert "no [2J bucket" in said
    assert said.isprintable()
    assert said.encode()


async def test_a_server_that_repeats_the_token_tells_nobody(folder: Path) -> None:
    for status in (400, 401, 404, 418, 500):
        for body in (f"got {TOKEN}", f'{{"message": "got {TOKEN}"}}'):
            async with sink(status, body=body.encode()) as there:
                assert "got ***" in str(await raised(there, folder))


async def test_it_examines_the_servers_certificate(folder: Path, tmp_path: Path) -> None:
    authority = Authority()
    chain, key = authority.good().write(tmp_path, "server")
    (tmp_path / "ca.pem").write_bytes(authority.ca_pem())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, key)
    async with sink(tls=context) as there:
        async with store_at(there.base, folder) as store:
            with pytest.raises(StoreUnavailable, match="its certificate is refused"):
                await store.write(ROWS)
        assert there.got == []
        for settings in ({"ca_file": str(tmp_path / "ca.pem")}, {"verify": False}):
            async with store_at(there.base, folder, **settings) as store:
                await store.write(ROWS)
        assert len(there.got) == 2
        async with store_at(there.base, folder, ca_file="/no/such.pem") as store:
            with pytest.raises(StoreMisconfigured, match=r"ca_file /no/such\.pem: No such file"):
                await store.write(ROWS)


async def test_a_log_that_cannot_be_read_is_unavailable_and_ends_no_role(folder: Path) -> None:
    """Which results count is read from the log, which a full disk may have damaged."""
    (folder / "results.db").write_bytes(b"no database, however long it is " * 1_000)
    dependencies = StoreDependencies(
        log_file=folder / "results.db",
        rollup_file=folder / "store.db",
        clock=FakeClock(),
        zone=ZoneInfo("UTC"),
    )
    async with sink() as there:
        spec = InfluxSpec(url=there.base, token=token_file(folder, TOKEN))
        async with open_beside_log(spec, dependencies) as store:
            for ask in (store.results(WEB, DAY, 1), store.digest(WEB, DAY)):
                with pytest.raises(StoreUnavailable, match="the result log cannot be read"):
                    await ask
    assert there.got == []
