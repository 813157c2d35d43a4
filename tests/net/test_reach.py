"""The gate's look: it takes nothing from other looks, and says no where it cannot ask."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from time import monotonic

import pytest

from monitor.domain.catalogue import ConnectivitySettings
from monitor.domain.checks.probe import Context
from monitor.net.poller import READ, held_open, poller_of
from monitor.net.reach import ReachabilityTest
from monitor.net.resolve.resolver import Resolver
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.scheduling.connectivity_check import ConnectivityCheck
from tests.support.clock import FakeClock
from tests.support.dns_server import DnsServer, dns_server, silent, zone


@pytest.mark.parametrize("turns", range(7))
async def test_a_gate_that_has_heard_enough_costs_no_other_look_its_answer(turns: int) -> None:
    """The gate calls off the target that it does not need any more, whose answer comes in the same
    moment as another look's. So many turns of the loop lie between."""
    with held_open(), contextlib.ExitStack() as stack:
        ends = {name: socket.socketpair() for name in ("first", "second", "bystander")}
        for pair in ends.values():
            for end in pair:
                stack.enter_context(end)
                end.setblocking(False)

        async def reach(target: str, timeout_s: float) -> bool:
            with Session(Context(deadline=monotonic() + timeout_s)) as run:
                await run.ready(ends[target][0].fileno(), READ)
                return True

        run = Session(Context(deadline=monotonic() + 5))

        async def bystander() -> str:
            with run:
                await run.ready(ends["bystander"][0].fileno(), READ)
                return "answered"

        seen = run.drive(bystander())
        gate = ConnectivitySettings(id="line", targets=("first", "second"), need=1, timeout_s=5)
        opened = asyncio.create_task(ConnectivityCheck(gate, reach, spacing_s=0).is_open())
        for _ in range(4):
            await asyncio.sleep(0)
        ends["first"][1].send(b"x")
        for _ in range(turns):
            await asyncio.sleep(0)
        ends["second"][1].send(b"x")
        ends["bystander"][1].send(b"x")
        assert await opened
        async with asyncio.timeout(2):
            assert await seen == "answered"
        for ours, _ in ends.values():
            poller_of(asyncio.get_running_loop()).forget(ours.fileno())


async def test_an_address_of_a_zone_that_is_gone_is_not_reached() -> None:
    assert not await ReachabilityTest(Transport(wall=FakeClock().wall))("[fe80::1%nosuch0]:53", 0.5)


def line(server: DnsServer) -> ReachabilityTest:
    resolver = Resolver(settings=server.settings, hosts={})
    return ReachabilityTest(Transport(wall=FakeClock().wall, resolver=resolver))


async def test_a_target_given_by_name_is_reached_at_its_last_address_without_a_resolver() -> None:
    """Else the gate flaps with our resolver, and says that the line is cut, which it is not."""
    listener = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0)
    target = f"line.test:{listener.sockets[0].getsockname()[1]}"
    async with dns_server(zone({"line.test A": ["127.0.0.1"]})) as server:
        reach = line(server)
        async with listener:
            assert await reach(target, 1.0) is True
            server.reply = silent
            assert await reach(target, 1.0) is True
        assert await reach(target, 1.0) is False


async def test_a_target_whose_name_was_never_found_was_not_asked() -> None:
    async with dns_server(silent) as server:
        reach = line(server)
        assert await reach("line.test:53", 0.3) is None
        server.reply = zone({})
        assert await reach("line.test:53", 0.3) is None


async def test_a_target_is_reached_at_any_of_its_addresses() -> None:
    listener = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.2", 0)
    target = f"line.test:{listener.sockets[0].getsockname()[1]}"
    records = {"line.test A": ["127.0.0.1", "127.0.0.2"]}
    async with dns_server(zone(records)) as server, listener:
        assert await line(server)(target, 1.0) is True


@pytest.mark.parametrize(("starved_looks", "answer"), [(2, False), (3, None), (99, None)])
async def test_a_starved_process_looks_three_times_and_then_has_asked_nobody(
    starved_looks: int, answer: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    reach = ReachabilityTest(
        Transport(wall=FakeClock().wall), lambda: float(min(looks, starved_looks))
    )

    async def look(target: str, timeout_s: float) -> bool:
        nonlocal looks
        looks += 1
        assert looks < 10, "it repeats without bound"
        return False

    monkeypatch.setattr(reach, "_attempt", look)
    assert (await reach("192.0.2.1:53", 0.5), looks) == (answer, 3)
