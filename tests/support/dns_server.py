"""A name server on loopback, UDP and TCP on one port, that answers as a test says."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import dns.message
import dns.rcode
import dns.rrset

from monitor.net.resolve.resolv_conf import ResolverSettings

Reply = Callable[[dns.message.Message, bool], dns.message.Message | bytes | None]
"""From a query, and whether it came by TCP, to what is sent back; None: nothing."""


class DnsServer:
    """`asked` counts the queries of each transport. `reply` may be exchanged at any time. What it
    answers by UDP goes out `delay_s` later."""

    def __init__(self, reply: Reply, delay_s: float = 0.0) -> None:
        self.reply = reply
        self.delay_s = delay_s
        self.asked = {"udp": 0, "tcp": 0}
        self.port = 0

    @property
    def settings(self) -> ResolverSettings:
        """A resolver that asks this server alone, with short patience."""
        servers = (("127.0.0.1", self.port),)
        return ResolverSettings(nameservers=servers, timeout_s=0.2, attempts=2)

    def answer(self, wire: bytes, *, by_tcp: bool) -> bytes | None:
        self.asked["tcp" if by_tcp else "udp"] += 1
        reply = self.reply(dns.message.from_wire(wire), by_tcp)
        return reply.to_wire() if isinstance(reply, dns.message.Message) else reply


@asynccontextmanager
async def dns_server(
    reply: Reply, delay_s: float = 0.0, *, address: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[DnsServer]:
    server = DnsServer(reply, delay_s)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (size,) = struct.unpack("!H", await reader.readexactly(2))
        answer = server.answer(await reader.readexactly(size), by_tcp=True)
        if answer is not None:
            writer.write(struct.pack("!H", len(answer)) + answer)
        writer.close()

    loop = asyncio.get_running_loop()
    by_tcp = await asyncio.start_server(serve, address, port)
    server.port = by_tcp.sockets[0].getsockname()[1]
    by_udp, _ = await loop.create_datagram_endpoint(
        lambda: _Datagrams(server), local_addr=(address, server.port)
    )
    try:
        async with by_tcp:
            yield server
    finally:
        by_udp.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # What asyncio gives here is a datagram transport, though not by inheritance.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._server.answer(data, by_tcp=False)
        if answer is None or self._transport is None:
            return
        if self._server.delay_s:
            loop = asyncio.get_running_loop()
            loop.call_later(self._server.delay_s, self._transport.sendto, answer, addr)
        else:
            self._transport.sendto(answer, addr)


def silent(query: dns.message.Message, by_tcp: bool) -> None:
    """A server that never answers."""


_SOA = "ns.test. host.test. 1 3600 600 86400 60"


def zone(records: dict[str, list[str]]) -> Reply:
    """Answers from `{"name TYPE": values}`; other names do not exist, other types have the SOA that
    says so."""
    names = {key.split()[0] for key in records}

    def reply(query: dns.message.Message, by_tcp: bool) -> dns.message.Message:
        response = dns.message.make_response(query)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        if name not in names:
            response.set_rcode(dns.rcode.NXDOMAIN)
            return response
        kind = dns.rdatatype.to_text(question.rdtype)
        _follow(response, records, name, kind)
        return response

    return reply


def _follow(
    response: dns.message.Message, records: dict[str, list[str]], name: str, kind: str
) -> None:
    """The records of a name, aliases first."""
    while alias := records.get(f"{name} CNAME"):
        response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", alias[0] + "."))
        name = alias[0]
    if values := records.get(f"{name} {kind}"):
        response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *values))
    else:
        response.authority.append(dns.rrset.from_text(f"{name}.", 60, "IN", "SOA", _SOA))


def wildcard(address: str, *, beside: dict[str, list[str]]) -> Reply:
    """One address for every name, but for the records of `beside`."""
    known = zone(beside)

    def reply(query: dns.message.Message, by_tcp: bool) -> dns.message.Message | bytes | None:
        response = known(query, by_tcp)
        assert isinstance(response, dns.message.Message)
        question = query.question[0]
        if response.rcode() != dns.rcode.NXDOMAIN or question.rdtype != dns.rdatatype.A:
            return response
        response.set_rcode(dns.rcode.NOERROR)
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", address))
        return response

    return reply


def bare(query: dns.message.Message, by_tcp: bool) -> dns.message.Message:
    """A forwarder that calls every name well and has nothing to say of any."""
    return dns.message.make_response(query)


class Caching:
    """A resolver whose cache is warm with `known`. It has an uplink to a world in which these and
    those of `beyond` exist, until that is `cut`; from then on it says SERVFAIL to what it does
    not know."""

    def __init__(self, known: dict[str, list[str]], beyond: dict[str, list[str]]) -> None:
        self._known = zone(known)
        self._world = zone(known | beyond)
        self._names = {key.split()[0] for key in known}
        self.is_cut = False

    def __call__(
        self, query: dns.message.Message, by_tcp: bool
    ) -> dns.message.Message | bytes | None:
        if not self.is_cut:
            return self._world(query, by_tcp)
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        reply = self._known if name in self._names else with_rcode(dns.rcode.SERVFAIL)
        return reply(query, by_tcp)


def with_rcode(rcode: dns.rcode.Rcode) -> Reply:
    """The same refusal to everybody."""

    def reply(query: dns.message.Message, by_tcp: bool) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.set_rcode(rcode)
        return response

    return reply
