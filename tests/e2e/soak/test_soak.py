"""Half an hour in which everything but the product is wrong by turns: what it says is what was.

`make soak`; `ESTADO_SOAK_MINUTES` and `ESTADO_SEED` choose how long and which script.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from tests.e2e.soak.drive import BOUNDS, TARGETS, gather, soaking
from tests.e2e.soak.judge import wrongs
from tests.e2e.soak.schedule import outages, trials
from tests.e2e.soak.table import table
from tests.support.faketime import faked_environment

ASKED = os.environ.get("ESTADO_SOAK_MINUTES")
MINUTES = float(ASKED or "30")
SEED = int(os.environ.get("ESTADO_SEED", "1"))
pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(ASKED is None, reason="half an hour: make soak"),
    pytest.mark.timeout(600 + int(MINUTES * 90)),
]


def test_what_is_found_is_what_happened(tmp_path: Path) -> None:
    faked = faked_environment(tmp_path, "half an hour of clocks that are set and roles that stop")
    rng = random.Random(SEED)  # noqa: S311 - a script to repeat, no secret
    length = MINUTES * 60
    script, ordeal = outages(rng, TARGETS, length), trials(rng, length)
    with soaking(tmp_path, faked) as soak:
        soak.begin(script)
        soak.undergo(ordeal)
        soak.wait_for_all(len(script))
        soak.settle()
        record, findings = soak.record(), gather(soak)
    wrong = wrongs(record, findings, BOUNDS)
    sys.stdout.write(
        f"\nseed {SEED}, {MINUTES:g} min, {len(ordeal)} trials\n{table(record, findings, BOUNDS)}\n"
    )
    assert len(record.outages) == len(script)
    assert wrong == [], "\n".join(map(str, wrong))
