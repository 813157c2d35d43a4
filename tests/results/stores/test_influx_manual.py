"""The questions that the manual offers get answers from what the product writes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.checks.observation import LoggedResult, Outcome
from monitor.domain.time.interval import Second
from monitor.results.stores.influx.store import open_store
from monitor.runtime.system_clock import SystemClock
from tests.architecture.tree import ROOT
from tests.results.samples import a_result
from tests.results.stores.harness import influx_spec
from tests.support.influx import InfluxLab

[BLOCK] = re.findall(r"```sql\n(.*?)```", (ROOT / "docs/storage.md").read_text("utf-8"), re.DOTALL)
QUESTIONS = [line for line in BLOCK.splitlines() if line]


@pytest.mark.parametrize("question", QUESTIONS)
async def test_it_has_an_answer(question: str, influx: InfluxLab, tmp_path: Path) -> None:
    now = SystemClock().now()
    looks = [
        replace(a_result(check="web-1", outcome=outcome), slot=Second(now - 60 * n))
        for n, outcome in enumerate(Outcome)
    ]
    async with open_store(influx_spec(influx, tmp_path), SystemClock()) as store:
        await store.write([LoggedResult(seq=n, result=look) for n, look in enumerate(looks)])
    assert influx.query("estado_raw", question) != []


def test_it_offers_some() -> None:
    assert len(QUESTIONS) == 3
