"""A real Prometheus, configured as it is shipped, that scrapes a real operators' port."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from monitor.domain.time.interval import Second
from monitor.metrics.http.server import make_ops_app
from monitor.runtime.system_clock import SystemClock
from tests.e2e.product import HOST, until
from tests.support.core_figures import PHASES, full_figures, gathered
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports
from tests.support.require import require_server

_SCRAPES = 6
"""So many have to be there before anybody asks: a rate needs two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prometheus:
    port: int
    log: Path

    def ask(self, path: str, **parameters: str | float) -> Any:
        """The `data` of an answer of its API; a faulty query raises with its words."""
        url = f"http://{HOST}:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def instant(self, query: str) -> list[Any]:
        found: list[Any] = self.ask("query", query=query)["result"]
        return found

    def range(self, query: str) -> list[Any]:
        """Over the last ten seconds."""
        now = time.time()  # noqa: TID251 - what a real server has stored is of the real time
        answer = self.ask("query_range", query=query, start=now - 10, end=now, step=1)
        found: list[Any] = answer["result"]
        return found

    def has_scraped(self) -> bool:
        found = self.instant("count_over_time(estado_core_tick_timestamp_seconds[1m])")
        return bool(found) and float(found[0]["value"][1]) >= _SCRAPES


@contextmanager
def running_prometheus(shipped: Path, folder: Path) -> Iterator[Prometheus]:
    """The configuration that is shipped, but for what it scrapes, how often, and whom it tells."""
    binary = require_server("prometheus", "rules and dashboards against a real Prometheus")
    ops_port, port = free_ports(2)
    settings = yaml.safe_load(shipped.read_text("utf-8"))
    settings["global"] = {"scrape_interval": "500ms", "evaluation_interval": "1s"}
    settings["rule_files"] = [str(shipped.parent / name) for name in settings["rule_files"]]
    del settings["alerting"]
    (job,) = settings["scrape_configs"]
    job |= {"scrape_timeout": "500ms", "static_configs": [{"targets": [f"{HOST}:{ops_port}"]}]}
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump(settings), "utf-8")
    with _serving(ops_port), (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(binary), f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={HOST}:{port}",
            ],
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            running = Prometheus(port=port, log=folder / "log")
            until(lambda: _is_ready(running), within=30, what=f"Prometheus: {folder / 'log'}")
            yield running
        finally:
            process.terminate()
            process.wait(20)


def _is_ready(running: Prometheus) -> bool:
    try:
        return running.has_scraped()
    except (OSError, AssertionError):
        return False


@contextmanager
def _serving(port: int) -> Iterator[None]:
    """The operators' port over figures with something of everything, on a thread of its own."""
    clock = SystemClock()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> web.AppRunner:
        # From one scrape to the next no role is started anew, which a rule would tell.
        since = Second(clock.now() - 900)
        figures = gathered(lambda: full_figures(clock.now(), since=since))
        app = make_ops_app(figures, clock, PHASES)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, HOST, port).start()
        return runner

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()
