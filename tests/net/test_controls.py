"""Our resolver asked about names that are known to be well, so that no cache can answer for it."""

from __future__ import annotations

from time import monotonic

import dns.message
import dns.rcode
import pytest

from monitor.domain.checks.connectivity import Control, Controls, DnsResponse, is_ill
from monitor.net.resolve.control_names import query_controls
from tests.support.dns_server import (
    Caching,
    DnsServer,
    bare,
    dns_server,
    silent,
    wildcard,
    with_rcode,
    zone,
)
from tests.support.dns_server import Reply as Answer
from tests.support.ports import free_ports

NAMES = ("one.test", "two.example")
WORLD = {"one.test A": ["192.0.2.1"], "two.example A": ["192.0.2.2"]}
WELL = Control(uncached=DnsResponse.NXDOMAIN, plain=DnsResponse.ANSWER)


async def controls(*servers: DnsServer | int, timeout_s: float = 0.4) -> Controls:
    ports = [server if isinstance(server, int) else server.port for server in servers]
    return await query_controls([("127.0.0.1", port) for port in ports], NAMES, timeout_s)


async def test_a_resolver_that_works_sees_every_control_name() -> None:
    async with dns_server(zone(WORLD)) as server:
        assert await controls(server) == {f"127.0.0.1:{server.port}": (WELL, WELL)}


async def test_it_asks_for_another_label_each_time() -> None:
    asked: list[str] = []
    world = zone(WORLD)

    def reply(query: dns.message.Message, by_tcp: bool) -> dns.message.Message | bytes | None:
        asked.append(query.question[0].name.to_text())
        return world(query, by_tcp)

    async with dns_server(reply) as server:
        await controls(server)
        await controls(server)
    plain = [name for name in asked if name.count(".") == 2]
    assert sorted(set(plain)) == ["one.test.", "two.example."]
    labelled = [name for name in asked if name not in plain]
    assert len(labelled) == len(set(labelled)) == 4


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (silent, DnsResponse.SILENT),
        (with_rcode(dns.rcode.SERVFAIL), DnsResponse.SERVFAIL),
        (with_rcode(dns.rcode.REFUSED), DnsResponse.REFUSED),
        (bare, DnsResponse.EMPTY),
        (lambda query, by_tcp: b"\0" * 3, DnsResponse.SILENT),
    ],
)
async def test_a_resolver_that_is_ill_sees_none(reply: Answer, said: DnsResponse) -> None:
    async with dns_server(reply) as server:
        (found,) = (await controls(server)).values()
    assert {control.refusal for control in found} == {said}
    assert not any(control.is_seen for control in found)


async def test_a_port_where_nobody_listens_is_silent_at_once() -> None:
    (closed,) = free_ports(1)
    began = monotonic()
    (found,) = (await controls(closed, timeout_s=30)).values()
    assert {control.refusal for control in found} == {DnsResponse.SILENT}
    assert monotonic() - began < 5


async def test_a_warm_cache_does_not_hide_that_the_uplink_is_dead() -> None:
    resolver = Caching(WORLD, beyond={})
    async with dns_server(resolver) as server:
        assert await controls(server) == {f"127.0.0.1:{server.port}": (WELL, WELL)}
        resolver.is_cut = True
        (found,) = (await controls(server)).values()
    stale = Control(uncached=DnsResponse.SERVFAIL, plain=DnsResponse.ANSWER)
    assert found == (stale, stale)
    assert not stale.is_seen


async def test_a_resolver_that_denies_everything_sees_nothing() -> None:
    async with dns_server(zone({})) as server:
        (found,) = (await controls(server)).values()
    assert {control.refusal for control in found} == {DnsResponse.NXDOMAIN}
    assert not any(control.is_seen for control in found)


@pytest.mark.parametrize("denies", [False, True])
async def test_a_resolver_that_has_an_address_for_whatever_is_asked_sees_nothing(
    denies: bool,
) -> None:
    """A captive portal has it for all names, an advertiser for those that do not exist."""
    forged = frozenset({"192.0.2.99"})
    world = wildcard("192.0.2.99", beside=WORLD if denies else {})
    async with dns_server(world) as server:
        (found,) = (await controls(server)).values()
    assert (
        found
        == (Control(uncached=DnsResponse.FORGED, plain=DnsResponse.ANSWER, forged=forged),) * 2
    )
    assert not any(control.is_seen for control in found)


async def test_wildcards_of_the_control_names_own_accuse_nobody() -> None:
    one, two = (wildcard(f"192.0.2.{n}", beside=WORLD) for n in (1, 2))

    def reply(query: dns.message.Message, by_tcp: bool) -> dns.message.Message | bytes | None:
        is_one = "one.test" in query.question[0].name.to_text()
        return one(query, by_tcp) if is_one else two(query, by_tcp)

    async with dns_server(reply) as server:
        (found,) = (await controls(server)).values()
    assert all(control.is_seen for control in found)


async def test_who_denies_is_heard_beside_who_does_its_work() -> None:
    async with dns_server(zone({})) as denying, dns_server(zone(WORLD)) as good:
        found = await controls(denying, good)
    assert {control.refusal for control in found[f"127.0.0.1:{denying.port}"]} == {
        DnsResponse.NXDOMAIN
    }
    assert found[f"127.0.0.1:{good.port}"] == (WELL, WELL)


async def test_one_lost_datagram_accuses_nobody() -> None:
    seen: set[str] = set()
    world = zone(WORLD)

    def reply(query: dns.message.Message, by_tcp: bool) -> dns.message.Message | bytes | None:
        name = query.question[0].name.to_text()
        if name in seen:
            return world(query, by_tcp)
        seen.add(name)
        return None

    async with dns_server(reply) as server:
        (found,) = (await controls(server)).values()
    assert found == (WELL, WELL)


async def test_it_does_not_wait_for_the_dead_one_of_two() -> None:
    async with dns_server(silent) as mute, dns_server(zone(WORLD)) as good:
        began = monotonic()
        found = await controls(mute, good, timeout_s=30)
        assert monotonic() - began < 5
    assert list(found.values()) == [(WELL, WELL)]
    assert not is_ill({f"127.0.0.1:{mute.port}": "silent"}, found)


async def test_it_asks_nobody_where_there_are_no_control_names() -> None:
    async with dns_server(silent) as server:
        assert await query_controls([("127.0.0.1", server.port)], (), 1) == {}
        assert server.asked["udp"] == 0
