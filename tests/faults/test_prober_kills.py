"""T1: whatever kills the prober, what it acknowledged is in the log, once."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.prober_process import (
    Ident,
    give_catalogue,
    ident_of,
    logged,
    open_port,
    running_prober,
)
from tests.support.patience import PATIENCE_S

KILLS = int(os.environ.get("ESTADO_KILLS", "8"))
POINTS = ("log.commit.before", "log.commit.after")
pytestmark = [pytest.mark.kills, pytest.mark.timeout(60 + 6 * KILLS)]


def kill_at_random(data_dir: Path, rng: random.Random) -> list[Ident]:
    with running_prober(data_dir) as prober:
        prober.ledger.wait_for(1)
        threading.Event().wait(rng.uniform(0.0, 1.0))
        prober.process.kill()
        prober.process.wait()
        return prober.ledger.idents()


def kill_at_point(data_dir: Path, rng: random.Random, point: str) -> list[Ident]:
    where = {"ESTADO_KILL_AT": f"{point}:{rng.randint(3, 8)}"}
    with running_prober(data_dir, environment=where) as prober:
        assert prober.process.wait(20) == -signal.SIGKILL
        return prober.ledger.idents()


def test_it_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    rng = random.Random(5)  # noqa: S311 - a script that repeats, not a secret
    data_dir = tmp_path / "data"
    acknowledged: list[Ident] = []
    with open_port() as port:
        give_catalogue(data_dir, port)
        for kill in range(KILLS):
            if kill % 2:
                acknowledged += kill_at_random(data_dir, rng)
            else:
                acknowledged += kill_at_point(data_dir, rng, POINTS[kill // 2 % 2])
    results = logged(data_dir)
    kept = Counter(map(ident_of, results))
    assert len(acknowledged) > 20 * KILLS
    assert [ident for ident in acknowledged if ident not in kept] == []
    assert [ident for ident, times in kept.items() if times > 1] == []
    assert integrity(data_dir) == "ok"
    # Without a full disk nothing may be out of order either.
    for check in {result.check for result in results}:
        slots = [result.slot for result in results if result.check == check]
        assert slots == sorted(slots)


def test_it_starts_without_a_core_and_ends_when_told(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with open_port() as port:
        give_catalogue(data_dir, port)
        with running_prober(data_dir) as prober:
            prober.ledger.wait_for(100)
            prober.process.send_signal(signal.SIGHUP)
            prober.ledger.wait_for(200)
            prober.process.terminate()
            assert prober.process.wait(PATIENCE_S) == 0
            acknowledged = prober.ledger.idents()
    assert acknowledged == [ident_of(result) for result in logged(data_dir)]
    assert "Traceback" not in prober.stderr


def test_it_waits_for_the_first_catalogue(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    with open_port() as port, running_prober(data_dir) as prober:
        prober.wait_until((data_dir / "results.db").exists, "a log")
        give_catalogue(data_dir, port)
        prober.ledger.wait_for(60)


def test_it_goes_on_with_what_it_read_when_a_catalogue_is_spoilt(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with open_port() as port:
        give_catalogue(data_dir, port)
        with running_prober(data_dir) as prober:
            prober.ledger.wait_for(60)
            (data_dir / "catalogue.json").write_text("{")
            prober.wait_until(lambda: "catalogue.unreadable" in prober.stderr, "a complaint")
            prober.ledger.wait_for(len(prober.ledger) + 120)


def test_it_leaves_the_log_to_the_prober_that_has_it(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with open_port() as port:
        give_catalogue(data_dir, port)
        with running_prober(data_dir) as first:
            first.ledger.wait_for(1)
            with running_prober(data_dir) as second:
                assert second.process.wait(PATIENCE_S) == 78
                assert f"pid {first.process.pid}" in second.stderr


def integrity(data_dir: Path) -> str:
    connection = sqlite3.connect(data_dir / "results.db")
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()
