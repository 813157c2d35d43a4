"""`estado store doctor` against a real InfluxDB, well and ill in each way."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.time.clock import Clock
from monitor.results.stores.influx import KIND
from monitor.results.stores.influx.doctor import MEASUREMENT, version_of
from monitor.results.stores.influx.server import Answer
from monitor.results.stores.influx.spec import InfluxSpec
from monitor.results.stores.kind import StoreDependencies
from monitor.results.stores.ports import Finding
from monitor.runtime.system_clock import SystemClock
from tests.results.stores.harness import influx_spec
from tests.support.clock import FakeClock
from tests.support.http_sink import sink
from tests.support.influx import InfluxLab
from tests.support.ports import free_ports

FOR_EVER: dict[str, Any] = {"raw_days": 0, "hourly_days": 0, "daily_days": 0}


async def findings(spec: InfluxSpec, clock: Clock | None = None) -> list[Finding]:
    around = StoreDependencies(
        log_file=Path("results.db"),
        rollup_file=Path("store.db"),
        clock=clock or SystemClock(),
        zone=ZoneInfo("UTC"),
    )
    return list(await KIND.doctor(spec, around))


async def ill(spec: InfluxSpec, clock: Clock | None = None) -> list[Finding]:
    """What is not well; each says what to do."""
    found = [finding for finding in await findings(spec, clock) if not finding.is_well]
    assert [finding.what for finding in found if not finding.remedy] == []
    return found


@pytest.fixture
def spec(influx: InfluxLab, tmp_path: Path) -> InfluxSpec:
    return influx_spec(influx, tmp_path, **FOR_EVER)


async def test_a_store_that_is_well_is_well_in_every_part(
    spec: InfluxSpec, influx: InfluxLab
) -> None:
    found = await findings(spec)
    assert [finding for finding in found if not finding.is_well] == []
    place = influx.server.url.removeprefix("http://")
    version = influx.server.ask("GET", "/health")["version"].lstrip("v")
    assert [finding.what.partition(" (")[0] for finding in found] == [
        "127.0.0.1 is an address and needs no resolver",
        "the line is not encrypted, inside this machine",
        f"InfluxDB {version} at {place}",
        "its clock and ours agree",
        "bucket estado_raw: keeps for ever",
        "bucket estado_hourly: keeps for ever",
        "bucket estado_daily: keeps for ever",
        "bucket estado_raw: a point was written, read back and deleted",
        "bucket estado_hourly: a point was written, read back and deleted",
        "bucket estado_daily: a point was written, read back and deleted",
    ]


async def test_it_leaves_nothing_behind_and_touches_nothing_else(
    spec: InfluxSpec, influx: InfluxLab
) -> None:
    now = SystemClock().now()
    influx.write("estado_raw", f"others x=1 {now}")
    await findings(spec)
    assert influx.query("estado_raw", f'SELECT * FROM "{MEASUREMENT}"') == []  # noqa: S608
    assert len(influx.query("estado_raw", 'SELECT * FROM "others"')) == 1


async def test_a_name_that_leads_nowhere(spec: InfluxSpec) -> None:
    name = f"{'x' * 64}.localhost"
    [found] = await ill(replace(spec, url=f"http://{name}:8086"))
    assert found.what.startswith(f"the name {name} is not found: ")


async def test_nobody_who_listens(spec: InfluxSpec) -> None:
    [found] = await ill(replace(spec, url=f"http://127.0.0.1:{free_ports(1)[0]}"))
    assert found.what.endswith("no connection: Connection refused")
    assert "InfluxDB's own log" in found.remedy


async def test_a_server_that_stands_still(spec: InfluxSpec, influx: InfluxLab) -> None:
    influx.server.stop_answering()
    try:
        [found] = await ill(replace(spec, timeout_s=0.3))
    finally:
        influx.server.answer_again()
    assert found.what.endswith("no answer within 0.3 s")


async def test_a_token_that_it_does_not_know(influx: InfluxLab, tmp_path: Path) -> None:
    [found] = await ill(influx_spec(influx, tmp_path, token="nobodys", **FOR_EVER))
    assert found.what.startswith("token: InfluxDB does not know it")
    assert "nobodys" not in found.what


async def test_a_token_that_is_nowhere(spec: InfluxSpec, tmp_path: Path) -> None:
    (tmp_path / "token").unlink()
    [found] = await ill(spec)
    assert found.what.startswith("the token: cannot read ")


async def test_a_token_that_may_only_read(influx: InfluxLab, tmp_path: Path) -> None:
    token = influx.new_token("read")
    [found] = await ill(influx_spec(influx, tmp_path, token=token, **FOR_EVER))
    assert found.what.startswith("token: it may not do this with the bucket estado_raw")


async def test_a_token_that_may_only_write(influx: InfluxLab, tmp_path: Path) -> None:
    token = influx.new_token("write")
    found = await ill(influx_spec(influx, tmp_path, token=token, **FOR_EVER))
    assert found[0].what == (
        f"bucket estado_raw: not found in the organisation {influx.org} (the token does not see it)"
    )
    assert "the token may not read it" in found[-1].what


async def test_an_organisation_that_is_not_there(spec: InfluxSpec) -> None:
    found = await ill(replace(spec, org="nobody"))
    assert 'organization name "nobody" not found' in found[0].what
    assert found[0].remedy == "estado store init"


async def test_a_bucket_that_is_not_there(spec: InfluxSpec) -> None:
    found = await ill(replace(spec, hourly_bucket="nope"))
    assert found[0].what.startswith("bucket nope: not found in the organisation")
    assert found[0].remedy == "estado store init"


async def test_a_retention_that_is_not_the_configured_one(
    influx: InfluxLab, tmp_path: Path
) -> None:
    influx.new_bucket("short", days=7)
    settings = {**FOR_EVER, "raw_bucket": "short", "raw_days": 90}
    [found] = await ill(influx_spec(influx, tmp_path, **settings))
    assert found.what == "bucket short: keeps 7 days, configured is 90 days"


async def test_a_token_of_another_organisation_than_the_configured_one(
    influx: InfluxLab, tmp_path: Path
) -> None:
    """What is written goes to `org`; what is asked goes to the token's own."""
    token = influx.server.token
    found = await ill(influx_spec(influx, tmp_path, token=token, **FOR_EVER))
    assert "may not read it, or is another organisation's" in found[-1].what


@pytest.mark.parametrize(("step", "side"), [(60, "behind"), (-60, "ahead of")])
async def test_clocks_that_differ(spec: InfluxSpec, step: int, side: str) -> None:
    clock = FakeClock(SystemClock().now())
    clock.step(step)
    [found] = await ill(spec, clock)
    assert found.what in {f"its clock is {by} s {side} ours" for by in range(56, 65)}
    assert "NTP" in found.remedy


async def test_fields_that_somebody_else_wrote_with_another_type(
    spec: InfluxSpec, influx: InfluxLab
) -> None:
    influx.write("estado_raw", f'{MEASUREMENT} ok="text" {SystemClock().now()}')
    [found] = await ill(spec)
    assert "field type conflict" in found.what
    assert "buckets of our own" in found.remedy


@pytest.mark.parametrize(
    ("headers", "body", "said", "is_well"),
    [
        ({"X-Influxdb-Version": "2.9.1"}, b"", "it keeps hashes alone of its tokens", True),
        ({"X-Influxdb-Version": "v2.7.12"}, b"", "2.9 hashes the tokens that it finds", True),
        ({"X-Influxdb-Version": "1.8.10"}, b"", "InfluxDB 1.8.10 at .*: not supported", False),
        ({}, b'{"version": "3.2.1"}', "InfluxDB 3.2.1 at .*: experimental", True),
        ({}, b"<html>", "does not say that it is an InfluxDB", False),
    ],
)
async def test_it_says_which_version_it_met(
    spec: InfluxSpec, headers: dict[str, str], body: bytes, said: str, is_well: bool
) -> None:
    async with sink(200, headers, body) as there:
        found = await findings(replace(spec, url=there.base))
    [version] = [f for f in found if "InfluxDB" in f.what and "url:" not in f.what][:1]
    assert re.search(said, version.what)
    assert version.is_well is is_well


def test_a_version_that_is_none_is_none() -> None:
    for said in (
        b"",
        b"[]",
        b'{"version": "latest"}',
        b'{"version": null}',
        '{"version": "²"}'.encode(),
    ):
        assert version_of(Answer(status=200, headers={}, body=said)) == ()
    named = Answer(status=204, headers={"X-Influxdb-Version": "v2.7.1-rc1"}, body=b"")
    assert version_of(named) == (2, 7, 1)


async def test_it_looks_a_name_up(spec: InfluxSpec) -> None:
    local = await findings(replace(spec, url=spec.url.replace("127.0.0.1", "localhost")))
    assert local[0].what.startswith("localhost leads to ")
    assert local[1].what == "the line is not encrypted, inside this machine"
