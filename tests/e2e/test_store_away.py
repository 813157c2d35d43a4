"""T2: the result store is away, hangs, and comes back: nothing is lost, and memory stays flat.

10 s by default; `ESTADO_STORE_AWAY=3600` under `make soak` is the hour at full length.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.product import HOST, Product, until
from tests.e2e.store_scene import (
    both_sides,
    has_all,
    log_rows,
    position,
    product_with_influx,
    published,
    steady_target,
)
from tests.support.influx import InfluxLab

AWAY_S = float(os.environ.get("ESTADO_STORE_AWAY", "10"))
CHECKS = int(os.environ.get("ESTADO_STORE_CHECKS", "40"))
GROWTH = 50 << 20
DRAINED_WITHIN = 600.0
pytestmark = [
    pytest.mark.kills,
    pytest.mark.timeout(300 + int(2 * AWAY_S)),
]


def memory(made: Product, role: str) -> int:
    """Bytes that are resident."""
    pages = Path(f"/proc/{made.roles[role].pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def test_a_store_that_is_away_costs_no_result(tmp_path: Path, influx: InfluxLab) -> None:
    with steady_target(tmp_path) as port:
        checks = {f"c{n}": f"{HOST}:{port}" for n in range(CHECKS)}
        with product_with_influx(tmp_path, influx, checks) as made:
            made.has_forks = False
            made.start_all()
            made.wait_ready(90)
            until(lambda: has_all(made), within=60, what=f"a first confirmation {made.tail()}")
            before = memory(made, "store")
            influx.server.kill()
            carried = position(made, "store")
            time.sleep(AWAY_S / 2)
            influx.server.start_again()
            influx.server.stop_answering()
            time.sleep(AWAY_S / 2)
            grown = memory(made, "store") - before
            waiting = log_rows(made) - carried
            assert waiting >= CHECKS * AWAY_S * 0.8
            influx.server.answer_again()
            began = time.monotonic()
            until(lambda: has_all(made), within=DRAINED_WITHIN, what=f"drained {made.tail()}")
            drained = time.monotonic() - began
            made.kill("prober")
            until(lambda: has_all(made), within=30, what="the rest")
            made.kill("store")
            # Started once more, it counts the latest latencies and carries them.
            made.start("store")
            until(lambda: position(made, "windows") >= log_rows(made), within=60, what="windows")
            until(lambda: published(made), within=60, what=f"published {made.tail()}")
            made.kill("store")
            sides = both_sides(made, influx)
    sys.stdout.write(
        f"away {AWAY_S:g} s: {waiting} waited, drained in {drained:.1f} s, grew {grown >> 10} KiB\n"
    )
    assert sides.store == sides.log
    assert sides.windows_differ == []
    assert grown < GROWTH
