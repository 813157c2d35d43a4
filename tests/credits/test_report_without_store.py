"""No figure that money rests on is in the result store: without it, every report is the same."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.forwarding.forwarder import Forwarder
from monitor.results.log.lookup import SqliteResultLookup
from monitor.results.stores.influx.store import open_store
from monitor.roles.settings import follower_file, log_file
from monitor.runtime.system_clock import SystemClock
from tests.credits.office import Office, lived_office, told
from tests.results.stores.harness import influx_spec
from tests.support.influx import InfluxLab, influx, influx_server

__all__ = ["influx", "influx_server"]


async def carried(office: Office, lab: InfluxLab, secrets: Path) -> int:
    """The whole log into a real InfluxDB; how many results."""
    lookup, book = (
        SqliteResultLookup(log_file(office.folder)),
        FollowerState(follower_file(office.folder)),
    )
    async with open_store(influx_spec(lab, secrets), SystemClock()) as store:
        shipper = Forwarder(
            log=lookup, store=store, positions=book, clock=SystemClock(),
            say=lambda event, **fields: None, reached=lambda point: None,
        )  # fmt: skip
        while lookup.depth(shipper.cursor):
            await shipper.step()
    lookup.close()
    book.close()
    return shipper.written


@pytest.mark.timeout(180)
def test_a_report_is_the_same_after_every_bucket_was_deleted(
    tmp_path: Path, influx: InfluxLab
) -> None:
    one, other, secrets = tmp_path / "one", tmp_path / "other", tmp_path / "secrets"
    one.mkdir()
    secrets.mkdir()
    with lived_office(one) as office:
        written = asyncio.run(carried(office, influx, secrets))
        assert written > 1_000
        shutil.copytree(one, other)
        with_store = told(office)
        for name, bucket in influx.buckets.items():
            influx.server.ask("DELETE", f"/api/v2/buckets/{bucket}")
            assert name not in str(influx.server.ask("GET", "/api/v2/buckets", org=influx.org))
        bare = Office(other)
        for gone in (follower_file(other), log_file(other)):
            gone.unlink()
        assert told(bare) == with_store
    assert '"verdict": "breach"' in with_store[0]
