"""Roles are apart: a stopped core delays no slot, a dead monitor takes no page with it, and a
monitor whose own line is cut calls nothing down."""

from __future__ import annotations

import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.product import HOST, ROOT, Product, free_port, product, until
from tests.support.require import require_server

pytestmark = pytest.mark.timeout(180)
STOPPED_S = float(os.environ.get("ESTADO_STOP_S", "10"))


def rows(made: Product) -> int:
    with closing(sqlite3.connect(made.data / "results.db")) as log:
        return int(log.execute("SELECT count(*) FROM result").fetchone()[0])


def repeated(made: Product) -> int:
    with closing(sqlite3.connect(made.data / "results.db")) as log:
        found = log.execute("SELECT 1 FROM result GROUP BY check_id, slot HAVING count(*) > 1")
        return len(found.fetchall())


def lateness_p99(made: Product) -> float:
    late = made.metric('estado_slot_lateness_seconds{quantile="0.99"}')
    assert late is not None
    return late


def busy(count: int = 40) -> dict[str, str]:
    """Many checks of a port that refuses: looks that cost little and are many."""
    port = free_port()
    return {f"t{i}": f"{HOST}:{port}" for i in range(count)}


def test_a_stopped_core_delays_no_slot_and_loses_nothing(tmp_path: Path) -> None:
    with product(tmp_path, busy()) as made:
        made.start_all()
        made.wait_ready()
        time.sleep(8)
        usual = lateness_p99(made)
        before = rows(made)
        made.signal("core", signal.SIGSTOP)
        time.sleep(STOPPED_S)
        stopped = rows(made) - before
        made.signal("core", signal.SIGCONT)
        assert stopped >= 40 * (STOPPED_S - 2)
        until(lambda: made.metric("estado_log_depth") == 0, within=20, what="the log read")
        # The prober's figures are of its last seconds: those in which the core stood still.
        assert lateness_p99(made) < usual + 0.25
        assert made.metric("estado_slots_missed_total") == 0
        assert repeated(made) == 0


def test_the_page_answers_while_prober_and_core_are_dead(tmp_path: Path) -> None:
    with product(tmp_path, busy(2)) as made:
        made.start_all()
        made.wait_ready()
        made.kill("prober")
        made.kill("core")
        assert made.page("/healthz")[0] == 200
        status, body = made.page("/", **{"Accept-Language": "es"})
        assert status == 200
        assert "Estado del Servicio" in body


def test_a_flooded_page_does_not_change_reported_latencies(tmp_path: Path) -> None:
    with product(tmp_path, busy(20)) as made:
        made.start_all()
        made.wait_ready()
        time.sleep(4)
        calm = median_ms(made)
        flood = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.flood", f"http://{HOST}:{made.page_port}/es/", "6"],
            cwd=ROOT,
        )  # fmt: skip
        began = rows(made)
        flood.wait(30)
        flooded = median_ms(made, after=began)
        assert flood.returncode == 0
        assert flooded < calm * 3 + 2, (calm, flooded)


def median_ms(made: Product, after: int = 0) -> float:
    with closing(sqlite3.connect(made.data / "results.db")) as log:
        found = log.execute(
            "SELECT json_extract(phases, '$.connect') FROM result WHERE seq > ?", (after,)
        ).fetchall()
    return float(statistics.median(row[0] for row in found if row[0] is not None))


def test_a_cut_line_is_no_outage_no_incident_and_one_notice(tmp_path: Path) -> None:
    require_server("unshare", "whether a cut line is told from an outage")
    require_server("ip", "whether a cut line is told from an outage")
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-m", "tests.e2e.cut_line", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
