"""What real name servers send, judged as a stub resolver and its user do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import pytest

from monitor.domain.checks.observation import Observation, Outcome
from monitor.net.family import Family
from monitor.net.resolve.resolv_conf import ResolverSettings
from monitor.net.resolve.resolver import Resolver
from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from probes.dns.probe import DnsProbe, DnsSpec
from tests.probes.real_rows import Record, tell
from tests.probes.test_dns import see
from tests.support.dns_server import Reply, dns_server, with_rcode, zone
from tests.support.looks import run_check

WWW = zone({"www.radio.test A": ["192.0.2.80"]})
Message = dns.message.Message


def knowing(*addresses: str) -> Transport:
    """A transport to which `ns.radio.test` has those addresses."""
    resolver = Resolver(settings=ResolverSettings(), hosts={"ns.radio.test": addresses})
    return Transport(wall=SystemClock().wall, resolver=resolver)


async def by_name(
    transport: Transport, port: int, *, timeout_s: float = 3.0, **settings: Any
) -> Observation:
    spec = DnsSpec(server="ns.radio.test", port=port, name="www.radio.test", **settings)
    return await run_check(DnsProbe(transport), spec, timeout_s=timeout_s)


@contextmanager
def mute(address: str, port: int) -> Iterator[None]:
    """Somebody who listens there and never answers."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind((address, port))
        yield


async def test_an_answer_that_takes_longer_than_a_try_is_an_answer(
    transport: Transport, record_property: Record
) -> None:
    async with dns_server(WWW, delay_s=0.4) as server:
        seen = await see(transport, server.port, "www.radio.test", timeout_s=0.9)
    tell(record_property, "dns", "D1 every answer after 0.4 of 0.9 s", None, seen)


async def test_the_next_address_is_asked_where_the_first_refuses(record_property: Record) -> None:
    async with dns_server(WWW) as server:
        seen = await by_name(knowing("127.0.0.2", "127.0.0.1"), server.port)
    tell(record_property, "dns", "D2 the first of two addresses refuses", None, seen)
    (attempt,) = attempts(seen)
    assert (attempt["address"], attempt["failure"]) == ("127.0.0.2", "conn_refused")
    assert seen.evidence["server"] == "127.0.0.1"


async def test_the_next_address_is_asked_where_the_first_is_silent(record_property: Record) -> None:
    async with dns_server(WWW) as server:
        with mute("127.0.0.2", server.port):
            seen = await by_name(knowing("127.0.0.2", "127.0.0.1"), server.port)
    tell(record_property, "dns", "D2 the first of two addresses is silent", None, seen)
    (attempt,) = attempts(seen)
    assert (attempt["address"], attempt["failure"]) == ("127.0.0.2", "silent")


async def test_a_family_of_which_no_address_answers_is_broken(record_property: Record) -> None:
    async with dns_server(WWW) as server:
        refused = await by_name(knowing("::1", "127.0.0.1"), server.port)
        with mute("::1", server.port):
            silent = await by_name(knowing("::1", "127.0.0.1"), server.port)
        four = await by_name(knowing("::1", "127.0.0.1"), server.port, family=Family.IPV4)
    tell(record_property, "dns", "D2 IPv6 refuses, IPv4 answers", "family_broken", refused)
    tell(record_property, "dns", "D2 IPv6 is silent, IPv4 answers", "family_broken", silent)
    assert silent.outcome is Outcome.DEGRADED
    assert four.failure is None


async def test_one_lost_datagram_breaks_no_family() -> None:
    heard: list[bytes] = []
    async with dns_server(WWW) as server, dns_server(WWW, address="::1", port=server.port) as six:
        answer = six.reply

        def once_lost(query: Message, by_tcp: bool) -> Message | bytes | None:
            heard.append(query.to_wire())
            return None if len(heard) == 1 else answer(query, by_tcp)

        six.reply = once_lost
        seen = await by_name(knowing("::1", "127.0.0.1"), server.port)
    assert seen.failure is None, seen


def attempts(seen: Observation) -> list[dict[str, Any]]:
    rows: Any = seen.evidence["attempts"]
    return list(rows)


def alias_only(*, is_authoritative: bool) -> Reply:
    """`www CNAME cdn.other.`, and no word of what that is."""

    def reply(query: Message, by_tcp: bool) -> Message:
        answer = dns.message.make_response(query, recursion_available=not is_authoritative)
        if is_authoritative:
            answer.flags |= dns.flags.AA
        answer.answer.append(
            dns.rrset.from_text("www.radio.test.", 60, "IN", "CNAME", "cdn.other.test.")
        )
        return answer

    return reply


async def test_a_name_that_is_an_alias_elsewhere_is_answered(
    transport: Transport, record_property: Record
) -> None:
    async with dns_server(alias_only(is_authoritative=True)) as server:
        plain = await see(transport, server.port, "www.radio.test", authoritative=True)
        wanted = await see(transport, server.port, "www.radio.test", expect=("192.0.2.80",))
        server.reply = alias_only(is_authoritative=False)
        resolved = await see(transport, server.port, "www.radio.test")
    tell(record_property, "dns", "D4 CNAME alone, nothing expected", None, plain)
    tell(record_property, "dns", "D4 CNAME alone, a value expected", "wrong_answer", wanted)
    tell(record_property, "dns", "D4 CNAME alone of a resolver", "wrong_answer", resolved)
    assert plain.evidence["alias"] == "cdn.other.test."
    assert "www.radio.test is an alias of cdn.other.test." in wanted.message


def without_edns(refusal: Reply | None) -> Reply:
    """Right answers to plain questions; those with EDNS are refused so, or dropped."""

    def reply(query: Message, by_tcp: bool) -> Message | bytes | None:
        if query.edns < 0:
            return WWW(query, by_tcp)
        return refusal(query, by_tcp) if refusal else None

    return reply


def bare(rcode: dns.rcode.Rcode) -> Reply:
    """A header and no more, as the oldest servers refuse."""

    def reply(query: Message, by_tcp: bool) -> bytes:
        return query.to_wire()[:2] + bytes((0x80, rcode)) + bytes(8)

    return reply


EDNS: dict[str, Reply | None] = {
    "FORMERR": with_rcode(dns.rcode.FORMERR),
    "FORMERR, its header alone": bare(dns.rcode.FORMERR),
    "NOTIMP": with_rcode(dns.rcode.NOTIMP),
    "BADVERS": with_rcode(dns.rcode.BADVERS),
    "silence": None,
}


@pytest.mark.parametrize("line", EDNS)
async def test_it_asks_again_without_edns(
    transport: Transport, line: str, record_property: Record
) -> None:
    async with dns_server(without_edns(EDNS[line])) as server:
        seen = await see(
            transport, server.port, "www.radio.test", timeout_s=1.2, expect=("192.0.2.80",)
        )
    tell(record_property, "dns", f"D5 {line} to EDNS, right without", "edns_broken", seen)
    assert seen.outcome is Outcome.DEGRADED


async def test_it_asks_again_without_edns_over_tcp(transport: Transport) -> None:
    async with dns_server(without_edns(with_rcode(dns.rcode.FORMERR))) as server:
        seen = await see(transport, server.port, "www.radio.test", tcp=True)
    assert seen.failure == "edns_broken", seen


async def test_lost_datagrams_are_not_held_against_edns(transport: Transport) -> None:
    asked: list[int] = []

    def lossy(query: Message, by_tcp: bool) -> Message | bytes | None:
        asked.append(query.edns)
        return None if len(asked) < 3 else WWW(query, by_tcp)

    async with dns_server(lossy) as server:
        seen = await see(transport, server.port, "www.radio.test", timeout_s=0.9)
    assert asked == [0, 0, -1, 0]
    assert seen.failure is None, seen


async def test_a_wrong_answer_without_edns_is_a_wrong_answer(transport: Transport) -> None:
    async with dns_server(with_rcode(dns.rcode.FORMERR)) as server:
        formerr = await see(transport, server.port, "www.radio.test")
        wanted = await see(transport, server.port, "www.radio.test", rcode="FORMERR")
        server.reply = without_edns(with_rcode(dns.rcode.FORMERR))
        other = await see(transport, server.port, "www.radio.test", expect=("192.0.2.81",))
    assert (formerr.failure, wanted.failure) == ("wrong_answer", None)
    assert other.failure == "wrong_answer"


VALUES: dict[str, tuple[str, str, str, str | None]] = {
    "TXT in other letters": ("TXT", '"p=migfABcD"', "p=MIGfAbCd", "wrong_answer"),
    "TXT in the same letters": ("TXT", '"p=MIGfAbCd"', "p=MIGfAbCd", None),
    "TXT cut in strings": ("TXT", '"p=MIGf" "AbCd"', "p=MIGfAbCd", None),
    "TXT with a quote": ("TXT", r'"dice \"hola\""', 'dice "hola"', None),
    "TXT with a quote, as zone files": ("TXT", r'"dice \"hola\""', r'"dice \"hola\""', None),
    "TXT with an accent": ("TXT", r'"canci\195\179n"', "canción", None),
    "TXT that ends in a dot": ("TXT", '"fin."', "fin", "wrong_answer"),
    "MX with a tab": ("MX", "10 mail.radio.test.", "10\tMAIL.radio.test", None),
    "CNAME in other letters": ("CNAME", "cdn.other.test", "CDN.Other.test", None),
    "AAAA in another spelling": ("AAAA", "2001:db8::80", "2001:DB8:0:0::80", None),
    "CAA without quotes": ("CAA", '0 issue "ca.test"', "0 issue ca.test", None),
    "MX to an international name": ("MX", "10 xn--maana-pta.test.", "10 mañana.test", None),
}


@pytest.mark.parametrize("line", VALUES)
async def test_it_compares_records_and_not_strings(
    transport: Transport, line: str, record_property: Record
) -> None:
    kind, served, wanted, failure = VALUES[line]
    async with dns_server(zone({f"a.radio.test {kind}": [served]})) as server:
        seen = await see(
            transport, server.port, "a.radio.test", type=kind, expect=(wanted,), exactly=True
        )
    tell(record_property, "dns", f"D6 {line}", failure, seen)


def test_it_refuses_to_expect_what_no_record_of_the_type_can_be() -> None:
    with pytest.raises(ValueError, match=r"'192\.0\.2' is no A"):
        DnsSpec(server=None, name="radio.test", expect=("192.0.2",))


async def test_it_asks_for_an_international_name_as_browsers_do(transport: Transport) -> None:
    async with dns_server(zone({"xn--strae-oqa.test A": ["192.0.2.80"]})) as server:
        seen = await see(transport, server.port, "straße.test", expect=("192.0.2.80",))
    assert seen.failure is None, seen
