"""What `dns` expects of a name server, against a real Knot and against silence."""

from __future__ import annotations

import socket
from typing import Any

import dns.flags
import dns.message
import pytest

from monitor.domain.checks.observation import Observation, Outcome
from monitor.net.transport import Transport
from probes.dns.probe import KIND, DnsProbe, DnsSpec
from tests.support.dns_server import dns_server, zone
from tests.support.knot import Knot
from tests.support.looks import run_check
from tests.support.ports import free_ports
from tests.support.transcript import RecordingTranscript


async def see(
    transport: Transport, port: int, name: str, *, timeout_s: float = 5, **settings: Any
) -> Observation:
    spec = DnsSpec(server="127.0.0.1", port=port, name=name, **settings)
    return await run_check(DnsProbe(transport), spec, timeout_s=timeout_s)


@pytest.mark.parametrize(
    ("name", "settings", "failure"),
    [
        ("www.radio.test", {}, None),
        ("WWW.Radio.Test.", {"authoritative": True}, None),
        ("www.radio.test", {"expect": ("192.0.2.80",)}, None),
        ("www.radio.test", {"expect": ("192.0.2.80", "192.0.2.81"), "exactly": True}, None),
        ("www.radio.test", {"expect": ("192.0.2.80",), "exactly": True}, "wrong_answer"),
        ("www.radio.test", {"expect": ("192.0.2.8",)}, "wrong_answer"),
        ("www.radio.test", {"type": "AAAA", "expect": ("2001:DB8:0:0::80",)}, None),
        ("www.radio.test", {"type": "AAAA", "expect": ("2001:db8::81",)}, "wrong_answer"),
        ("alias.radio.test", {"expect": ("192.0.2.80",)}, None),
        ("alias.radio.test", {"type": "CNAME", "expect": ("www.radio.test",)}, None),
        ("radio.test", {"type": "MX", "expect": ("10 mail.radio.test",)}, None),
        ("radio.test", {"type": "MX", "expect": ("20 mail.radio.test",)}, "wrong_answer"),
        ("radio.test", {"type": "TXT", "expect": ("v=spf1 mx -all",)}, None),
        ("long.radio.test", {"type": "TXT", "expect": ("v=DKIM1; p=firstsecond",)}, None),
        ("long.radio.test", {"type": "TXT", "expect": ("v=DKIM1; p=first",)}, "wrong_answer"),
        ("radio.test", {"type": "SOA"}, None),
        ("www.radio.test", {"tcp": True, "expect": ("192.0.2.81",)}, None),
        ("www.radio.test", {"type": "TXT"}, "wrong_answer"),
        ("gone.radio.test", {}, "nxdomain"),
        ("gone.radio.test", {"rcode": "NXDOMAIN"}, None),
        ("www.radio.test", {"rcode": "NXDOMAIN"}, "wrong_answer"),
        ("www.elsewhere.test", {}, "refused"),
        ("www.elsewhere.test", {"rcode": "refused"}, None),
        ("www.broken.test", {}, "servfail"),
        ("www.child.radio.test", {"authoritative": True}, "not_authoritative"),
        ("www.child.radio.test", {}, "wrong_answer"),
    ],
)
async def test_it_judges_what_a_real_server_answers(
    transport: Transport, knot: Knot, name: str, settings: dict[str, Any], failure: str | None
) -> None:
    seen = await see(transport, knot.port, name, **settings)
    assert seen.failure == failure, seen
    assert (seen.outcome is Outcome.UP) == (failure is None)


async def test_it_keeps_what_was_answered(transport: Transport, knot: Knot) -> None:
    seen = await see(transport, knot.port, "www.radio.test")
    assert seen.evidence == {
        "server": "127.0.0.1",
        "rcode": "NOERROR",
        "authoritative": True,
        "answer": ["192.0.2.80", "192.0.2.81"],
    }
    assert list(seen.phases_ms) == ["processing"]


async def test_it_asks_again_over_tcp_where_the_answer_was_cut(
    transport: Transport, knot: Knot
) -> None:
    seen = await see(transport, knot.port, "big.radio.test", type="TXT")
    assert (seen.outcome, seen.evidence["truncated"]) == (Outcome.UP, True), seen
    assert set(seen.phases_ms) == {"connect", "processing"}
    whole = await see(
        transport, knot.port, "big.radio.test", type="TXT", expect=(f"019 {'x' * 200}",), tcp=True
    )
    assert whole.outcome is Outcome.UP, whole
    assert "truncated" not in whole.evidence


async def test_it_says_that_nobody_answers(transport: Transport) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        seen = await see(transport, port, "www.radio.test", timeout_s=0.6)
        silent.setblocking(False)
        heard = [silent.recv(512) for _ in range(3)]
    assert (seen.outcome, seen.failure) == (Outcome.DOWN, "dns_timeout")
    assert seen.evidence["lost"] == 2
    # The last time without EDNS, which some servers drop.
    assert len({heard[0], heard[1]}) == 1
    assert [dns.message.from_wire(wire).edns for wire in heard] == [0, 0, -1]


async def test_it_sees_at_once_that_a_port_is_closed(transport: Transport) -> None:
    seen = await see(transport, free_ports(1)[0], "www.radio.test")
    assert seen.failure == "conn_refused"
    assert sum(seen.phases_ms.values()) < 1000


async def test_it_gets_over_a_datagram_that_was_lost(transport: Transport) -> None:
    answer = zone({"www.radio.test A": ["192.0.2.80"]})
    asked: list[dns.message.Message] = []

    def lossy(query: dns.message.Message, by_tcp: bool) -> dns.message.Message | bytes | None:
        asked.append(query)
        return None if len(asked) < 2 else answer(query, by_tcp)

    async with dns_server(lossy) as server:
        seen = await see(transport, server.port, "www.radio.test", timeout_s=0.9)
    assert (seen.outcome, seen.evidence["lost"]) == (Outcome.UP, 1)


async def test_it_passes_over_answers_to_another_number(transport: Transport) -> None:
    def forged(query: dns.message.Message, by_tcp: bool) -> bytes:
        wire = dns.message.make_response(query).to_wire()
        return bytes((wire[0] ^ 1,)) + wire[1:]

    async with dns_server(forged) as server:
        seen = await see(transport, server.port, "www.radio.test", timeout_s=0.3)
    assert seen.failure == "dns_timeout"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda wire: wire[:-3], "no DNS message"),
        (lambda wire: wire.replace(b"\x03www", b"\x03abc"), "another question"),
    ],
)
async def test_it_takes_no_broken_answer(transport: Transport, spoil: Any, message: str) -> None:
    answer = zone({"www.radio.test A": ["192.0.2.80"]})

    def broken(query: dns.message.Message, by_tcp: bool) -> bytes:
        reply = answer(query, by_tcp)
        assert isinstance(reply, dns.message.Message)
        wire: bytes = spoil(reply.to_wire())
        return wire

    async with dns_server(broken) as server:
        seen = await see(transport, server.port, "www.radio.test")
    assert seen.failure == "protocol_error"
    assert message in seen.message


async def test_it_wants_no_recursion_of_a_server_that_must_be_authoritative(
    transport: Transport,
) -> None:
    answer = zone({"www.radio.test A": ["192.0.2.80"]})
    wanted: list[bool] = []

    def listening(query: dns.message.Message, by_tcp: bool) -> dns.message.Message | bytes | None:
        wanted.append(bool(query.flags & dns.flags.RD))
        return answer(query, by_tcp)

    async with dns_server(listening) as server:
        first = await see(transport, server.port, "www.radio.test")
        second = await see(transport, server.port, "www.radio.test", authoritative=True)
    assert wanted == [True, False]
    assert (first.failure, second.failure) == (None, "not_authoritative")


async def test_it_shows_question_and_answer_in_the_transcript(
    transport: Transport, knot: Knot
) -> None:
    transcript = RecordingTranscript()
    spec = DnsSpec(server="127.0.0.1", port=knot.port, name="mail.radio.test")
    await run_check(DnsProbe(transport), spec, timeout_s=5, transcript=transcript)
    assert f"> mail.radio.test A to 127.0.0.1 port {knot.port}" in transcript.lines
    assert "< mail.radio.test. 60 IN A 192.0.2.25" in transcript.lines


@pytest.mark.parametrize(
    "settings", [{"name": "a..b"}, {"type": "NONSENSE"}, {"rcode": "WELL"}, {"port": 0}]
)
def test_it_refuses_what_cannot_be_asked(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        DnsSpec(**({"server": None, "name": "radio.test"} | settings))


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("dns:///radio.test", {"server": None, "name": "radio.test"}),
        ("dns://ns1.radio.test/radio.test", {"server": "ns1.radio.test", "port": 53}),
        ("dns://[::1]:5353/radio.test?type=mx", {"server": "::1", "port": 5353, "type": "MX"}),
    ],
)
def test_it_reads_a_target(target: str, found: dict[str, object]) -> None:
    fields = KIND.from_target(target)
    assert {key: fields[key] for key in found} == found


@pytest.mark.parametrize("target", ["radio.test", "dns://ns1", "dns://ns1/a?class=CH"])
def test_it_refuses_a_target_that_asks_nothing(target: str) -> None:
    with pytest.raises(ValueError, match="got"):
        KIND.from_target(target)
