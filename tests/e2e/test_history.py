"""The history of the running product: asked of the role that fills the store, over HTTP."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.product import HOST, Product, fetch, product, until

pytestmark = pytest.mark.timeout(120)


@contextmanager
def living(folder: Path, store: str = "") -> Iterator[tuple[Product, int]]:
    """The product over a listener that accepts, each second; and the history's port."""
    with socket.create_server((HOST, 0)) as target:
        checks = {"web": f"{HOST}:{target.getsockname()[1]}"}
        with product(folder, checks, extra=store) as made:
            made.start_all()
            made.wait_ready(60)
            listening = yaml.safe_load(made.config.read_text())["operations"]["history"]
            yield made, int(listening.rpartition(":")[2])


def asked(port: int, path: str) -> tuple[int, Any]:
    status, body = fetch(f"http://{HOST}:{port}/api/v1/checks{path}", {})
    return status, json.loads(body) if body else None


def answer(port: int, path: str) -> Any:
    status, body = asked(port, path)
    return body if status == 200 else None


def test_it_tells_of_the_newest_looks_and_of_uptime_while_the_core_is_dead(tmp_path: Path) -> None:
    with living(tmp_path) as (made, port):
        until(
            lambda: len((answer(port, "/web-check/results") or {"results": ()})["results"]) >= 5,
            within=40, what=f"five results: {made.tail()}",
        )  # fmt: skip
        assert answer(port, "")["checks"][0]["id"] == "web-check"
        latency = answer(port, "/web-check/latency?resolution=hour")
        assert latency["whole"]["looks"] >= 5
        assert latency["whole"]["p99_ms"] > 0
        until(
            lambda: (answer(port, "/web-check/uptime") or {"whole": {"up_s": 0}})["whole"]["up_s"],
            within=20, what=f"uptime: {asked(port, '/web-check/uptime')}",
        )  # fmt: skip
        made.kill("core")
        uptime = answer(port, "/web-check/uptime")
        assert (uptime["whole"]["down_s"], uptime["outages"]) == (0, [])
        assert uptime["whole"]["up_s"] >= 1


def test_uptime_is_told_while_the_store_wants_a_person(tmp_path: Path) -> None:
    store = """store:
  kind: influx
  settings: {url: "http://127.0.0.1:1", token: "${ESTADO_TEST_NO_SUCH_SECRET}"}
"""
    with living(tmp_path, store) as (made, port):
        until(
            lambda: (answer(port, "/web-check/uptime") or {"whole": {"up_s": 0}})["whole"]["up_s"],
            within=40, what=f"uptime: {asked(port, '/web-check/uptime')} {made.tail()}",
        )  # fmt: skip
        status, problem = asked(port, "/web-check/latency")
        assert status == 503
        assert "ESTADO_TEST_NO_SUCH_SECRET" in problem["detail"]
        assert made.roles["store"].poll() is None
