"""Names to addresses without a thread: our own queries over a connected socket.

`getaddrinfo` runs on a few threads, so a few hung names would make every healthy host time out.
Here a lookup is a socket and a timer, which end with the check run that asked.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from time import monotonic

from monitor.domain.checks.connectivity import (
    RESOLVED,
    RESOLVER,
    Controls,
    DnsResponse,
    denies,
    forged_by,
)
from monitor.domain.checks.observation import FailureId, Json
from monitor.net.connection import Connection
from monitor.net.datagram import Inquiry, framed
from monitor.net.errors import (
    DNS_FAIL,
    DNS_NXDOMAIN,
    DNS_TIMEOUT,
    PROBE_ERROR,
    ProbeFailure,
    TooSlow,
)
from monitor.net.family import Family, in_order
from monitor.net.resolve.resolv_conf import (
    Hosts,
    ResolverSettings,
    WatchedFile,
    parse_hosts,
    parse_resolv_conf,
)
from monitor.net.resolve.wire import (
    AddressType,
    Answer,
    Malformed,
    Rcode,
    answers,
    decode_answer,
    encode_name,
    encode_query,
)
from monitor.net.session import Session
from monitor.net.stream import dial

_KINDS = {
    Family.IPV4: (AddressType.A,),
    Family.IPV6: (AddressType.AAAA,),
    Family.ANY: (AddressType.A, AddressType.AAAA),
}
_LOOPBACK = ("127.0.0.1", "::1")
_MAX_ADDRESSES = 16
_GRACE_S = 0.25
"""How long the addresses of one family wait for the other's: some servers drop queries that they do
not know. Browsers wait 50 ms (RFC 8305 3); a monitor need not be that quick, and finds more."""
_DECISIVE = (DNS_NXDOMAIN, DNS_TIMEOUT, PROBE_ERROR)
"""After these failures no other server is asked."""
_SILENCE_S = 300.0
"""For how long a server that was silent is asked only after the others."""
_RESPONSES = {
    Rcode.NOERROR: DnsResponse.ANSWER,
    Rcode.NXDOMAIN: DnsResponse.NXDOMAIN,
    Rcode.SERVFAIL: DnsResponse.SERVFAIL,
    Rcode.REFUSED: DnsResponse.REFUSED,
}
Server = tuple[str, int]


class Resolver:
    """Reads /etc/hosts, then asks the servers in resolv.conf. It caches no answer: each check run
    resolves anew, as a visitor would. `settings` and `hosts` replace the files; `servers` replaces
    only resolv.conf's name servers.

    Of several servers, one that was silent is asked last for a while: otherwise it would cost
    every run its share of the time. Where no name is found, the session's evidence lists who was
    asked (`RESOLVER`), for the code that judges whether the resolver itself is ill. Where one is
    found, `session.resolved` has who answered and what. That code also says whom to `doubt`.
    """

    __slots__ = (
        "_doubted",
        "_hosts",
        "_hosts_file",
        "_servers",
        "_settings",
        "_settings_file",
        "_silent",
    )

    def __init__(
        self,
        *,
        settings: ResolverSettings | None = None,
        servers: tuple[Server, ...] = (),
        hosts: Hosts | None = None,
        resolv_conf: Path = Path("/etc/resolv.conf"),
        hosts_file: Path = Path("/etc/hosts"),
    ) -> None:
        self._settings = settings
        self._servers = servers
        self._hosts = hosts
        self._silent: dict[Server, float] = {}
        self._doubted: Mapping[str, frozenset[str]] = {}
        self._settings_file = WatchedFile(resolv_conf, parse_resolv_conf)
        self._hosts_file = WatchedFile(hosts_file, parse_hosts)

    @property
    def settings(self) -> ResolverSettings:
        settings = self._settings or self._settings_file.get()
        return _served_by(settings, self._servers) if self._servers else settings

    def doubt(self, controls: Controls) -> None:
        """Judge these servers by their answers about the control names: where one denies what
        exists, or forges addresses, the next one is asked."""
        self._doubted = {
            server: forged_by(responses)
            for server, responses in controls.items()
            if denies(responses) or forged_by(responses)
        }

    async def addresses(self, session: Session, host: str, family: Family) -> tuple[str, ...]:
        """The host's addresses in the order in which to try them, never none.

        Raises ProbeFailure: dns_nxdomain, dns_fail (no server could answer, or there is no address
        of that family), dns_timeout.
        """
        found = _literal(host) or self._from_hosts(host) or await self._ask(session, host, family)
        usable = in_order(found, family)[:_MAX_ADDRESSES]
        if not usable:
            raise ProbeFailure(DNS_FAIL, f"{host} has no address of family {family}")
        return usable

    def _from_hosts(self, host: str) -> tuple[str, ...]:
        hosts = self._hosts if self._hosts is not None else self._hosts_file.get()
        name = host.lower().removesuffix(".")
        if name in hosts:
            return hosts[name]
        # RFC 6761 6.3: these never reach a name server.
        return _LOOPBACK if name == "localhost" or name.endswith(".localhost") else ()

    async def _ask(self, session: Session, host: str, family: Family) -> tuple[str, ...]:
        """Ask for each candidate in turn; the first name that exists gives the addresses."""
        missing: ProbeFailure | None = None
        for name in candidates(host, self.settings):
            try:
                found = await self._ask_servers(session, name, family)
            except ProbeFailure as fault:
                if fault.failure != DNS_NXDOMAIN:
                    raise
                missing = missing or fault
            else:
                session.evidence.pop(RESOLVER, None)
                return found
        raise missing or ProbeFailure(DNS_NXDOMAIN, f"{host} is no host name")

    async def _ask_servers(self, session: Session, name: str, family: Family) -> tuple[str, ...]:
        """Ask each server, as often as the settings say, until one gives a reliable answer."""
        settings = self.settings
        try:
            wire = encode_name(name)
        except Malformed as error:
            raise ProbeFailure(DNS_FAIL, str(error)) from error
        servers = self._by_silence(settings.nameservers)
        responses: dict[str, str] = {}
        last: ProbeFailure | None = None
        with Inquiry(session) as inquiry:
            pending = _PendingQueries(session, inquiry, wire, family)
            for number, server in enumerate(servers * settings.attempts):
                until = session.now() + self._patience(session, number, len(servers))
                try:
                    result = await self._ask_server(pending, server, until, responses)
                except TooSlow:
                    self._was_silent(server, servers)
                    responses[server_name(server)] = DnsResponse.SILENT
                    last = ProbeFailure(DNS_TIMEOUT, f"{server[0]} did not answer about {name}")
                    continue
                if result.fault is None:
                    if self._silent:
                        self._silent.pop(result.server, None)
                    session.resolved = _resolved(result)
                    return result.addresses
                fault = result.fault
                responses[server_name(result.server)] = _response_of(fault)
                if _response_of(fault) is DnsResponse.SILENT:
                    self._was_silent(result.server, servers)
                if self._is_decisive(result):
                    session.evidence[RESOLVER] = responses
                    raise fault
                is_denial = fault.failure == DNS_NXDOMAIN
                last = fault if is_denial else ProbeFailure(DNS_FAIL, f"{name}: {fault.message}")
        session.evidence[RESOLVER] = responses
        raise last or ProbeFailure(DNS_FAIL, "no name server is configured")

    def _patience(self, session: Session, number: int, servers: int) -> float:
        """Seconds for the query of that number: in the first round a fair share at most, so that
        the last server is asked too."""
        if number < servers > 1:
            return min(self.settings.timeout_s, _share(session, servers - number))
        return self.settings.timeout_s

    async def _ask_server(
        self, pending: _PendingQueries, server: Server, until: float, responses: dict[str, str]
    ) -> _ServerResult:
        """Ask this server. Returns the first reliable answer or decisive fault of any server asked
        so far, or this server's own fault. Raises TooSlow."""
        try:
            pending.ask(server)
            while True:
                result = self._without_forgery(await pending.decided(until))
                if result.fault is None or result.server == server or self._is_decisive(result):
                    return result
                responses[server_name(result.server)] = _response_of(result.fault)
        except ProbeFailure as fault:
            return _ServerResult(server=server, fault=fault)

    def _is_decisive(self, result: _ServerResult) -> bool:
        """Whether no other server is asked after this result's fault."""
        failure = result.fault.failure if result.fault else None
        is_doubted = failure == DNS_NXDOMAIN and server_name(result.server) in self._doubted
        return failure in _DECISIVE and not is_doubted

    def _without_forgery(self, result: _ServerResult) -> _ServerResult:
        """The same result; a fault instead where its addresses are those that the server forges."""
        forged = self._doubted.get(server_name(result.server)) if self._doubted else None
        if not (forged and result.addresses and forged.issuperset(result.addresses)):
            return result
        message = f"{result.server[0]} answered as it answers whatever is asked"
        return _ServerResult(
            server=result.server, fault=_BadResponse(DNS_FAIL, message, DnsResponse.FORGED)
        )

    def _by_silence(self, servers: tuple[Server, ...]) -> tuple[Server, ...]:
        """In the order of the settings, but those that were silent a while ago come last."""
        if not self._silent or len(servers) == 1:
            return servers
        now = monotonic()
        ordered = sorted(servers, key=lambda server: self._silent.get(server, 0.0) > now)
        if self._silent.get(ordered[0]):
            # One run tries whether it is back, not all that are under way.
            self._silent[ordered[0]] = now + _SILENCE_S
        return tuple(ordered)

    def _was_silent(self, server: Server, servers: tuple[Server, ...]) -> None:
        if len(servers) > 1:
            self._silent[server] = monotonic() + _SILENCE_S


@lru_cache(maxsize=8)
def _served_by(settings: ResolverSettings, servers: tuple[Server, ...]) -> ResolverSettings:
    return replace(settings, nameservers=servers)


def _share(session: Session, unasked: int) -> float:
    """Seconds for one server: as many remain for each server that has not been asked yet, and for
    what follows the lookup."""
    return session.left_s / (unasked + 1)


def _resolved(result: _ServerResult) -> dict[str, Json]:
    return {
        RESOLVER: {server_name(result.server): DnsResponse.ANSWER.value},
        RESOLVED: list(result.addresses),
    }


def server_name(server: Server) -> str:
    """The server as people write it: the port only where it is not the usual one.

    >>> server_name(("192.0.2.53", 53)), server_name(("2001:db8::53", 5353))
    ('192.0.2.53', '[2001:db8::53]:5353')
    """
    address, port = server
    if port == 53:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def response_of(answer: Answer) -> DnsResponse:
    """
    >>> response_of(Answer(rcode=5, is_truncated=False, is_bare=True, addresses=()))
    <DnsResponse.REFUSED: 'refused'>
    """
    if answer.rcode == Rcode.NOERROR and answer.is_bare and not answer.is_truncated:
        return DnsResponse.EMPTY
    return next(
        (response for code, response in _RESPONSES.items() if code == answer.rcode),
        DnsResponse.GARBLED,
    )


class _BadResponse(ProbeFailure):
    """A server answered, but without the addresses that were asked for."""

    def __init__(self, failure: FailureId, message: str, response: DnsResponse) -> None:
        super().__init__(failure, message)
        self.response = response


def _response_of(fault: ProbeFailure) -> DnsResponse:
    return fault.response if isinstance(fault, _BadResponse) else DnsResponse.SILENT


def candidates(host: str, settings: ResolverSettings) -> tuple[str, ...]:
    """The names to try for a host, by the rules of `search` and `ndots`.

    >>> candidates("www", ResolverSettings(search=("example.test",)))
    ('www.example.test', 'www')
    >>> candidates("www.example.org", ResolverSettings(search=("example.test",)))
    ('www.example.org', 'www.example.org.example.test')
    """
    if host.endswith("."):
        return (host,)
    searched = tuple(f"{host}.{domain}" for domain in settings.search)
    if host.count(".") >= settings.ndots:
        return (host, *searched)
    return (*searched, host)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ServerResult:
    """One server's final result about a name: addresses, or a fault."""

    server: Server
    addresses: tuple[str, ...] = ()
    fault: ProbeFailure | None = None


class _Answers:
    """One server's answers so far to the queries sent to it, one per family."""

    __slots__ = ("_said", "first_at", "queries", "server")

    def __init__(self, server: Server, name: bytes, family: Family) -> None:
        self.server = server
        self.queries = [encode_query(secrets.randbits(16), name, kind) for kind in _KINDS[family]]
        self._said: dict[int, tuple[str, ...] | ProbeFailure] = {}
        self.first_at: float | None = None
        """When the first address came."""

    def unanswered(self, wire: bytes) -> int | None:
        """The query that this datagram answers; None for a stray or a repetition."""
        waiting = (i for i in range(len(self.queries)) if i not in self._said)
        return next((i for i in waiting if answers(wire, self.queries[i])), None)

    def take(self, number: int, answer: tuple[str, ...] | ProbeFailure, now: float) -> None:
        self._said[number] = answer
        if self.first_at is None and not isinstance(answer, ProbeFailure) and answer:
            self.first_at = now

    @property
    def is_whole(self) -> bool:
        return len(self._said) == len(self.queries)

    def result(self) -> _ServerResult:
        in_order = [self._said[number] for number in sorted(self._said)]
        found = tuple(
            a for answer in in_order if not isinstance(answer, ProbeFailure) for a in answer
        )
        faults = [answer for answer in in_order if isinstance(answer, ProbeFailure)]
        # Some servers know A and fail on AAAA: one family's addresses are enough.
        fault = faults[0] if faults and not found else None
        return _ServerResult(server=self.server, addresses=found, fault=fault)


class _PendingQueries:
    """The queries for one name that are under way, to all servers."""

    __slots__ = ("_asked", "_family", "_inquiry", "_name", "_run")

    def __init__(self, session: Session, inquiry: Inquiry, name: bytes, family: Family) -> None:
        self._run = session
        self._inquiry = inquiry
        self._name = name
        self._family = family
        self._asked: dict[Server, _Answers] = {}

    def ask(self, server: Server) -> None:
        """Ask; the same queries once more where nothing was decided. Raises ProbeFailure."""
        if server not in self._asked:
            self._asked[server] = _Answers(server, self._name, self._family)
        self._inquiry.send(server, self._asked[server].queries)

    async def decided(self, until: float) -> _ServerResult:
        """The result of the next server that has answered all, or enough: once the addresses of
        one family have come, the other's get `_GRACE_S`. Raises ProbeFailure, TooSlow."""
        while True:
            enough = self._soonest_enough()
            wait_until = until if enough is None else min(until, self._enough_at(enough))
            try:
                received = await self._inquiry.receive(wait_until)
            except TooSlow:
                if enough is None or self._enough_at(enough) > until:
                    raise
                return self._finish(enough)
            gathered = self._asked.get(received.server)
            if gathered is not None and (
                result := await self._take(gathered, received.outcome, until)
            ):
                return result

    async def _take(
        self, gathered: _Answers, outcome: bytes | ProbeFailure, until: float
    ) -> _ServerResult | None:
        if isinstance(outcome, ProbeFailure):
            del self._asked[gathered.server]
            return _ServerResult(server=gathered.server, fault=outcome)
        number = gathered.unanswered(outcome)
        if number is None:
            return None
        try:
            found: tuple[str, ...] | ProbeFailure = await _addresses(
                self._run, gathered.server, gathered.queries[number], outcome, until
            )
        except ProbeFailure as fault:
            found = fault
        gathered.take(number, found, self._run.now())
        return self._finish(gathered) if gathered.is_whole else None

    def _finish(self, gathered: _Answers) -> _ServerResult:
        # Asked again, the server gets new queries.
        del self._asked[gathered.server]
        return gathered.result()

    def _soonest_enough(self) -> _Answers | None:
        enough = (gathered for gathered in self._asked.values() if gathered.first_at is not None)
        return min(enough, key=self._enough_at, default=None)

    @staticmethod
    def _enough_at(gathered: _Answers) -> float:
        return (gathered.first_at or 0.0) + _GRACE_S


async def _addresses(
    session: Session, server: Server, query: bytes, reply: bytes, until: float
) -> tuple[str, ...]:
    answer = _decoded(reply, query, server)
    if answer.is_truncated:
        answer = _decoded(await _ask_by_tcp(session, server, query, until), query, server)
    return answer.addresses


def _decoded(wire: bytes, query: bytes, server: Server) -> Answer:
    try:
        answer = decode_answer(wire, query)
    except Malformed as error:
        raise _BadResponse(DNS_FAIL, f"{server[0]}: {error}", DnsResponse.GARBLED) from error
    if answer.rcode == Rcode.NXDOMAIN:
        message = f"{server[0]} says that there is no such name"
        raise _BadResponse(DNS_NXDOMAIN, message, DnsResponse.NXDOMAIN)
    response = response_of(answer)
    if response is not DnsResponse.ANSWER:
        known = {code.value: code.name for code in Rcode}
        code = known.get(answer.rcode, answer.rcode)
        what = "without any record" if response is DnsResponse.EMPTY else str(code)
        raise _BadResponse(DNS_FAIL, f"{server[0]} answered {what}", response)
    return answer


async def _ask_by_tcp(session: Session, server: Server, query: bytes, until: float) -> bytes:
    address, port = server
    connection = Connection(
        session, await dial(session, address, port, until), host=address, peer=address
    )
    try:
        await connection.send(framed(query))
        size = int.from_bytes(await connection.read_exact(2), "big")
        reply = await connection.read_exact(size)
    finally:
        connection.close()
    if not answers(reply, query):
        message = f"{address} answered another question over TCP"
        raise _BadResponse(DNS_FAIL, message, DnsResponse.GARBLED)
    return reply


@lru_cache(maxsize=16384)
def literal(host: str, family: Family) -> tuple[str, ...]:
    """The host itself where it is an address of that family: then no lookup is needed."""
    return in_order(_literal(host), family)


def _literal(host: str) -> tuple[str, ...]:
    try:
        ip_address(host)
    except ValueError:
        return ()
    return (host,)
