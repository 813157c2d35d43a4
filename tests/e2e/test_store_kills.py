"""T1 for the store role: killed before and after each confirmation and commit, it loses nothing and
counts nothing twice.

5 kills by default, `ESTADO_KILLS=200` under `make soak`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
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

KILLS = int(os.environ.get("ESTADO_KILLS", "5"))
SEED = int(os.environ.get("ESTADO_SEED", "1"))
POINTS = (
    "store.confirmed",
    "store.cursor.before",
    "store.cursor.after",
    "store.windows.before",
    "store.windows.after",
)
pytestmark = [
    pytest.mark.kills,
    pytest.mark.timeout(180 + KILLS * 12),
]


def killed_at(made: Product, point: str) -> None:
    """Arm the role and wait until it has died there."""
    made.start("store", ESTADO_KILL_AT=f"{point}:1")
    try:
        status = made.roles.pop("store").wait(40)
    except subprocess.TimeoutExpired as error:
        raise AssertionError(f"{point} was never reached {made.tail()}") from error
    assert status == -signal.SIGKILL, f"{point}: {status} {made.tail()}"


def killed_at_random(made: Product, rng: random.Random) -> None:
    made.start("store")
    time.sleep(rng.uniform(0.5, 3))
    made.kill("store")


def test_kills_of_the_store_role_lose_nothing_and_count_nothing_twice(
    tmp_path: Path, influx: InfluxLab
) -> None:
    rng = random.Random(SEED)  # noqa: S311 - a script, not a secret
    with steady_target(tmp_path) as port:
        checks = {f"c{n}": f"{HOST}:{port}" for n in range(20)}
        # What is closed after a while gives failures with evidence too.
        checks |= {f"d{n}": f"{HOST}:1" for n in range(3)}
        with product_with_influx(tmp_path, influx, checks) as made:
            for role in ("core", "prober", "page"):
                made.start(role)
            made.wait_ready(90)
            until(lambda: log_rows(made) > 0, within=60, what=f"a first row {made.tail()}")
            for n in range(KILLS):
                if n % 2:
                    killed_at_random(made, rng)
                else:
                    killed_at(made, POINTS[n // 2 % len(POINTS)])
            made.kill("prober")
            made.start("store")
            until(lambda: has_all(made), within=120, what=f"all confirmed {made.tail()}")
            until(lambda: position(made, "windows") >= log_rows(made), within=60, what="windows")
            until(lambda: published(made), within=60, what=f"published {made.tail()}")
            made.kill("store")
            sides = both_sides(made, influx)
    sys.stdout.write(
        f"{KILLS} kills: {sides.results} results on both sides, {sides.repeated} logged twice\n"
    )
    assert sides.results > 0
    assert sides.store == sides.log
    assert sides.windows_differ == []
