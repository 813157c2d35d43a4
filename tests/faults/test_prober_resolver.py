"""Proof on a running prober: a resolver of ours that is ill takes no target down with it."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import dns.message
import dns.rcode
import pytest

from monitor.catalogues.file import write_catalogues
from monitor.domain.catalogue import Check, ConnectivitySettings, OwnResolver
from monitor.domain.checks.observation import Result
from probes.dns.probe import DnsSpec
from probes.tcp import TcpSpec
from tests.faults.prober_process import Prober, logged, running_prober
from tests.support.catalogues import a_check, a_revision
from tests.support.dns_server import (
    Caching,
    DnsServer,
    Reply,
    bare,
    dns_server,
    silent,
    wildcard,
    with_rcode,
    zone,
)
from tests.support.ports import free_ports
from tests.support.unbound import running_unbound

CONTROLS = ("control.test", "other.example")
WORLD = {
    "control.test A": ["192.0.2.1"],
    "other.example A": ["192.0.2.2"],
    "web.test A": ["127.0.0.1"],
    "line.test A": ["127.0.0.1"],
}
LOOKS = 3
Seen = Counter[tuple[str, str, str | None]]


@pytest.fixture
def port() -> int:
    (number,) = free_ports(1)
    return number


def a_folder(tmp_path: Path, name: str = "data") -> Path:
    folder = tmp_path / name
    folder.mkdir()
    return folder


@asynccontextmanager
async def the_prober(
    folder: Path,
    servers: list[int],
    checks: list[Check],
    *,
    gates: tuple[ConnectivitySettings, ...] = (),
) -> AsyncIterator[Prober]:
    revision = a_revision(checks, gates=gates)
    addresses = tuple(("127.0.0.1", server) for server in servers)
    ours = OwnResolver(servers=addresses, controls=CONTROLS, timeout_s=0.4)
    operations = replace(revision.catalogue.operations, resolver=ours)
    catalogue = replace(revision.catalogue, operations=operations)
    write_catalogues(folder / "catalogue.json", [replace(revision, catalogue=catalogue)])
    with running_prober(folder) as prober:
        yield prober


async def rows(prober: Prober, count: int) -> None:
    await asyncio.to_thread(prober.ledger.wait_for, count)


def by_class(results: list[Result]) -> Seen:
    return Counter((str(r.check), r.outcome.value, r.failure) for r in results)


def web(name: str = "web", host: str = "web.test", *, port: int, gate: str | None = None) -> Check:
    made = a_check(name, interval=1, kind="tcp", spec=TcpSpec(host=host, port=port), gate=gate)
    return replace(made, timeout_s=0.7)


def own_dns(server: DnsServer) -> Check:
    """The resolver as a target, for it is ours and somebody's at once."""
    spec = DnsSpec(server="127.0.0.1", port=server.port, name="web.test")
    return replace(a_check("dns", interval=1, kind="dns", spec=spec), timeout_s=0.7)


@pytest.mark.parametrize(
    ("ill", "its_own"),
    [
        (silent, "dns_timeout"),
        (with_rcode(dns.rcode.REFUSED), "refused"),
        (with_rcode(dns.rcode.SERVFAIL), "servfail"),
        (bare, "wrong_answer"),
    ],
    ids=["silent", "refusing", "servfail", "empty"],
)
async def test_an_ill_resolver_is_no_outage_of_what_it_does_not_find(
    tmp_path: Path, port: int, ill: Reply, its_own: str
) -> None:
    data = a_folder(tmp_path)
    with socket.create_server(("127.0.0.1", port)):
        async with dns_server(ill) as server:
            checks = [web(port=port), web("literal", "127.0.0.1", port=port), own_dns(server)]
            async with the_prober(data, [server.port], checks) as prober:
                await rows(prober, 3 * LOOKS)
    assert set(by_class(logged(data))) == {
        ("web", "unknown", "no_resolver"),
        ("literal", "up", None),
        ("dns", "down", its_own),
    }


async def test_a_warm_cache_before_a_dead_uplink_is_an_ill_resolver(
    tmp_path: Path, port: int
) -> None:
    """It still knows the control names; what it does not know it cannot find out."""
    known = {key: values for key, values in WORLD.items() if not key.startswith("web")}
    cache = Caching(known, beyond=WORLD)
    cache.is_cut = True
    data = a_folder(tmp_path)
    async with (
        dns_server(cache) as server,
        the_prober(data, [server.port], [web(port=port)]) as prober,
    ):
        await rows(prober, LOOKS)
    assert set(by_class(logged(data))) == {("web", "unknown", "no_resolver")}


async def test_a_real_cache_before_a_dead_uplink_is_an_ill_resolver(
    tmp_path: Path, port: int
) -> None:
    """Unbound gives out the control names that it once heard, also when they are old."""
    data, folder = a_folder(tmp_path), a_folder(tmp_path, "unbound")
    async with dns_server(zone(WORLD)) as world:
        with running_unbound(folder, world.port) as cache:
            for name in CONTROLS:
                assert await asyncio.to_thread(asked, cache, name) == dns.rcode.NOERROR
            world.reply = silent
            async with the_prober(data, [cache], [web(port=port)]) as prober:
                await rows(prober, LOOKS)
            for name in CONTROLS:
                assert await asyncio.to_thread(asked, cache, name) == dns.rcode.NOERROR
    assert set(by_class(logged(data))) == {("web", "unknown", "no_resolver")}


def asked(port: int, name: str) -> int:
    query = dns.message.make_query(name, "A")
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.settimeout(5)
        sock.sendto(query.to_wire(), ("127.0.0.1", port))
        return dns.message.from_wire(sock.recv(4096)).rcode()


@pytest.mark.parametrize(
    ("mute", "failure"),
    [
        (silent, "dns_timeout"),
        (with_rcode(dns.rcode.SERVFAIL), "dns_fail"),
        (bare, "dns_fail"),
    ],
    ids=["silent", "servfail", "empty"],
)
async def test_a_target_whose_own_name_server_fails_stays_down(
    tmp_path: Path, port: int, mute: Reply, failure: str
) -> None:
    world = zone(WORLD)

    def reply(query: dns.message.Message, by_tcp: bool) -> dns.message.Message | bytes | None:
        is_theirs = "web." in query.question[0].name.to_text()
        return mute(query, by_tcp) if is_theirs else world(query, by_tcp)

    data = a_folder(tmp_path)
    async with (
        dns_server(reply) as server,
        the_prober(data, [server.port], [web(port=port)]) as prober,
    ):
        await rows(prober, LOOKS)
    assert set(by_class(logged(data))) == {("web", "down", failure)}


async def test_one_dead_resolver_of_two_is_noticed_by_no_check(tmp_path: Path, port: int) -> None:
    data = a_folder(tmp_path)
    with socket.create_server(("127.0.0.1", port)):
        async with dns_server(silent) as mute, dns_server(zone(WORLD)) as good:
            checks = [web(port=port), web("gone", "gone.test", port=port)]
            async with the_prober(data, [mute.port, good.port], checks) as prober:
                await rows(prober, 2 * LOOKS)
    assert set(by_class(logged(data))) == {
        ("web", "up", None),
        ("gone", "down", "dns_nxdomain"),
    }


@pytest.mark.parametrize(
    ("ill", "its_word"),
    [(zone({}), "dns_nxdomain"), (wildcard("127.0.0.9", beside={}), "conn_refused")],
    ids=["denying", "forging"],
)
async def test_a_resolver_of_two_that_lies_is_not_believed_and_the_other_one_is_asked(
    tmp_path: Path, port: int, ill: Reply, its_word: str
) -> None:
    data = a_folder(tmp_path)
    with socket.create_server(("127.0.0.1", port)):
        async with (
            dns_server(ill) as liar,
            dns_server(zone(WORLD)) as good,
            the_prober(data, [liar.port, good.port], [web(port=port)]) as prober,
        ):
            await rows(prober, LOOKS)
    first, *later = logged(data)
    assert (first.outcome.value, first.failure) == ("unknown", "no_resolver")
    assert first.evidence["held"] == its_word
    assert {(r.outcome.value, r.failure) for r in later} == {("up", None)}


async def test_a_resolver_that_has_one_address_for_every_name_is_no_outage(
    tmp_path: Path, port: int
) -> None:
    data = a_folder(tmp_path)
    with socket.create_server(("127.0.0.1", port)):
        async with (
            dns_server(wildcard("127.0.0.9", beside={})) as portal,
            the_prober(data, [portal.port], [web(port=port)]) as prober,
        ):
            await rows(prober, LOOKS)
    assert set(by_class(logged(data))) == {("web", "unknown", "no_resolver")}


async def test_a_gate_by_name_goes_on_to_tell_of_the_line_while_the_resolver_is_ill(
    tmp_path: Path, port: int
) -> None:
    """A check that fails by its address is down before, while and after the resolver is ill."""
    (closed,) = free_ports(1)
    line = ConnectivitySettings(id="line", targets=(f"line.test:{port}",), timeout_s=0.8)
    data = a_folder(tmp_path)
    with socket.create_server(("127.0.0.1", port)):
        async with dns_server(zone(WORLD)) as server:
            checks = [
                web("literal", "127.0.0.1", port=closed, gate="line"),
                web(port=port, gate="line"),
            ]
            gates = (line,)
            async with the_prober(data, [server.port], checks, gates=gates) as prober:
                await rows(prober, 2 * LOOKS)
                server.reply = silent
                await rows(prober, 4 * LOOKS)
                server.reply = zone(WORLD)
                await rows(prober, 6 * LOOKS)
    seen = by_class(logged(data))
    assert set(seen) == {
        ("literal", "down", "conn_refused"),
        ("web", "up", None),
        ("web", "unknown", "no_resolver"),
    }
    assert seen["web", "unknown", "no_resolver"] >= 1
