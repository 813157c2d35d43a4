"""Every panel over InfluxDB gets data, from a real one that holds what the product writes there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain.checks.observation import LOCAL, LoggedResult
from monitor.domain.time.interval import Second
from monitor.results.rollups.latency import LatencyBucket, Width, hour_of
from monitor.results.rollups.sketch import Sketch
from monitor.results.stores.influx.lines import bucket_payloads, results_payloads
from tests.deploy.dashboards import DASHBOARDS, SOURCES, Query, queries
from tests.support.influx import InfluxLab
from tests.support.worlds import T0, WEB, check, look

ASKED = list(queries("influxdb"))
CHECK = check(WEB).id
SPAN = {"timeFilter": f"time >= {T0 - 86_400}s AND time < {T0 + 86_400}s", "__interval": "1m"}


@pytest.fixture
def filled(influx: InfluxLab) -> InfluxLab:
    """Looks of every outcome, an hour and a day of them."""
    looks = [
        replace(look(WEB, Second(T0 + 60 * n), mark), phases_ms={"connect": 5.0 + n, "tls": 20.0})
        for n, mark in enumerate("++-~?+")
    ]
    rows = [LoggedResult(seq=n, result=result) for n, result in enumerate(looks, 1)]
    influx.write("estado_raw", b"\n".join(results_payloads(rows)).decode())
    for bucket, width in (("estado_hourly", Width.HOUR), ("estado_daily", Width.DAY)):
        window = LatencyBucket(
            check=CHECK, location=LOCAL, width=width, start=hour_of(T0),
            sketch=Sketch.of([25_000, 26_000, 30_000]),
        )  # fmt: skip
        influx.write(bucket, next(bucket_payloads([window])).decode())
    return influx


@pytest.mark.parametrize("query", ASKED, ids=str)
def test_it_gets_data_from_influxdb(query: Query, filled: InfluxLab) -> None:
    asked = query.filled(check=CHECK, **SPAN)
    assert "$" not in asked.replace("_ms$/", "")
    rows = filled.query(SOURCES[query.source]["jsonData"]["dbName"], asked)
    assert [v for row in rows for name, v in row.items() if name != "time" and v is not None]


def test_it_offers_the_checks_that_are_there(filled: InfluxLab) -> None:
    (variable,) = DASHBOARDS["results"]["templating"]["list"]
    source = SOURCES[variable["datasource"]["uid"]]
    found = filled.query(source["jsonData"]["dbName"], variable["query"])
    assert [row["value"] for row in found] == [CHECK]


def test_it_asks_each_of_the_three_buckets() -> None:
    asked = {SOURCES[query.source]["jsonData"]["dbName"] for query in ASKED}
    assert asked == {"estado_raw", "estado_hourly", "estado_daily"}
