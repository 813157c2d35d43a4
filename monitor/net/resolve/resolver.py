"""Names to addresses without a thread: our own questions over a connected socket.

`getaddrinfo` runs on a handful of threads, and a handful of hung names then makes every healthy
host time out. Here a lookup is a socket and a timer, which end with the look that asked.
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
"""How long the addresses of one family wait for the other's: some servers drop what they do not
know. Browsers wait 50 ms (RFC 8305 3); a monitor need not be that quick, and sees more."""
_DECISIVE = (DNS_NXDOMAIN, DNS_TIMEOUT, PROBE_ERROR)
"""After these no other server is asked."""
_SILENCE_S = 300.0
"""How long a server that was silent is asked after the others."""
_REPLIES = {
    Rcode.NOERROR: DnsResponse.ANSWER,
    Rcode.NXDOMAIN: DnsResponse.NXDOMAIN,
    Rcode.SERVFAIL: DnsResponse.SERVFAIL,
    Rcode.REFUSED: DnsResponse.REFUSED,
}
Server = tuple[str, int]


class Resolver:
    """Asks whom resolv.conf names, after /etc/hosts. It keeps no answer: each look resolves anew,
    as its visitors would. `settings` and `hosts` take the place of the files, `servers` that of
    resolv.conf's name servers alone.

    Of several servers, one that was silent is asked last for a while: it would cost every look
    its share of the time. Where no name is found, the run's evidence has who was asked
    (`RESOLVER`), for whoever judges whether the resolver itself is ill; where one is found,
    `run.resolved` has who answered and what. Whoever judges says whom to `doubt`.
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
        """Take these servers for what they said about the control names: where one denies what
        exists, or forges addresses, the next one is asked."""
        self._doubted = {
            server: forged_by(seen)
            for server, seen in controls.items()
            if denies(seen) or forged_by(seen)
        }

    async def addresses(self, run: Session, host: str, family: Family) -> tuple[str, ...]:
        """The host's addresses in the order in which to try them, never none.

        Raises Fault: dns_nxdomain, dns_fail (nobody could say, or no address of that family),
        dns_timeout.
        """
        found = _literal(host) or self._from_hosts(host) or await self._ask(run, host, family)
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

    async def _ask(self, run: Session, host: str, family: Family) -> tuple[str, ...]:
        """Each candidate in turn; the first that exists answers."""
        missing: ProbeFailure | None = None
        for name in candidates(host, self.settings):
            try:
                found = await self._ask_servers(run, name, family)
            except ProbeFailure as fault:
                if fault.failure != DNS_NXDOMAIN:
                    raise
                missing = missing or fault
            else:
                run.evidence.pop(RESOLVER, None)
                return found
        raise missing or ProbeFailure(DNS_NXDOMAIN, f"{host} is no host name")

    async def _ask_servers(self, run: Session, name: str, family: Family) -> tuple[str, ...]:
        """Each server, as often as the settings say, until one gives an answer to rely on."""
        settings = self.settings
        try:
            wire = encode_name(name)
        except Malformed as error:
            raise ProbeFailure(DNS_FAIL, str(error)) from error
        servers = self._in_turn(settings.nameservers)
        replies: dict[str, str] = {}
        last: ProbeFailure | None = None
        with Inquiry(run) as inquiry:
            asking = _Asking(run, inquiry, wire, family)
            for number, server in enumerate(servers * settings.attempts):
                patience = settings.timeout_s
                if number < len(servers) > 1:
                    patience = min(patience, _share(run, len(servers) - number))
                try:
                    heard = await self._turn(asking, server, run.now() + patience, replies)
                except TooSlow:
                    self._was_silent(server, servers)
                    replies[server_name(server)] = DnsResponse.SILENT
                    last = ProbeFailure(DNS_TIMEOUT, f"{server[0]} did not answer about {name}")
                    continue
                if heard.fault is None:
                    if self._silent:
                        self._silent.pop(heard.server, None)
                    run.resolved = _resolved(heard)
                    return heard.addresses
                fault = heard.fault
                replies[server_name(heard.server)] = _response_of(fault)
                if _response_of(fault) is DnsResponse.SILENT:
                    self._was_silent(heard.server, servers)
                if self._is_decisive(heard):
                    run.evidence[RESOLVER] = replies
                    raise fault
                is_denial = fault.failure == DNS_NXDOMAIN
                last = fault if is_denial else ProbeFailure(DNS_FAIL, f"{name}: {fault.message}")
        run.evidence[RESOLVER] = replies
        raise last or ProbeFailure(DNS_FAIL, "no name server is configured")

    async def _turn(
        self, asking: _Asking, server: Server, until: float, replies: dict[str, str]
    ) -> _Heard:
        """Ask this server; the first to give an answer to rely on, be it one asked before, or a
        decisive fault, or this one's own. Raises TooSlow."""
        try:
            asking.ask(server)
            while True:
                heard = self._believed(await asking.decided(until))
                if heard.fault is None or heard.server == server or self._is_decisive(heard):
                    return heard
                replies[server_name(heard.server)] = _response_of(heard.fault)
        except ProbeFailure as fault:
            return _Heard(server=server, fault=fault)

    def _is_decisive(self, heard: _Heard) -> bool:
        """Whether no other server is asked after this fault."""
        failure = heard.fault.failure if heard.fault else None
        is_doubted = failure == DNS_NXDOMAIN and server_name(heard.server) in self._doubted
        return failure in _DECISIVE and not is_doubted

    def _believed(self, heard: _Heard) -> _Heard:
        """The same, unless its addresses are those that this server forges."""
        forged = self._doubted.get(server_name(heard.server)) if self._doubted else None
        if not (forged and heard.addresses and forged.issuperset(heard.addresses)):
            return heard
        words = f"{heard.server[0]} answered as it answers whatever is asked"
        return _Heard(server=heard.server, fault=_Said(DNS_FAIL, words, DnsResponse.FORGED))

    def _in_turn(self, servers: tuple[Server, ...]) -> tuple[Server, ...]:
        """In the order of the settings, but for those that were silent a while ago."""
        if not self._silent or len(servers) == 1:
            return servers
        now = monotonic()
        turn = sorted(servers, key=lambda server: self._silent.get(server, 0.0) > now)
        if self._silent.get(turn[0]):
            # One look tries whether it is back, not all that are under way.
            self._silent[turn[0]] = now + _SILENCE_S
        return tuple(turn)

    def _was_silent(self, server: Server, servers: tuple[Server, ...]) -> None:
        if len(servers) > 1:
            self._silent[server] = monotonic() + _SILENCE_S


@lru_cache(maxsize=8)
def _served_by(settings: ResolverSettings, servers: tuple[Server, ...]) -> ResolverSettings:
    return replace(settings, nameservers=servers)


def _share(run: Session, unasked: int) -> float:
    """Seconds that leave as much to each server that has not been asked yet, and to what comes
    after the name."""
    return run.left_s / (unasked + 1)


def _resolved(heard: _Heard) -> dict[str, Json]:
    return {
        RESOLVER: {server_name(heard.server): DnsResponse.ANSWER.value},
        RESOLVED: list(heard.addresses),
    }


def server_name(server: Server) -> str:
    """As people write it: the port only where it is not the usual one.

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
        (reply for code, reply in _REPLIES.items() if code == answer.rcode), DnsResponse.GARBLED
    )


class _Said(ProbeFailure):
    """A server answered, and not with what was wanted."""

    def __init__(self, failure: FailureId, message: str, reply: DnsResponse) -> None:
        super().__init__(failure, message)
        self.reply = reply


def _response_of(fault: ProbeFailure) -> DnsResponse:
    return fault.reply if isinstance(fault, _Said) else DnsResponse.SILENT


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
class _Heard:
    """All that one server has to say of a name: its addresses, or its fault."""

    server: Server
    addresses: tuple[str, ...] = ()
    fault: ProbeFailure | None = None


class _Answers:
    """What one server has said so far to the questions put to it, one a family."""

    __slots__ = ("_said", "first_at", "queries", "server")

    def __init__(self, server: Server, name: bytes, family: Family) -> None:
        self.server = server
        self.queries = [encode_query(secrets.randbits(16), name, kind) for kind in _KINDS[family]]
        self._said: dict[int, tuple[str, ...] | ProbeFailure] = {}
        self.first_at: float | None = None
        """When the first address came."""

    def unanswered(self, wire: bytes) -> int | None:
        """The question that this datagram answers; None for a stray and for a repetition."""
        waiting = (i for i in range(len(self.queries)) if i not in self._said)
        return next((i for i in waiting if answers(wire, self.queries[i])), None)

    def take(self, number: int, said: tuple[str, ...] | ProbeFailure, now: float) -> None:
        self._said[number] = said
        if self.first_at is None and not isinstance(said, ProbeFailure) and said:
            self.first_at = now

    @property
    def is_whole(self) -> bool:
        return len(self._said) == len(self.queries)

    def heard(self) -> _Heard:
        in_order = [self._said[number] for number in sorted(self._said)]
        found = tuple(a for said in in_order if not isinstance(said, ProbeFailure) for a in said)
        faults = [said for said in in_order if isinstance(said, ProbeFailure)]
        # Some servers know A and fail on AAAA: one family's addresses are enough.
        fault = faults[0] if faults and not found else None
        return _Heard(server=self.server, addresses=found, fault=fault)


class _Asking:
    """The questions for one name that are under way, of whichever servers."""

    __slots__ = ("_asked", "_family", "_inquiry", "_name", "_run")

    def __init__(self, run: Session, inquiry: Inquiry, name: bytes, family: Family) -> None:
        self._run = run
        self._inquiry = inquiry
        self._name = name
        self._family = family
        self._asked: dict[Server, _Answers] = {}

    def ask(self, server: Server) -> None:
        """Once more with the same questions where nothing was decided. Raises Fault."""
        if server not in self._asked:
            self._asked[server] = _Answers(server, self._name, self._family)
        self._inquiry.send(server, self._asked[server].queries)

    async def decided(self, until: float) -> _Heard:
        """The next server that has said all, or enough: where the addresses of one family have
        come, the other's are waited for no longer than a moment. Raises Fault, TooSlow."""
        while True:
            enough = self._soonest_enough()
            moment = until if enough is None else min(until, self._moment(enough))
            try:
                received = await self._inquiry.receive(moment)
            except TooSlow:
                if enough is None or self._moment(enough) > until:
                    raise
                return self._done(enough)
            asked = self._asked.get(received.server)
            if asked is not None and (heard := await self._take(asked, received.said, until)):
                return heard

    async def _take(
        self, asked: _Answers, said: bytes | ProbeFailure, until: float
    ) -> _Heard | None:
        if isinstance(said, ProbeFailure):
            del self._asked[asked.server]
            return _Heard(server=asked.server, fault=said)
        number = asked.unanswered(said)
        if number is None:
            return None
        try:
            found: tuple[str, ...] | ProbeFailure = await _addresses(
                self._run, asked.server, asked.queries[number], said, until
            )
        except ProbeFailure as fault:
            found = fault
        asked.take(number, found, self._run.now())
        return self._done(asked) if asked.is_whole else None

    def _done(self, asked: _Answers) -> _Heard:
        # Asked again, it is asked anew.
        del self._asked[asked.server]
        return asked.heard()

    def _soonest_enough(self) -> _Answers | None:
        enough = (asked for asked in self._asked.values() if asked.first_at is not None)
        return min(enough, key=self._moment, default=None)

    @staticmethod
    def _moment(asked: _Answers) -> float:
        return (asked.first_at or 0.0) + _GRACE_S


async def _addresses(
    run: Session, server: Server, query: bytes, reply: bytes, until: float
) -> tuple[str, ...]:
    answer = _decoded(reply, query, server)
    if answer.is_truncated:
        answer = _decoded(await _ask_by_tcp(run, server, query, until), query, server)
    return answer.addresses


def _decoded(wire: bytes, query: bytes, server: Server) -> Answer:
    try:
        answer = decode_answer(wire, query)
    except Malformed as error:
        raise _Said(DNS_FAIL, f"{server[0]}: {error}", DnsResponse.GARBLED) from error
    if answer.rcode == Rcode.NXDOMAIN:
        words = f"{server[0]} says that there is no such name"
        raise _Said(DNS_NXDOMAIN, words, DnsResponse.NXDOMAIN)
    reply = response_of(answer)
    if reply is not DnsResponse.ANSWER:
        known = {code.value: code.name for code in Rcode}
        said = known.get(answer.rcode, answer.rcode)
        words = "without any record" if reply is DnsResponse.EMPTY else str(said)
        raise _Said(DNS_FAIL, f"{server[0]} answered {words}", reply)
    return answer


async def _ask_by_tcp(run: Session, server: Server, query: bytes, until: float) -> bytes:
    address, port = server
    connection = Connection(run, await dial(run, address, port, until), host=address, peer=address)
    try:
        await connection.send(framed(query))
        size = int.from_bytes(await connection.read_exact(2), "big")
        reply = await connection.read_exact(size)
    finally:
        connection.close()
    if not answers(reply, query):
        words = f"{address} answered another question over TCP"
        raise _Said(DNS_FAIL, words, DnsResponse.GARBLED)
    return reply


@lru_cache(maxsize=16384)
def literal(host: str, family: Family) -> tuple[str, ...]:
    """The host itself where it is an address of that family: nobody need be asked."""
    return in_order(_literal(host), family)


def _literal(host: str) -> tuple[str, ...]:
    try:
        ip_address(host)
    except ValueError:
        return ()
    return (host,)
