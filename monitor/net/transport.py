"""The transport: the one place that opens sockets for probes.

Bootstrap makes one per process and hands it to every probe. It holds what check runs may share: the
resolver, the address guard, the TLS contexts. See `monitor.net.connection` for a conversation.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from monitor.domain.checks.observation import Json
from monitor.domain.checks.probe import Context
from monitor.net.address_guard import Guard, stated_address
from monitor.net.connection import MAX_BYTES, Connection
from monitor.net.errors import CONNECT_TIMEOUT, DNS_FAIL, NET_UNREACHABLE, ProbeFailure, TooSlow
from monitor.net.family import Family
from monitor.net.host_names import ascii_host
from monitor.net.resolve.resolver import Resolver, literal
from monitor.net.session import Session
from monitor.net.stream import SocketStream, dial
from monitor.net.tls.certificate import Certificate, ReliedCertificate
from monitor.net.tls.contexts import TlsContexts, TlsOptions

SHARE = 1 / 3
"""The share of the time left that one address may use before the next one is tried."""
_NO_TLS_OPTIONS = TlsOptions()


class Transport:
    """`wall` is the wall clock in seconds: a certificate's days left are counted by it."""

    __slots__ = ("_wall", "contexts", "guard", "resolver")

    def __init__(
        self,
        *,
        wall: Callable[[], float],
        resolver: Resolver | None = None,
        guard: Guard | None = None,
        contexts: TlsContexts | None = None,
    ) -> None:
        self._wall = wall
        self.resolver = resolver or Resolver()
        self.guard = guard or Guard()
        self.contexts = contexts or TlsContexts()

    def run(self, context: Context) -> Session:
        """The session of one check run; enter it (`with`) before anything else."""
        return Session(context)

    async def connect(
        self,
        session: Session,
        host: str,
        port: int,
        *,
        family: Family = Family.ANY,
        led_from: str | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Connection:
        """Phases `resolve` (for a name) and `connect`. `led_from` is the address whose answer led
        here (`Connection.peer`), None where a person or the configuration named the host.

        With several addresses, the next one is tried when one fails or has used a third of the
        time left; the evidence then lists each attempt. Raises ProbeFailure.
        """
        host = _ascii(host)
        addresses = literal(host, family)
        if not addresses and led_from is not None:
            # A browser reads it as an address; in the configuration the same spelling is a name.
            addresses = _stated(host, family)
        if not addresses:
            session.enter("resolve")
            addresses = await self.resolver.addresses(session, host, family)
        session.enter("connect")
        stream, peer = await self._first_of(session, host, addresses, port, led_from)
        session.evidence["address"] = peer
        if session.is_shown:
            session.note(f"connected to {host} ({peer}) port {port}")
        return Connection(session, stream, host=host, peer=peer, max_bytes=max_bytes)

    async def start_tls(
        self, connection: Connection, options: TlsOptions = _NO_TLS_OPTIONS
    ) -> Certificate | None:
        """Phase `tls`: handshake, with chain and name verified. The certificate's facts go into the
        evidence. Raises ProbeFailure."""
        session = connection.run
        session.enter("tls")
        name = options.server_name or connection.host
        await connection.start_tls(self.contexts.get(options), _ascii(name).rstrip("."))
        certificate = connection.certificate
        session.relied_on.extend(
            ReliedCertificate(host=connection.host, certificate=certificate, is_own=not number)
            for number, certificate in enumerate(connection.chain)
        )
        session.evidence["tls"] = self._facts(connection, certificate)
        return certificate

    def wall(self) -> float:
        """The wall clock in seconds."""
        return self._wall()

    def days_left(self, certificate: Certificate) -> float:
        """Days until it expires, by the wall clock."""
        return certificate.days_left(self._wall())

    async def _first_of(
        self,
        session: Session,
        host: str,
        addresses: tuple[str, ...],
        port: int,
        led_from: str | None,
    ) -> tuple[SocketStream, str]:
        """Connect to the first address that takes it. Raises the most telling ProbeFailure."""
        faults: list[ProbeFailure] = []
        attempts: list[Json] = []
        for number, address in enumerate(addresses, 1):
            began = monotonic()
            is_last = number == len(addresses)
            until = None if is_last else session.now() + session.left_s * SHARE
            try:
                self.guard.check(address, led_from, host)
                stream = await dial(session, address, port, until)
            except TooSlow:
                fault = ProbeFailure(
                    CONNECT_TIMEOUT, f"{address} did not answer in its share of time"
                )
            except ProbeFailure as error:
                fault = error
            else:
                if attempts:
                    session.evidence["attempts"] = [*attempts, _attempt(address, None, began)]
                return stream, address
            faults.append(fault)
            attempts.append(_attempt(address, fault, began))
        if len(attempts) > 1:
            session.evidence["attempts"] = attempts
        else:
            session.evidence["address"] = addresses[0]
        raise _most_telling(faults)

    def _facts(self, connection: Connection, certificate: Certificate | None) -> Json:
        tls = connection.tls
        facts: dict[str, Json] = {}
        if tls is not None:
            facts |= {"version": tls.version, "cipher": tls.cipher}
            if tls.alpn:
                facts["alpn"] = tls.alpn
        if certificate is not None:
            facts["issuer"] = certificate.issuer
            # Of all certificates that this run relied on so far, the first to expire breaks it.
            relied = (relied.certificate for relied in connection.run.relied_on)
            soonest = min(relied, key=lambda found: found.not_after, default=certificate)
            facts["not_after"] = soonest.not_after.isoformat()
            facts["days_left"] = round(self.days_left(soonest), 1)
        return facts


def _ascii(host: str) -> str:
    try:
        return ascii_host(host)
    except ValueError as error:
        raise ProbeFailure(DNS_FAIL, str(error)) from error


def _stated(host: str, family: Family) -> tuple[str, ...]:
    address = stated_address(host)
    return literal(address, family) if address is not None else ()


def _attempt(address: str, fault: ProbeFailure | None, began: float) -> Json:
    took = round((monotonic() - began) * 1000, 2)
    return {"address": address, "failure": fault.failure if fault else None, "ms": took}


def _most_telling(faults: list[ProbeFailure]) -> ProbeFailure:
    """The last one that concerns the target: that this machine has no IPv6 does not."""
    of_target = [fault for fault in faults if fault.failure != NET_UNREACHABLE]
    return (of_target or faults)[-1]
