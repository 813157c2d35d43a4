"""Names to addresses without a thread: our own questions over a connected socket.

`getaddrinfo` runs on a handful of threads, and a handful of hung names then makes every healthy
host time out. Here a lookup is a socket and a timer, which end with the look that asked.
"""

from __future__ import annotations

import secrets
from functools import lru_cache, partial
from ipaddress import ip_address
from pathlib import Path

from monitor.net.connection import Connection
from monitor.net.datagram import ask, framed
from monitor.net.dns_wire import (
    AddressType,
    Answer,
    Malformed,
    Rcode,
    answers,
    decode_answer,
    encode_name,
    encode_query,
)
from monitor.net.family import Family, in_order
from monitor.net.faults import DNS_FAIL, DNS_NXDOMAIN, DNS_TIMEOUT, Fault, TooSlow
from monitor.net.resolv_conf import (
    Hosts,
    ResolverSettings,
    WatchedFile,
    parse_hosts,
    parse_resolv_conf,
)
from monitor.net.run import Run
from monitor.net.stream import dial

_KINDS = {
    Family.IPV4: (AddressType.A,),
    Family.IPV6: (AddressType.AAAA,),
    Family.ANY: (AddressType.A, AddressType.AAAA),
}
_LOOPBACK = ("127.0.0.1", "::1")
_MAX_ADDRESSES = 16


class Resolver:
    """Asks whom resolv.conf names, after /etc/hosts. It keeps no answer: each look resolves anew,
    as its visitors would. `settings` and `hosts` take the place of the files."""

    __slots__ = ("_hosts", "_hosts_file", "_settings", "_settings_file")

    def __init__(
        self,
        *,
        settings: ResolverSettings | None = None,
        hosts: Hosts | None = None,
        resolv_conf: Path = Path("/etc/resolv.conf"),
        hosts_file: Path = Path("/etc/hosts"),
    ) -> None:
        self._settings = settings
        self._hosts = hosts
        self._settings_file = WatchedFile(resolv_conf, parse_resolv_conf)
        self._hosts_file = WatchedFile(hosts_file, parse_hosts)

    @property
    def settings(self) -> ResolverSettings:
        return self._settings or self._settings_file.get()

    async def addresses(self, run: Run, host: str, family: Family) -> tuple[str, ...]:
        """The host's addresses in the order in which to try them, never none.

        Raises Fault: dns_nxdomain, dns_fail (nobody could say, or no address of that family),
        dns_timeout.
        """
        found = _literal(host) or self._from_hosts(host) or await self._ask(run, host, family)
        usable = in_order(found, family)[:_MAX_ADDRESSES]
        if not usable:
            raise Fault(DNS_FAIL, f"{host} has no address of family {family}")
        return usable

    def _from_hosts(self, host: str) -> tuple[str, ...]:
        hosts = self._hosts if self._hosts is not None else self._hosts_file.get()
        name = host.lower().removesuffix(".")
        if name in hosts:
            return hosts[name]
        # RFC 6761 6.3: these never reach a name server.
        return _LOOPBACK if name == "localhost" or name.endswith(".localhost") else ()

    async def _ask(self, run: Run, host: str, family: Family) -> tuple[str, ...]:
        """Each candidate in turn; the first that exists answers."""
        missing: Fault | None = None
        for name in candidates(host, self.settings):
            try:
                return await self._ask_servers(run, name, family)
            except Fault as fault:
                if fault.failure != DNS_NXDOMAIN:
                    raise
                missing = missing or fault
        raise missing or Fault(DNS_NXDOMAIN, f"{host} is no host name")

    async def _ask_servers(self, run: Run, name: str, family: Family) -> tuple[str, ...]:
        """Each server, as often as the settings say, until one gives an answer to rely on."""
        settings = self.settings
        try:
            wire = encode_name(name)
        except Malformed as error:
            raise Fault(DNS_FAIL, str(error)) from error
        last: Fault | None = None
        for server in settings.nameservers * settings.attempts:
            until = run.now() + settings.timeout_s
            try:
                return await _ask_server(run, server, wire, family, until)
            except TooSlow:
                last = Fault(DNS_TIMEOUT, f"{server[0]} did not answer about {name}")
            except Fault as fault:
                if fault.failure in (DNS_NXDOMAIN, DNS_TIMEOUT):
                    raise
                last = Fault(DNS_FAIL, f"{name}: {fault.message}")
        raise last or Fault(DNS_FAIL, "no name server is configured")


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


async def _ask_server(
    run: Run, server: tuple[str, int], name: bytes, family: Family, until: float
) -> tuple[str, ...]:
    queries = [encode_query(secrets.randbits(16), name, kind) for kind in _KINDS[family]]
    replies = await ask(
        run, server, [(query, partial(answers, query=query)) for query in queries], until
    )
    found: list[str] = []
    refused: Fault | None = None
    for query, reply in zip(queries, replies, strict=True):
        try:
            found.extend(await _addresses(run, server, query, reply, until))
        except Fault as fault:
            refused = refused or fault
    # Some servers know A and fail on AAAA: one family's addresses are enough.
    if refused is not None and not found:
        raise refused
    return tuple(found)


async def _addresses(
    run: Run, server: tuple[str, int], query: bytes, reply: bytes, until: float
) -> tuple[str, ...]:
    answer = _decoded(reply, query, server)
    if answer.is_truncated:
        answer = _decoded(await _ask_by_tcp(run, server, query, until), query, server)
    return answer.addresses


def _decoded(wire: bytes, query: bytes, server: tuple[str, int]) -> Answer:
    try:
        answer = decode_answer(wire, query)
    except Malformed as error:
        raise Fault(DNS_FAIL, f"{server[0]}: {error}") from error
    if answer.rcode == Rcode.NXDOMAIN:
        raise Fault(DNS_NXDOMAIN, f"{server[0]} says that there is no such name")
    if answer.rcode != Rcode.NOERROR:
        known = {code.value: code.name for code in Rcode}
        raise Fault(DNS_FAIL, f"{server[0]} answered {known.get(answer.rcode, answer.rcode)}")
    return answer


async def _ask_by_tcp(run: Run, server: tuple[str, int], query: bytes, until: float) -> bytes:
    address, port = server
    connection = Connection(run, await dial(run, address, port, until), host=address, peer=address)
    try:
        await connection.send(framed(query))
        size = int.from_bytes(await connection.read_exact(2), "big")
        reply = await connection.read_exact(size)
    finally:
        connection.close()
    if not answers(reply, query):
        raise Fault(DNS_FAIL, f"{address} answered another question over TCP")
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
