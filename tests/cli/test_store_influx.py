"""`estado store` with an InfluxDB, from the first command to a store that is well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import build_app
from tests.support.influx import InfluxLab, influx_server, laboratory
from tests.support.influx import InfluxServer as Server

__all__ = ["influx_server"]

CONFIG = """\
page: {{name: E, company: X, url: "http://127.0.0.1/"}}
timezone: America/Argentina/Buenos_Aires
services: []
store:
  kind: influx
  settings:
    url: {url}
    org: {org}
    token: "file:{folder}/token"
    admin_token: "file:{folder}/admin"
"""


@pytest.fixture
def lab(influx_server: Server) -> Iterator[InfluxLab]:
    with laboratory(influx_server) as made:
        yield made


@pytest.fixture
def config(tmp_path: Path, lab: InfluxLab) -> Path:
    path = tmp_path / "services.yaml"
    path.write_text(CONFIG.format(url=lab.server.url, org=lab.org, folder=tmp_path), "utf-8")
    (tmp_path / "admin").write_text(lab.server.token, "utf-8")
    return path


def typed(config: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(
        build_app(), ["store", *words, "-c", str(config), "-d", str(config.parent)]
    )
    return done.exit_code, done.output


def test_it_is_well_once_it_is_set_up(config: Path) -> None:
    code, said = typed(config, "doctor")
    assert code == 1
    assert "the token: cannot read" in said
    code, said = typed(config, "init")
    assert code == 0
    assert "bucket estado_daily: made, keeps 1830 days" in said
    code, said = typed(config, "doctor")
    assert code == 0
    assert said.count("written, read back and deleted") == 3
    assert typed(config, "init")[0] == 0


def test_it_says_in_one_line_why_it_cannot_be_set_up(config: Path) -> None:
    (config.parent / "admin").write_text("nobodys", "utf-8")
    code, said = typed(config, "init")
    assert code == 2
    assert said.startswith("store: admin_token: InfluxDB does not know it")
    assert len(said.splitlines()) == 1
