"""The transport stands on what asyncio's loop and uvloop both have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from monitor.domain.checks.observation import Observation
from monitor.net.resolve.resolver import Resolver
from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from monitor.scheduling.check_run import run_check
from probes.http import HttpProbe, HttpSpec
from tests.support.dns_server import dns_server, zone
from tests.support.nginx import running_nginx
from tests.support.require import require


async def _look_by_name(port: int, ca_file: str) -> list[Observation]:
    """A healthy look over DNS, TCP and TLS, and one into a server that says nothing."""
    async with dns_server(zone({"localhost.test A": ["127.0.0.1"]})) as names:
        mute = await asyncio.start_server(lambda _, writer: kept.append(writer), "127.0.0.1", 0)
        kept: list[asyncio.StreamWriter] = []
        transport = Transport(
            wall=SystemClock().wall, resolver=Resolver(settings=names.settings, hosts={})
        )
        probe = HttpProbe(transport)
        healthy = HttpSpec(
            url=f"https://localhost.test:{port}/", ca_file=ca_file, server_name="localhost"
        )
        hung = HttpSpec(url=f"http://127.0.0.1:{mute.sockets[0].getsockname()[1]}/")
        async with mute:
            seen = [
                await run_check(probe, healthy, timeout_s=5),
                await run_check(probe, hung, timeout_s=0.2),
            ]
            for writer in kept:
                writer.transport.abort()
        return seen


@pytest.mark.parametrize("name", ["asyncio", "uvloop"])
def test_it_works_on_both_loops(name: str, tmp_path: Path) -> None:
    require(find_spec(name) is not None, name, "the transport on uvloop")
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    if name == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    with running_nginx(tmp_path) as nginx, asyncio.Runner(loop_factory=factory) as runner:
        healthy, hung = runner.run(_look_by_name(nginx.https["good"], str(nginx.ca_file)))
    assert (healthy.failure, hung.failure) == (None, "read_timeout")
    assert list(healthy.phases_ms) == ["resolve", "connect", "tls", "processing", "transfer"]
    assert hung.phases_ms["processing"] == pytest.approx(200, abs=100)
