"""docs/metrics.md tells of every metric that there is, with its labels, and of no other."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from monitor.metrics.http.server import make_ops_app
from tests.support.clock import FakeClock
from tests.support.core_figures import PHASES, full_figures, gathered

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "metrics.md").read_text("utf-8")
_ROW = re.compile(r"^\| `(estado_\w+)` \| ([\w, ]*)\| (.+) \|$", re.MULTILINE)
DOCUMENTED = {name: set(labels.replace(",", " ").split()) for name, labels, _ in _ROW.findall(PAGE)}


def told() -> dict[str, set[str]]:
    """The labels of each metric, by the name of its samples."""
    clock = FakeClock()

    async def ask() -> str:
        app = make_ops_app(gathered(lambda: full_figures(clock.now())), clock, PHASES)
        async with TestClient(TestServer(app)) as client:
            return await (await client.get("/metrics")).text()

    found: dict[str, set[str]] = defaultdict(set)
    for family in text_string_to_metric_families(asyncio.run(ask())):
        for sample in family.samples:
            found[sample.name] |= sample.labels.keys()
    return dict(found)


def test_it_documents_every_metric_with_its_labels_and_no_other() -> None:
    assert told() == DOCUMENTED


def test_it_names_no_metric_in_its_text_that_is_not_in_its_tables() -> None:
    assert set(re.findall(r"\bestado_\w+", PAGE)) <= DOCUMENTED.keys()
