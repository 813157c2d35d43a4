"""The follower's metrics as they are stored, whatever their fields are called."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from monitor.domain.time.interval import Second
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.stores.ports import StoreMetrics

METRICS = StoreMetrics(
    at=Second(1_790_000_000),
    started_at=Second(1_789_999_000),
    kind="influx",
    lag_rows=12,
    oldest_unstored=Second(1_789_999_990),
    written=40,
    last_write=Second(1_789_999_995),
    dead_letters=3,
    paused="a token",
    fault="503",
    windows_lag_rows=2,
    missed=1,
    boottime=4.5,
    boot_id="boot-1",
)
STORED = (
    '{"at": 1790000000, "started_at": 1789999000, "kind": "influx", "lag_rows": 12, '
    '"oldest_unstored": 1789999990, "written": 40, "last_write": 1789999995, "dead_letters": 3, '
    '"paused": "a token", "trouble": "503", "windows_lag_rows": 2, "missed": 1, "boottime": 4.5, '
    '"boot_id": "boot-1"}'
)


def test_they_are_stored_as_ever_byte_for_byte(tmp_path: Path) -> None:
    FollowerState(tmp_path / "store.db").note(METRICS)
    with closing(sqlite3.connect(tmp_path / "store.db")) as file:
        assert file.execute("SELECT figures FROM figures").fetchall() == [(STORED,)]


def test_what_an_earlier_version_stored_is_read(tmp_path: Path) -> None:
    state = FollowerState(tmp_path / "store.db")
    state.note(StoreMetrics(at=Second(0), started_at=Second(0), kind="sqlite"))
    with closing(sqlite3.connect(tmp_path / "store.db")) as file, file:
        file.execute("UPDATE figures SET figures = ?", (STORED,))
    assert state.metrics() == METRICS
    state.close()
