"""The InfluxDB of the tests: found, started, and each test alone in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.influx import InfluxLab, influx, influx_server, laboratory, running_influx

__all__ = ["influx", "influx_server"]


def test_it_gives_each_test_an_organisation_of_its_own(influx: InfluxLab) -> None:
    influx.write("estado_raw", "m x=1 1790812800")
    assert influx.query("estado_raw", 'SELECT "x" FROM "m"') == [{"time": 1790812800, "x": 1}]
    with laboratory(influx.server) as other:
        other.new_bucket("estado_raw")
        assert other.query("estado_raw", 'SELECT "x" FROM "m"') == []


def test_it_keeps_its_data_over_a_kill(tmp_path: Path) -> None:
    with running_influx(tmp_path) as server:
        assert server.ask("GET", "/api/v2/setup") == {"allowed": True}
        server.kill()
        server.start_again()
        assert server.ask("GET", "/health")["status"] == "pass"


def test_it_says_how_to_get_a_server_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("ESTADO_REQUIRE", raising=False)
    with (
        pytest.raises(pytest.skip.Exception, match=r"missing: influxd \(make influxd"),
        running_influx(tmp_path),
    ):
        pass
