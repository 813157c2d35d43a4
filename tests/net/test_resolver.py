"""Names become addresses by questions of our own, and a hung name is nobody else's trouble."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import dns.message
import dns.rcode
import pytest

from monitor.domain.checks.connectivity import RESOLVER, Control, DnsResponse
from monitor.domain.checks.observation import Outcome
from monitor.domain.checks.probe import Context
from monitor.net.errors import ProbeFailure
from monitor.net.family import Family
from monitor.net.resolve.resolv_conf import (
    ResolverSettings,
    WatchedFile,
    parse_hosts,
    parse_resolv_conf,
)
from monitor.net.resolve.resolver import Resolver, server_name
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from monitor.scheduling.check_run import run_check
from probes.tcp import TcpProbe, TcpSpec
from tests.support.contract_table import PROPERTY
from tests.support.dns_server import (
    DnsServer,
    bare,
    dns_server,
    silent,
    wildcard,
    with_rcode,
    zone,
)
from tests.support.dns_server import Reply as Answering
from tests.support.ports import free_ports

# One address a family: dnspython shuffles the records of a set.
WWW = {"www.example.test A": ["127.0.0.9"], "www.example.test AAAA": ["::1"]}


async def resolve(
    server: DnsServer | ResolverSettings,
    host: str,
    family: Family = Family.IPV4,
    timeout_s: float = 5.0,
) -> tuple[str, ...]:
    settings = server.settings if isinstance(server, DnsServer) else server
    with Session(Context(deadline=monotonic() + timeout_s)) as run:
        run.enter("resolve")
        return await Resolver(settings=settings, hosts={}).addresses(run, host, family)


async def failure(server: DnsServer | ResolverSettings, host: str, timeout_s: float = 5.0) -> str:
    with pytest.raises(ProbeFailure) as fault:
        await resolve(server, host, timeout_s=timeout_s)
    return fault.value.failure


async def test_it_gives_the_addresses_of_each_family() -> None:
    async with dns_server(zone(WWW)) as server:
        assert await resolve(server, "www.example.test") == ("127.0.0.9",)
        assert await resolve(server, "WWW.Example.Test.", Family.IPV6) == ("::1",)
        assert set(await resolve(server, "www.example.test", Family.ANY)) == {
            "127.0.0.9",
            "::1",
        }


async def test_it_follows_aliases() -> None:
    records = {"a.test CNAME": ["b.test"], "b.test CNAME": ["c.test"], "c.test A": ["127.0.0.3"]}
    async with dns_server(zone(records)) as server:
        assert await resolve(server, "a.test") == ("127.0.0.3",)


async def test_it_asks_by_tcp_what_is_truncated() -> None:
    many = zone({"big.test A": [f"127.0.1.{n}" for n in range(1, 100)]})

    def reply(query: dns.message.Message, by_tcp: bool) -> dns.message.Message:
        whole = many(query, by_tcp)
        assert isinstance(whole, dns.message.Message)
        if not by_tcp:
            whole = dns.message.make_response(query)
            whole.flags |= dns.flags.TC
        return whole

    async with dns_server(reply) as server:
        assert len(await resolve(server, "big.test")) == 16
        assert server.asked == {"udp": 1, "tcp": 1}


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOTIMP])
async def test_it_calls_an_error_dns_fail(rcode: dns.rcode.Rcode) -> None:
    async with dns_server(with_rcode(rcode)) as server:
        assert await failure(server, "www.example.test") == "dns_fail"


async def test_it_tells_a_missing_name_from_a_missing_family() -> None:
    async with dns_server(zone({"six.test AAAA": ["::1"]})) as server:
        assert await failure(server, "none.test") == "dns_nxdomain"
        assert await failure(server, "six.test") == "dns_fail"


async def test_it_needs_one_family_alone_to_work() -> None:
    good = zone(WWW)

    def reply(query: dns.message.Message, by_tcp: bool) -> dns.message.Message | bytes | None:
        if query.question[0].rdtype == dns.rdatatype.AAAA:
            return with_rcode(dns.rcode.SERVFAIL)(query, by_tcp)
        return good(query, by_tcp)

    async with dns_server(reply) as server:
        found = await resolve(server, "www.example.test", Family.ANY)
    assert found == ("127.0.0.9",)


async def test_what_has_come_of_one_family_counts_where_the_other_is_dropped(
    record_property: Callable[[str, object], None],
) -> None:
    good = zone(WWW)

    def reply(query: dns.message.Message, by_tcp: bool) -> dns.message.Message | bytes | None:
        is_six = query.question[0].rdtype == dns.rdatatype.AAAA
        return None if is_six else good(query, by_tcp)

    async with dns_server(reply) as server:
        patient = dataclasses.replace(server.settings, timeout_s=30.0)
        began = monotonic()
        found = await resolve(patient, "www.example.test", Family.ANY, timeout_s=4)
        assert monotonic() - began < 2
        # Where nothing of use has come there is nothing to be content with.
        assert await failure(server, "six.example.test") == "dns_nxdomain"
    record_property(PROPERTY, ["resolver", "D3 AAAA is dropped", "up", "up", "-"])
    assert found == ("127.0.0.9",)


async def test_an_answer_to_an_early_try_counts_while_later_ones_run(
    record_property: Callable[[str, object], None],
) -> None:
    """Each server takes longer for an answer than its share of the time is."""
    async with dns_server(zone(WWW), 0.45) as slow, dns_server(zone(WWW), 0.45) as other:
        servers = tuple(("127.0.0.1", server.port) for server in (slow, other))
        settings = dataclasses.replace(slow.settings, nameservers=servers, timeout_s=0.3)
        found = await resolve(settings, "www.example.test", timeout_s=5)
        assert other.asked["udp"] == 1
    record_property(PROPERTY, ["resolver", "D1 servers slower than a share", "up", "up", "-"])
    assert found == ("127.0.0.9",)


async def test_it_goes_on_to_the_next_server() -> None:
    (closed,) = free_ports(1)
    async with dns_server(zone(WWW)) as good, dns_server(silent) as mute:
        servers = tuple(("127.0.0.1", port) for port in (closed, mute.port, good.port))
        settings = dataclasses.replace(good.settings, nameservers=servers)
        assert await resolve(settings, "www.example.test") == ("127.0.0.9",)
        assert mute.asked["udp"] == 1


async def test_it_asks_a_server_that_was_silent_after_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One dead server of two must not cost every look its share of the time."""
    late = [0.0]
    monkeypatch.setattr("monitor.net.resolve.resolver.monotonic", lambda: monotonic() + late[0])
    async with dns_server(zone(WWW)) as good, dns_server(silent) as mute:
        servers = (("127.0.0.1", mute.port), ("127.0.0.1", good.port))
        resolver = Resolver(settings=good.settings, servers=servers, hosts={})

        async def ask() -> None:
            with Session(Context(deadline=monotonic() + 5)) as run:
                assert await resolver.addresses(run, "www.example.test", Family.IPV4)
                assert RESOLVER not in run.evidence

        for _ in range(3):
            await ask()
        assert (mute.asked["udp"], good.asked["udp"]) == (1, 3)
        mute.reply, late[0] = zone(WWW), 3600.0
        for _ in range(2):
            await ask()
        assert (mute.asked["udp"], good.asked["udp"]) == (3, 3)


async def test_it_leaves_time_for_the_next_server_before_the_deadline() -> None:
    async with dns_server(zone(WWW)) as good, dns_server(silent) as mute:
        servers = (("127.0.0.1", mute.port), ("127.0.0.1", good.port))
        patient = dataclasses.replace(good.settings, nameservers=servers, timeout_s=30.0)
        assert await resolve(patient, "www.example.test", timeout_s=0.6) == ("127.0.0.9",)


async def asked_in_vain(settings: ResolverSettings, host: str, timeout_s: float = 5.0) -> object:
    """What is left in the evidence of a look whose name was not found."""
    with Session(Context(deadline=monotonic() + timeout_s)) as run:
        run.enter("resolve")
        with pytest.raises(ProbeFailure):
            await Resolver(settings=settings, hosts={}).addresses(run, host, Family.IPV4)
        return run.evidence.get(RESOLVER)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (silent, "silent"),
        (with_rcode(dns.rcode.SERVFAIL), "servfail"),
        (with_rcode(dns.rcode.REFUSED), "refused"),
        (with_rcode(dns.rcode.NOTIMP), "garbled"),
        (zone({}), "nxdomain"),
    ],
)
async def test_it_keeps_who_was_asked_where_a_name_is_not_found(
    reply: Answering, said: str
) -> None:
    async with dns_server(reply) as server:
        found = await asked_in_vain(server.settings, "www.example.test")
        assert found == {f"127.0.0.1:{server.port}": said}


async def test_it_keeps_who_was_asked_when_the_deadline_came_first() -> None:
    async with dns_server(silent) as server:
        patient = dataclasses.replace(server.settings, timeout_s=30.0)
        found = await asked_in_vain(patient, "a.test", timeout_s=0.1)
        assert found == {f"127.0.0.1:{server.port}": "silent"}


async def test_a_server_that_says_nothing_of_any_name_is_named_and_the_next_one_asked() -> None:
    async with dns_server(bare) as empty, dns_server(zone({"web.test A": ["192.0.2.1"]})) as well:
        assert await asked_in_vain(empty.settings, "web.test") == {
            f"127.0.0.1:{empty.port}": "empty"
        }
        both = (*empty.settings.nameservers, *well.settings.nameservers)
        settings = dataclasses.replace(empty.settings, nameservers=both)
        assert await resolve(settings, "web.test", Family.IPV4) == ("192.0.2.1",)


DENYING = Control(uncached=DnsResponse.NXDOMAIN, plain=DnsResponse.NXDOMAIN)
FORGING = Control(
    uncached=DnsResponse.FORGED, plain=DnsResponse.ANSWER, forged=frozenset({"192.0.2.99"})
)


@pytest.mark.parametrize(
    ("ill", "doubted"),
    [(zone({}), DENYING), (wildcard("192.0.2.99", beside={}), FORGING)],
    ids=["denying", "forging"],
)
async def test_a_server_that_the_control_names_expose_is_not_believed_and_the_next_one_asked(
    ill: Answering, doubted: Control
) -> None:
    async with dns_server(ill) as first, dns_server(zone(WWW)) as second:
        servers = (("127.0.0.1", first.port), ("127.0.0.1", second.port))
        resolver = Resolver(settings=first.settings, servers=servers, hosts={})
        resolver.doubt({server_name(servers[0]): (doubted, doubted)})
        with Session(Context(deadline=monotonic() + 5)) as run:
            found = await resolver.addresses(run, "www.example.test", Family.IPV4)
            assert found == ("127.0.0.9",)
            assert run.resolved == {
                RESOLVER: {server_name(servers[1]): "answer"},
                "resolved": [*found],
            }
            with pytest.raises(ProbeFailure, match="no such name") as caught:
                await resolver.addresses(run, "gone.test", Family.IPV4)
        assert caught.value.failure == "dns_nxdomain"


async def test_it_accuses_nobody_of_a_name_without_addresses_of_a_family() -> None:
    async with dns_server(zone({"six.test AAAA": ["::1"]})) as server:
        assert await asked_in_vain(server.settings, "six.test") is None


async def test_it_gives_up_when_every_server_is_silent() -> None:
    async with dns_server(silent) as server:
        assert await failure(server, "www.example.test") == "dns_timeout"
        assert server.asked["udp"] == 2


async def test_it_ends_at_the_deadline() -> None:
    async with dns_server(silent) as server:
        began = monotonic()
        assert await failure(server, "www.example.test", timeout_s=0.1) == "dns_timeout"
        assert monotonic() - began < 0.35


async def test_it_passes_over_answers_to_another_question() -> None:
    good = zone(WWW)

    def reply(query: dns.message.Message, by_tcp: bool) -> dns.message.Message | bytes | None:
        forged = dns.message.make_response(query)
        forged.id = query.id ^ 1
        return forged

    async with dns_server(reply) as server:
        assert await failure(server, "www.example.test") == "dns_timeout"
        server.reply = good
        assert await resolve(server, "www.example.test")


@pytest.mark.parametrize("junk", [b"\0" * 40, b"", b"\xff" * 12])
async def test_it_survives_bytes_that_are_no_message(junk: bytes) -> None:
    def reply(query: dns.message.Message, by_tcp: bool) -> bytes:
        wire = query.to_wire()
        return wire[:2] + b"\x81\x80\x00\x01\x00\x09" + wire[8:] + junk

    async with dns_server(reply) as server:
        assert await failure(server, "www.example.test") == "dns_fail"


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".test", ".".join(["abcdefgh"] * 40), ""])
async def test_it_refuses_what_is_no_name(host: str) -> None:
    async with dns_server(zone(WWW)) as server:
        assert await failure(server, host) == "dns_fail"
        assert server.asked["udp"] == 0


async def test_it_searches_domains_as_resolv_conf_says() -> None:
    async with dns_server(zone(WWW)) as server:
        settings = dataclasses.replace(server.settings, search=("other.test", "example.test"))
        assert await resolve(settings, "www") == ("127.0.0.9",)


async def test_it_asks_nobody_about_hosts_literals_and_localhost() -> None:
    async with dns_server(silent) as server:
        resolver = Resolver(settings=server.settings, hosts={"box": ("127.0.0.7",)})
        with Session(Context(deadline=monotonic() + 1)) as run:
            assert await resolver.addresses(run, "Box", Family.ANY) == ("127.0.0.7",)
            assert await resolver.addresses(run, "127.0.0.6", Family.ANY) == ("127.0.0.6",)
            assert await resolver.addresses(run, "a.localhost", Family.IPV4) == ("127.0.0.1",)
        assert server.asked["udp"] == 0


async def test_fifty_hung_names_change_no_other_check() -> None:
    threads = threading.active_count()
    listener = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]

    def reply(query: dns.message.Message, by_tcp: bool) -> dns.message.Message | bytes | None:
        hangs = query.question[0].name.to_text().startswith("hung")
        return None if hangs else zone({"fine.test A": ["127.0.0.1"]})(query, by_tcp)

    async with listener, dns_server(reply) as server:
        patient = dataclasses.replace(server.settings, timeout_s=30.0)
        probe = TcpProbe(
            Transport(wall=SystemClock().wall, resolver=Resolver(settings=patient, hosts={}))
        )
        hung = [
            asyncio.ensure_future(
                run_check(probe, TcpSpec(host=f"hung{n}.test", port=port), timeout_s=1.5)
            )
            for n in range(50)
        ]
        await asyncio.sleep(0)
        fine = TcpSpec(host="fine.test", port=port)
        for _ in range(20):
            seen = await run_check(probe, fine, timeout_s=0.5)
            assert seen.outcome is Outcome.UP
            assert seen.phases_ms["resolve"] < 100
        assert not any(task.done() for task in hung)
        assert {(await task).failure for task in hung} == {"dns_timeout"}
    assert threading.active_count() == threads


def test_it_reads_resolv_conf_as_the_c_library_does() -> None:
    text = """
    # made by hand
    nameserver 192.0.2.1 ; first
    nameserver fe80::1%eth0
    nameserver nonsense
    nameserver 192.0.2.2
    nameserver 192.0.2.3
    domain old.test
    search a.test b.test.
    options ndots:3 timeout:2 attempts:9 rotate edns0
    """
    assert parse_resolv_conf(text) == ResolverSettings(
        nameservers=(("192.0.2.1", 53), ("fe80::1%eth0", 53), ("192.0.2.2", 53)),
        search=("a.test", "b.test"),
        ndots=3,
        timeout_s=2.0,
        attempts=5,
    )
    assert parse_resolv_conf("") == ResolverSettings()


def test_it_sees_a_changed_file_and_survives_a_missing_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("monitor.net.resolve.resolv_conf.monotonic", lambda: now[0])
    path = tmp_path / "hosts"
    watched = WatchedFile(path, parse_hosts)
    assert watched.get() == {}
    path.write_text("127.0.0.1 box\n", "utf-8")
    assert watched.get() == {}
    now[0] += 5
    assert watched.get() == {"box": ("127.0.0.1",)}
    path.unlink()
    now[0] += 5
    assert watched.get() == {}
