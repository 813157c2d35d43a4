"""How `dns` asks: several addresses, several times, with EDNS and, where that fails, without.

The sockets of each attempt stay open until the check run ends: a server that takes four seconds for
every answer does answer, and resolvers wait for it.
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
"""In all sections. Each record whose name points to other names costs all of their labels."""
_DOUBT_S = 1.0
"""How long a repeated question waits before a server counts as silent: datagrams are lost now and
then."""
_REFUSALS = (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS)
"""What servers answer that do not know EDNS (RFC 6891 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question in both forms, each with its own message id. `accepts` is the expected code: a
    refusal with that code counts as an answer."""

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
class DnsAnswer:
    """The answer and its server. `edns`: the server's reaction to the question with EDNS, where it
    answered only the one without. `broken_family`: 4 or 6 where none of that family answers."""

    message: dns.message.Message
    server: Server
    edns: str | None = None
    broken_family: str | None = None


async def query_udp(session: Session, servers: tuple[Server, ...], question: Question) -> DnsAnswer:
    """The first answer of any server. Raises ProbeFailure: the last server's where all fail."""
    with Inquiry(session) as inquiry:
        return await _Attempts(session, inquiry, servers[:_MOST_SERVERS], question).ask()


async def query_tcp(
    transport: Transport, session: Session, server: Server, family: Family, question: Question
) -> DnsAnswer:
    """Ask over TCP, each address of the server where it is a name; once more without EDNS where
    that is refused. Raises ProbeFailure."""
    answer = await _exchange(transport, session, server, family, question.with_edns)
    if not question.is_refused_by(answer.message):
        return answer
    plain_answer = await _exchange(transport, session, answer.server, family, question.plain)
    return replace(plain_answer, edns=dns.rcode.to_text(answer.message.rcode()))


async def _exchange(
    transport: Transport,
    session: Session,
    server: Server,
    family: Family,
    query: dns.message.Message,
) -> DnsAnswer:
    connection = await transport.connect(session, server[0], server[1], family=family)
    try:
        session.enter("processing")
        await connection.send(framed(query.to_wire()), shown="the same over TCP")
        wire = await _message(connection)
    finally:
        connection.close()
    return DnsAnswer(message=_parsed(wire, (query,)), server=(connection.peer, server[1]))


async def _message(connection: Connection) -> bytes:
    size = int.from_bytes(await connection.read_exact(2), "big")
    return await connection.read_exact(size)


@dataclass(slots=True)
class _ServerState:
    """The state of the queries to one server."""

    server: Server
    began: float
    refused_edns: str | None = None
    fault: ProbeFailure | None = None

    @property
    def family(self) -> str:
        return _family(self.server)

    def has_failed(self) -> bool:
        return self.fault is not None

    def as_evidence(self) -> Json:
        took = round((monotonic() - self.began) * 1000, 2)
        failure = self.fault.failure if self.fault else "silent"
        return {"address": self.server[0], "failure": failure, "ms": took}


@dataclass(slots=True)
class _Attempts:
    """The attempts of one run: three rounds over the servers, the last one without EDNS."""

    session: Session
    inquiry: Inquiry
    servers: tuple[Server, ...]
    question: Question
    states: dict[Server, _ServerState] = field(default_factory=dict)

    async def ask(self) -> DnsAnswer:
        total = _ROUNDS * len(self.servers)
        for step in range(total):
            server = self.servers[step % len(self.servers)]
            is_plain = step >= total - len(self.servers)
            until = self.session.now() + self.session.left_s / (total - step)
            if step == total - 1:
                until = self.session.deadline + _DOUBT_S
            try:
                return await self._step(server, is_plain=is_plain, until=until)
            except TooSlow:
                self._record_lost(step + 1)
        raise self._reported_failure()

    def _reported_failure(self) -> ProbeFailure:
        """No server is left: the last fault, where possible one that is not only this machine's."""
        faults = [state.fault for state in self.states.values() if state.fault]
        of_target = [fault for fault in faults if fault.failure != NET_UNREACHABLE]
        return (of_target or faults)[-1]

    async def _step(self, server: Server, *, is_plain: bool, until: float) -> DnsAnswer:
        """Ask one server; the answer of any. Raises TooSlow, also where this one has failed."""
        state = self.states.setdefault(server, _ServerState(server, monotonic()))
        if state.has_failed():
            raise TooSlow
        self._send(state, is_plain=is_plain or state.refused_edns is not None)
        while not state.has_failed():
            received = await self.inquiry.receive(until)
            answer = self._take(self.states[received.server], received.outcome)
            if answer is not None:
                return await self._confirmed(answer)
        self._record_attempts()
        raise TooSlow

    def _send(self, state: _ServerState, *, is_plain: bool) -> None:
        query = self.question.plain if is_plain else self.question.with_edns
        try:
            self.inquiry.send(state.server, [query.to_wire()])
        except ProbeFailure as fault:
            state.fault = fault

    def _take(self, state: _ServerState, outcome: bytes | ProbeFailure) -> DnsAnswer | None:
        """The answer, where it is a reliable one."""
        if isinstance(outcome, ProbeFailure):
            state.fault = outcome
            return None
        queries = (self.question.with_edns, self.question.plain)
        if not _is_answer(outcome, queries):
            return None
        try:
            message = _parsed(outcome, queries)
        except ProbeFailure as fault:
            state.fault = fault
            return None
        is_plain = message.id == self.question.plain.id
        if self.question.is_refused_by(message) and not is_plain:
            state.refused_edns = dns.rcode.to_text(message.rcode())
            self._send(state, is_plain=True)
            return None
        edns = (state.refused_edns or "silence") if is_plain else None
        return DnsAnswer(message=message, server=state.server, edns=edns)

    async def _confirmed(self, answer: DnsAnswer) -> DnsAnswer:
        """Before a server counts as silent, ask it once more."""
        self._record_attempts(answer.server)
        suspects = [state for state in self.states.values() if self._is_suspect(state, answer)]
        if answer.edns == "silence":
            suspects.append(self.states[answer.server])
        if suspects:
            answered = await self._ask_again(suspects)
            if answer.server in answered:
                answer = replace(answer, edns=None)
            suspects = [state for state in suspects if state.server not in answered]
        return replace(answer, broken_family=self._broken_family(answer, suspects))

    def _is_suspect(self, state: _ServerState, answer: DnsAnswer) -> bool:
        """Of the other family, and silent so far."""
        theirs = self.states[answer.server].family
        return state.family != theirs and state.fault is None

    async def _ask_again(self, suspects: list[_ServerState]) -> set[Server]:
        until = self.session.now() + min(_DOUBT_S, self.session.left_s / 2)
        answered: set[Server] = set()
        for state in suspects:
            self._send(state, is_plain=False)
        wanted = {state.server for state in suspects if state.fault is None}
        while wanted - answered:
            try:
                received = await self.inquiry.receive(until)
            except TooSlow:
                break
            if isinstance(received.outcome, ProbeFailure):
                wanted.discard(received.server)
            elif _is_answer(received.outcome, (self.question.with_edns,)):
                answered.add(received.server)
        return answered

    def _broken_family(self, answer: DnsAnswer, silent: list[_ServerState]) -> str | None:
        theirs = self.states[answer.server].family
        others = [server for server in self.servers if _family(server) != theirs]
        failed = {state.server for state in silent} | {
            state.server
            for state in self.states.values()
            # That this machine has no route there says nothing about the target.
            if state.fault is not None and state.fault.failure != NET_UNREACHABLE
        }
        if not others or not failed.issuperset(others):
            return None
        return _family(others[0])

    def _record_lost(self, attempts: int) -> None:
        if len(self.servers) == 1 and not any(state.fault for state in self.states.values()):
            self.session.evidence["lost"] = attempts
        self._record_attempts()

    def _record_attempts(self, answered: Server | None = None) -> None:
        rows = [state.as_evidence() for state in self.states.values() if state.server != answered]
        if len(self.servers) > 1 and rows:
            self.session.evidence["attempts"] = rows


def _family(server: Server) -> str:
    return "6" if ":" in server[0] else "4"


def _is_answer(wire: bytes, queries: tuple[dns.message.Message, ...]) -> bool:
    """Only an answer with our number: anything else is a stray or a forgery."""
    numbers = {query.id.to_bytes(2, "big") for query in queries}
    return len(wire) > 2 and wire[:2] in numbers and wire[2] & 0x80 != 0


def _parsed(wire: bytes, queries: tuple[dns.message.Message, ...]) -> dns.message.Message:
    count = sum(int.from_bytes(wire[at : at + 2], "big") for at in (6, 8, 10))
    if count > _MOST_RECORDS:
        raise ProbeFailure(PROTOCOL_ERROR, f"no DNS message: {count} records")
    try:
        answer = dns.message.from_wire(wire, ignore_trailing=True, raise_on_truncation=False)
    except dns.exception.DNSException as error:
        raise ProbeFailure(PROTOCOL_ERROR, f"no DNS message: {error}") from error
    if not any(query.is_response(answer) for query in queries):
        raise ProbeFailure(PROTOCOL_ERROR, "the answer is to another question")
    return answer
