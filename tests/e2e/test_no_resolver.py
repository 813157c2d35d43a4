"""The product whose own resolver dies: no outage, one notice that names it, one taking back."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.domain.checks.observation import Outcome
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import open_journal
from tests.e2e.flapping import wall
from tests.e2e.product import HOST, Product, free_port, product, until
from tests.support.dns_server import DnsServer, dns_server, silent, zone
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.timeout(120)
WORLD = zone(
    {
        "control.test A": ["192.0.2.1"],
        "other.example A": ["192.0.2.2"],
        **{f"t{n}.test A": [HOST] for n in range(6)},
    }
)
_ALERTS = """alerts:
  line_hold: 3s
  routes:
    - id: ops
      via:
        - id: hook
          kind: webhook
          settings: {url: "http://127.0.0.1:1/"}
"""


@contextmanager
def served() -> Iterator[DnsServer]:
    """A name server in a loop of its own, beside the test."""
    loop, started, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    found: list[DnsServer] = []

    async def serve() -> None:
        async with dns_server(WORLD) as server:
            found.append(server)
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert started.wait(PATIENCE_S)
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(PATIENCE_S)
        loop.close()


def test_a_dead_resolver_of_ours_is_no_outage_and_one_notice(tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server((HOST, port), backlog=256), served() as resolver:
        ours = (
            f'  resolver: {{servers: ["{HOST}:{resolver.port}"], '
            "controls: [control.test, other.example], timeout: 1s}\n"
        )
        targets = {f"t{n}": f"t{n}.test:{port}" for n in range(6)}
        with product(tmp_path, targets, extra=ours + _ALERTS) as made:
            made.start_all()
            made.wait_ready()
            for name in targets:
                is_up = f'estado_component_status{{component="{name}"}}'
                until(lambda line=is_up: made.metric(line) == 1, within=15, what=made.tail())  # type: ignore[misc]
            for _ in range(2):
                resolver.reply = silent
                told(made, 1)
                time.sleep(2)
                resolver.reply = WORLD
                time.sleep(1)
            assert made.api("incidents")["incidents"] == []
            told(made, 0)
            judge(made, f"{HOST}:{resolver.port}")


def told(made: Product, value: int) -> None:
    until(
        lambda: made.metric("estado_core_unresolved") == value,
        within=20,
        what=f"unresolved {value}: {made.tail()}",
    )


def judge(made: Product, resolver: str) -> None:
    everything = Interval(Second(0), Second(int(wall()) + 10))
    url = f"sqlite:///{made.data / 'journal.db'}"
    with open_journal(url) as journal, journal.transaction() as tx:
        drawn = tx.transitions.drawing(everything)
        changes = tx.changes.since(0, 1000)
        incidents = tx.incidents.touching(everything)
    assert all(t.to is not Outcome.DOWN for found in drawn.values() for t in found), drawn
    assert incidents == ()
    ours = [(c.kind, c.after.get("about")) for c in changes if c.kind.startswith("monitor.")]
    assert ours == [("monitor.no_resolver", resolver), ("monitor.resolves", resolver)]
