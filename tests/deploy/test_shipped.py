"""The configuration that the compose file mounts, run: every role as a process of its own over a
real PostgreSQL and a real InfluxDB, with nothing changed but addresses and haste."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.domain.time.clock import read_clock
from monitor.roles.health import ROLES, troubles
from monitor.runtime.system_clock import SystemClock
from tests.deploy.tree import DEPLOY
from tests.e2e.product import HOST, Product, free_port, until
from tests.journal.postgres import PostgresServer
from tests.support.influx import InfluxLab

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture
def shipped(tmp_path: Path, postgres: PostgresServer, influx: InfluxLab) -> Iterator[Product]:
    """The product as `migrate` and five more containers start it."""
    page, ops, console = free_port(), free_port(), free_port()
    (tmp_path / "journal_url").write_text(postgres.url("postgres") + "\n")
    (tmp_path / "influxdb_token").write_text(influx.token + "\n")
    text = (DEPLOY / "services.yaml").read_text("utf-8")
    for theirs, ours in {
        "0.0.0.0:8080": f"{HOST}:{page}",
        "0.0.0.0:9090": f"{HOST}:{ops}",
        "0.0.0.0:9092": f"{HOST}:{console}",
        "http://page:8080": f"http://{HOST}:{page}",
        "http://influxdb:8086": influx.server.url,
        "org: estado": f"org: {influx.org}",
        "/run/secrets": str(tmp_path),
        '"1.1.1.1:443", "8.8.8.8:443", "9.9.9.9:443"': f'"{HOST}:{page}"',
        "interval: 30s": "interval: 1s",
        "timeout: 5s": "timeout: 500ms",
    }.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    config = tmp_path / "services.yaml"
    config.write_text(text, "utf-8")
    made = Product(folder=tmp_path, config=config, page_port=page, ops_port=ops, has_forks=False)
    migrated = made.command("journal", "migrate", "-c", str(config), "-d", str(made.data))
    assert migrated.returncode == 0, migrated.stderr
    try:
        made.start_all()
        yield made
    finally:
        made.stop_all()


def test_it_runs_is_well_and_fills_the_store(shipped: Product, influx: InfluxLab) -> None:
    until(
        lambda: not troubles(ROLES, shipped.data, read_clock(SystemClock())),
        within=60, what=f"five roles that are well: {shipped.tail()}",
    )  # fmt: skip
    shipped.wait_ready()
    counted = 'SELECT count("seq") FROM "result" WHERE "check" = \'status-page-http\''
    until(lambda: influx.query("estado_raw", counted), within=30, what=shipped.tail())
    written = "estado_store_last_write_timestamp_seconds"
    until(lambda: shipped.metric(written), within=30, what=f"word of the store {shipped.tail()}")
    assert shipped.metric("estado_store_paused") == 0
    assert shipped.metric("estado_store_dead_letters") == 0
    labels = 'check="status-page-http",location="local"'
    until(
        lambda: shipped.metric(f"estado_check_status{{{labels}}}") == 1, within=30, what="a page up"
    )
    assert shipped.metric(f'estado_check_phase_seconds{{{labels},phase="connect"}}') is not None
    assert not list(shipped.data.glob("journal.db*")), "the journal is PostgreSQL's"
