"""How `dns` asks: of several addresses, time after time, with EDNS and, where that fails, without.

What each try sent stays open until the look ends: a server that takes four seconds for every
answer answers, and resolvers wait for it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from time import monotonic

import dns.exception
import dns.flags
import dns.message
import dns.rcode

from monitor.domain.checks.observation import Json
from monitor.net.connection import Connection
from monitor.net.datagram import Inquiry, Server, framed
from monitor.net.errors import NET_UNREACHABLE, PROTOCOL_ERROR, ProbeFailure, TooSlow
from monitor.net.family import Family
from monitor.net.session import Session
from monitor.net.transport import Transport

_ROUNDS = 3
_MOST_SERVERS = 4
_PAYLOAD = 1232
"""The EDNS size that fits every path (DNS flag day 2020)."""
_MOST_RECORDS = 500
"""Of all sections; a name that points to others costs each record that bears it all of its labels.
"""
_DOUBT_S = 1.0
"""How long a question is put again before its silence is held against a server: datagrams are lost
now and then."""
_REFUSALS = (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS)
"""What servers say that do not know EDNS (RFC 6891 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question in both forms, each with a number of its own. `accepts` is the code that is
    right: a refusal that was expected is none."""

    with_edns: dns.message.Message
    plain: dns.message.Message
    accepts: dns.rcode.Rcode

    @classmethod
    def of(cls, name: str, kind: str, *, recurses: bool, accepts: dns.rcode.Rcode) -> Question:
        number = secrets.randbits(16)
        with_edns = dns.message.make_query(name, kind, use_edns=0, payload=_PAYLOAD, id=number)
        plain = dns.message.make_query(name, kind, id=number ^ 0x8000)
        if not recurses:
            with_edns.flags &= ~dns.flags.RD
            plain.flags &= ~dns.flags.RD
        return cls(with_edns=with_edns, plain=plain, accepts=accepts)

    def is_refused_by(self, answer: dns.message.Message) -> bool:
        return answer.rcode() in _REFUSALS and answer.rcode() != self.accepts


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The answer and who gave it. `edns`: what he said to the question with EDNS where he answered
    only the one without; `broken_family`: 4 or 6 where none of that family answers."""

    message: dns.message.Message
    server: Server
    edns: str | None = None
    broken_family: str | None = None


async def query_udp(run: Session, servers: tuple[Server, ...], question: Question) -> Heard:
    """The first answer of any server. Raises Fault: of the last server where all refuse."""
    with Inquiry(run) as inquiry:
        return await _Round(run, inquiry, servers[:_MOST_SERVERS], question).ask()


async def query_tcp(
    transport: Transport, run: Session, server: Server, family: Family, question: Question
) -> Heard:
    """Over TCP, each address of the server's where it is a name; again without EDNS where that is
    refused. Raises Fault."""
    heard = await _exchange(transport, run, server, family, question.with_edns)
    if not question.is_refused_by(heard.message):
        return heard
    again = await _exchange(transport, run, heard.server, family, question.plain)
    return replace(again, edns=dns.rcode.to_text(heard.message.rcode()))


async def _exchange(
    transport: Transport, run: Session, server: Server, family: Family, query: dns.message.Message
) -> Heard:
    connection = await transport.connect(run, server[0], server[1], family=family)
    try:
        run.enter("processing")
        await connection.send(framed(query.to_wire()), shown="the same over TCP")
        wire = await _message(connection)
    finally:
        connection.close()
    return Heard(message=_parsed(wire, (query,)), server=(connection.peer, server[1]))


async def _message(connection: Connection) -> bytes:
    size = int.from_bytes(await connection.read_exact(2), "big")
    return await connection.read_exact(size)


@dataclass(slots=True)
class _Query:
    """How one server does."""

    server: Server
    began: float
    refused_edns: str | None = None
    fault: ProbeFailure | None = None

    @property
    def family(self) -> str:
        return _family(self.server)

    def has_failed(self) -> bool:
        return self.fault is not None

    def row(self) -> Json:
        took = round((monotonic() - self.began) * 1000, 2)
        failure = self.fault.failure if self.fault else "silent"
        return {"address": self.server[0], "failure": failure, "ms": took}


@dataclass(slots=True)
class _Round:
    """One look's asking. Three rounds over the servers; the last one without EDNS."""

    run: Session
    inquiry: Inquiry
    servers: tuple[Server, ...]
    question: Question
    asked: dict[Server, _Query] = field(default_factory=dict)

    async def ask(self) -> Heard:
        total = _ROUNDS * len(self.servers)
        for step in range(total):
            server = self.servers[step % len(self.servers)]
            is_plain = step >= total - len(self.servers)
            until = self.run.now() + self.run.left_s / (total - step)
            if step == total - 1:
                until = self.run.deadline + _DOUBT_S
            try:
                return await self._step(server, is_plain=is_plain, until=until)
            except TooSlow:
                self._tell_lost(step + 1)
        raise self._telling()

    def _telling(self) -> ProbeFailure:
        """No server is left: the last one's words, unless they speak of this machine."""
        faults = [asked.fault for asked in self.asked.values() if asked.fault]
        said = [fault for fault in faults if fault.failure != NET_UNREACHABLE]
        return (said or faults)[-1]

    async def _step(self, server: Server, *, is_plain: bool, until: float) -> Heard:
        """Ask one server; what any says. Raises TooSlow, also where this one has failed."""
        asked = self.asked.setdefault(server, _Query(server, monotonic()))
        if asked.has_failed():
            raise TooSlow
        self._send(asked, is_plain=is_plain or asked.refused_edns is not None)
        while not asked.has_failed():
            received = await self.inquiry.receive(until)
            heard = self._take(self.asked[received.server], received.said)
            if heard is not None:
                return await self._doubted(heard)
        self._tell_attempts()
        raise TooSlow

    def _send(self, asked: _Query, *, is_plain: bool) -> None:
        query = self.question.plain if is_plain else self.question.with_edns
        try:
            self.inquiry.send(asked.server, [query.to_wire()])
        except ProbeFailure as fault:
            asked.fault = fault

    def _take(self, asked: _Query, said: bytes | ProbeFailure) -> Heard | None:
        """The answer, where this is one to rely on."""
        if isinstance(said, ProbeFailure):
            asked.fault = said
            return None
        queries = (self.question.with_edns, self.question.plain)
        if not _is_answer(said, queries):
            return None
        try:
            message = _parsed(said, queries)
        except ProbeFailure as fault:
            asked.fault = fault
            return None
        is_plain = message.id == self.question.plain.id
        if self.question.is_refused_by(message) and not is_plain:
            asked.refused_edns = dns.rcode.to_text(message.rcode())
            self._send(asked, is_plain=True)
            return None
        edns = (asked.refused_edns or "silence") if is_plain else None
        return Heard(message=message, server=asked.server, edns=edns)

    async def _doubted(self, heard: Heard) -> Heard:
        """Before silence is held against anybody, the question is put once more."""
        self._tell_attempts(heard.server)
        suspects = [a for a in self.asked.values() if self._is_suspect(a, heard)]
        if heard.edns == "silence":
            suspects.append(self.asked[heard.server])
        if suspects:
            answered = await self._put_again(suspects)
            if heard.server in answered:
                heard = replace(heard, edns=None)
            suspects = [a for a in suspects if a.server not in answered]
        return replace(heard, broken_family=self._broken_family(heard, suspects))

    def _is_suspect(self, asked: _Query, heard: Heard) -> bool:
        """Of the other family, and silent so far."""
        theirs = self.asked[heard.server].family
        return asked.family != theirs and asked.fault is None

    async def _put_again(self, suspects: list[_Query]) -> set[Server]:
        until = self.run.now() + min(_DOUBT_S, self.run.left_s / 2)
        answered: set[Server] = set()
        for asked in suspects:
            self._send(asked, is_plain=False)
        wanted = {asked.server for asked in suspects if asked.fault is None}
        while wanted - answered:
            try:
                received = await self.inquiry.receive(until)
            except TooSlow:
                break
            if isinstance(received.said, ProbeFailure):
                wanted.discard(received.server)
            elif _is_answer(received.said, (self.question.with_edns,)):
                answered.add(received.server)
        return answered

    def _broken_family(self, heard: Heard, silent: list[_Query]) -> str | None:
        theirs = self.asked[heard.server].family
        others = [server for server in self.servers if _family(server) != theirs]
        failed = {asked.server for asked in silent} | {
            asked.server
            for asked in self.asked.values()
            # That this machine has no way there says nothing of the target.
            if asked.fault is not None and asked.fault.failure != NET_UNREACHABLE
        }
        if not others or not failed.issuperset(others):
            return None
        return _family(others[0])

    def _tell_lost(self, tries: int) -> None:
        if len(self.servers) == 1 and not any(asked.fault for asked in self.asked.values()):
            self.run.evidence["lost"] = tries
        self._tell_attempts()

    def _tell_attempts(self, answered: Server | None = None) -> None:
        rows = [asked.row() for asked in self.asked.values() if asked.server != answered]
        if len(self.servers) > 1 and rows:
            self.run.evidence["attempts"] = rows


def _family(server: Server) -> str:
    return "6" if ":" in server[0] else "4"


def _is_answer(wire: bytes, queries: tuple[dns.message.Message, ...]) -> bool:
    """Only an answer with our number: anything else is a stray or a forgery."""
    numbers = {query.id.to_bytes(2, "big") for query in queries}
    return len(wire) > 2 and wire[:2] in numbers and wire[2] & 0x80 != 0


def _parsed(wire: bytes, queries: tuple[dns.message.Message, ...]) -> dns.message.Message:
    said = sum(int.from_bytes(wire[at : at + 2], "big") for at in (6, 8, 10))
    if said > _MOST_RECORDS:
        raise ProbeFailure(PROTOCOL_ERROR, f"no DNS message: {said} records")
    try:
        answer = dns.message.from_wire(wire, ignore_trailing=True, raise_on_truncation=False)
    except dns.exception.DNSException as error:
        raise ProbeFailure(PROTOCOL_ERROR, f"no DNS message: {error}") from error
    if not any(query.is_response(answer) for query in queries):
        raise ProbeFailure(PROTOCOL_ERROR, "the answer is to another question")
    return answer
