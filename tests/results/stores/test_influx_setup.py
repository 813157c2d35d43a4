"""`estado store init` on a real InfluxDB: empty, set up by others, and a second time."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from monitor.domain.checks.observation import LOCAL, CheckId, LoggedResult
from monitor.domain.secret import Secret
from monitor.domain.time.interval import Interval, Second
from monitor.results.stores.influx.setup import init
from monitor.results.stores.influx.spec import InfluxSpec
from monitor.results.stores.influx.store import open_store
from monitor.results.stores.ports import StoreMisconfigured, StoreUnavailable
from monitor.runtime.system_clock import SystemClock
from tests.results.samples import a_result
from tests.support.http_sink import sink
from tests.support.influx import InfluxLab, InfluxServer, laboratory, running_influx
from tests.support.ports import free_ports
from tests.support.tokens import token_file

DAY = 86_400
NAMES = ("estado_raw", "estado_hourly", "estado_daily")


@pytest.fixture
def bare(influx_server: InfluxServer) -> Iterator[InfluxLab]:
    """An organisation without buckets."""
    with laboratory(influx_server) as made:
        yield made


@pytest.fixture
def spec(bare: InfluxLab, tmp_path: Path) -> InfluxSpec:
    """Nobody has made the product's token yet; the all-access one is known."""
    return InfluxSpec(
        url=bare.server.url,
        org=bare.org,
        token=Secret(f"file:{tmp_path}/product"),
        admin_token=token_file(tmp_path, bare.server.token, "admin"),
    )


async def told(spec: InfluxSpec) -> list[str]:
    said: list[str] = []
    await init(spec, said.append)
    return said


async def works(spec: InfluxSpec) -> bool:
    """Whether a result goes there and comes back."""
    now = SystemClock().now()
    result = replace(a_result(), slot=now)
    async with open_store(spec, SystemClock()) as store:
        await store.write([LoggedResult(seq=1, result=result)])
        span = Interval(now, Second(now + 1))
        return await store.results((CheckId("web"), LOCAL), span, 1) == [result]


def retention(lab: InfluxLab) -> dict[str, int]:
    found = lab.server.ask("GET", "/api/v2/buckets", orgID=lab.org_id)["buckets"]
    return {
        b["name"]: sum(rule["everySeconds"] for rule in b["retentionRules"]) // DAY
        for b in found
        if b["type"] == "user"
    }


async def test_an_empty_server_is_ready_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with running_influx(folder) as server:
        spec = InfluxSpec(
            url=server.url,
            token=Secret(f"file:{tmp_path}/product"),
            admin_token=Secret(f"file:{tmp_path}/admin"),
        )
        said = await told(spec)
        assert said[0].startswith("InfluxDB was empty. Its owner, for its web pages, is now estado")
        assert said[2].startswith("all-access token: made; the product never needs it. It is in")
        assert "bucket estado_raw: is there, keeps 90 days" in said
        assert "bucket estado_hourly: made, keeps 400 days" in said
        assert "bucket estado_daily: made, keeps 1830 days" in said
        assert await works(spec)
        for name in ("product", "admin"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        again = await told(spec)
        assert again[:5] == [
            "organisation estado: is there",
            "bucket estado_raw: is there, keeps 90 days",
            "bucket estado_hourly: is there, keeps 400 days",
            "bucket estado_daily: is there, keeps 1830 days",
            "token: is there, and may read and write the three buckets",
        ]
        assert again[5].startswith("token for Grafana: is there (id ")
        assert len(again) == 6


async def test_an_empty_server_takes_the_all_access_token_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMIN", "an-all-access-token-of-my-own")
    with running_influx(tmp_path) as server:
        spec = InfluxSpec(
            url=server.url, token=Secret("${PRODUCT}"), admin_token=Secret("${ADMIN}")
        )
        said = await told(spec)
        server.token = "an-all-access-token-of-my-own"
        assert len(server.ask("GET", "/api/v2/orgs")["orgs"]) == 1
        assert server.token not in "\n".join(said)
        # What the environment has to hold is shown as it is written there.
        name, _, token = said[said.index(PRODUCT_SHOWN) + 1].strip().partition("=")
        monkeypatch.setenv(name, token)
        assert await works(spec)


PRODUCT_SHOWN = (
    "token: made; it may read and write the three buckets. Set it in the environment; "
    "it is shown this once"
)


async def test_it_makes_what_is_missing_and_says_it(spec: InfluxSpec, bare: InfluxLab) -> None:
    said = await told(spec)
    assert said[:4] == [
        f"organisation {bare.org}: is there",
        "bucket estado_raw: made, keeps 90 days",
        "bucket estado_hourly: made, keeps 400 days",
        "bucket estado_daily: made, keeps 1830 days",
    ]
    assert retention(bare) == {"estado_raw": 90, "estado_hourly": 400, "estado_daily": 1830}
    assert await works(spec)


async def test_it_makes_the_organisation_too(spec: InfluxSpec, bare: InfluxLab) -> None:
    elsewhere = replace(spec, org=f"{bare.org}-new")
    said = await told(elsewhere)
    assert said[0] == f"organisation {bare.org}-new: made"
    assert await works(elsewhere)
    [made] = bare.server.ask("GET", "/api/v2/orgs", org=f"{bare.org}-new")["orgs"]
    bare.server.ask("DELETE", f"/api/v2/orgs/{made['id']}")


async def test_a_second_time_it_makes_nothing(spec: InfluxSpec, bare: InfluxLab) -> None:
    await told(spec)
    before = (retention(bare), tokens(bare))
    said = await told(spec)
    assert [line for line in said if "made" in line] == []
    assert (retention(bare), tokens(bare)) == before


def tokens(lab: InfluxLab) -> list[str]:
    found = lab.server.ask("GET", "/api/v2/authorizations", orgID=lab.org_id)["authorizations"]
    return sorted(token["id"] for token in found)


async def test_a_retention_that_was_configured_anew_is_changed(
    spec: InfluxSpec, bare: InfluxLab
) -> None:
    await told(spec)
    said = await told(replace(spec, raw_days=30, hourly_days=0, daily_days=3650))
    assert "bucket estado_raw: kept 90 days, keeps 30 days from now on" in said
    assert "bucket estado_hourly: kept 400 days, keeps for ever from now on" in said
    assert retention(bare) == {"estado_raw": 30, "estado_hourly": 0, "estado_daily": 3650}


async def test_what_others_made_is_never_shortened(spec: InfluxSpec, bare: InfluxLab) -> None:
    bare.new_bucket("estado_raw", days=30)
    bare.new_bucket("estado_hourly", days=401)
    bare.new_bucket("estado_daily")
    said = await told(spec)
    assert said[1] == "bucket estado_raw: kept 30 days, keeps 90 days from now on"
    assert said[2].startswith("bucket estado_hourly: keeps 401 days, and was not made here; left")
    assert said[3].startswith("bucket estado_daily: keeps for ever, and was not made here; left")
    assert retention(bare) == {"estado_raw": 90, "estado_hourly": 401, "estado_daily": 0}


async def test_its_tokens_may_do_what_they_must_and_no_more(
    spec: InfluxSpec, bare: InfluxLab, tmp_path: Path
) -> None:
    said = await told(spec)
    shown = said[said.index(GRAFANA_SHOWN) + 1].strip()
    bare.new_bucket("salaries")
    product = (tmp_path / "product").read_text("utf-8").strip()
    another = {"orgID": bare.org_id, "name": "another"}
    for token in (product, shown):
        with pytest.raises(HTTPError, match="403"):
            ask(bare, token, "POST", "/api/v2/write", b"m x=1", bucket="salaries")
        with pytest.raises(HTTPError, match="401"):
            ask(bare, token, "POST", "/api/v2/buckets", another)
        with pytest.raises(HTTPError, match="401"):
            ask(bare, token, "DELETE", f"/api/v2/orgs/{bare.org_id}")
        found = ask(bare, token, "GET", "/api/v2/buckets")["buckets"]
        assert {bucket["name"] for bucket in found} == set(NAMES)
    for name in NAMES:
        ask(bare, product, "POST", "/api/v2/write", b"m x=1", bucket=name)
        with pytest.raises(HTTPError, match="403"):
            ask(bare, shown, "POST", "/api/v2/write", b"m x=1", bucket=name)


GRAFANA_SHOWN = (
    "token for Grafana: made; it may only read the three buckets, and is shown this once"
)


def ask(lab: InfluxLab, token: str, method: str, path: str, body: Any = None, **query: str) -> Any:
    return lab.server.ask(method, path, body, token, org=lab.org, **query)


async def test_it_shows_no_token_that_a_file_holds(spec: InfluxSpec, tmp_path: Path) -> None:
    said = "\n".join(await told(spec))
    for name in ("product", "admin"):
        assert (tmp_path / name).read_text("utf-8").strip() not in said


async def test_a_token_whose_file_cannot_be_written_is_shown(spec: InfluxSpec) -> None:
    lost = replace(spec, token=Secret("file:/no/such/folder/token"))
    said = await told(lost)
    at = next(n for n, line in enumerate(said) if "cannot be written" in line)
    assert "/no/such/folder/token (No such file or directory): put it there" in said[at]
    assert said[at + 1].startswith("    ")


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ((), "token: InfluxDB does not know it"),
        (("read",), "token: it may not do this with the bucket estado_raw .*403"),
        (("write",), "token: it may not read the bucket estado_raw"),
    ],
)
async def test_a_token_that_is_not_good_enough_is_left_and_told(
    spec: InfluxSpec, bare: InfluxLab, tmp_path: Path, actions: tuple[str, ...], said: str
) -> None:
    for name, days in spec.buckets.items():
        bare.new_bucket(name, days)
    token = bare.new_token(*actions) if actions else "nobodys"
    token_file(tmp_path, token, "product")
    with pytest.raises(StoreMisconfigured, match=said):
        await told(spec)
    assert (tmp_path / "product").read_text("utf-8") == f"{token}\n"


async def test_it_says_whose_token_it_needs(
    spec: InfluxSpec, bare: InfluxLab, tmp_path: Path
) -> None:
    with pytest.raises(StoreMisconfigured, match="name its all-access token as admin_token"):
        await told(replace(spec, admin_token=None))
    for token in ("nobodys", bare.token):
        admin_token = token_file(tmp_path, token, "admin")
        with pytest.raises(StoreMisconfigured, match="admin_token: InfluxDB does not know it, or"):
            await told(replace(spec, org=f"{bare.org}-more", admin_token=admin_token))


async def test_it_says_that_nobody_is_there(spec: InfluxSpec) -> None:
    nobody = replace(spec, url=f"http://127.0.0.1:{free_ports(1)[0]}")
    with pytest.raises(StoreUnavailable, match="no connection: Connection refused"):
        await told(nobody)


async def test_it_says_that_something_else_is_there(spec: InfluxSpec) -> None:
    async with sink(404, body=b"not found") as there:
        with pytest.raises(StoreMisconfigured, match="who answers there has nothing to set up"):
            await told(replace(spec, url=there.base))
