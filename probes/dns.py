"""`dns`: a name server answers the question, with the right answer and the right authority."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from monitor.domain.observation import FailureId, Observation
from monitor.net.datagram import ask, framed
from monitor.net.faults import DNS_TIMEOUT, PROTOCOL_ERROR, READ_TIMEOUT, Fault, TooSlow
from monitor.net.run import Run
from monitor.net.transport import Transport
from monitor.ports.probe import Context
from probes._failures import NO_NAMES, SHARED, failure, words
from probes._kind import (
    EXTRA_FORBIDDEN,
    NetSettings,
    ProbeKind,
    by_id,
    host_and_port,
    required,
    setting,
)
from probes._observe import observe

_TRIES = 3
_PAYLOAD = 1232
"""The EDNS size that fits every path (DNS flag day 2020)."""
_STALE = (
    words("con datos equivocados", "giving wrong data"),
    words("Algunos sitios pueden abrir en otro lado.", "Some sites may open elsewhere."),
)
_OWN = (
    failure(
        "servfail",
        NO_NAMES,
        summary=words(
            "El servidor de nombres respondió SERVFAIL.", "The name server answered SERVFAIL."
        ),
        cause=words(
            "Su zona no se cargó o venció, o falló la validación (DNSSEC).",
            "Its zone did not load or expired, or validation failed (DNSSEC).",
        ),
        remedy=words(
            "Lea su registro; pregunte con la validación desactivada para descartar DNSSEC.",
            "Read its log; ask with checking disabled to tell DNSSEC apart.",
        ),
    ),
    failure(
        "nxdomain",
        NO_NAMES,
        summary=words(
            "El servidor de nombres dice que el nombre no existe.",
            "The name server says that the name does not exist.",
        ),
        cause=words(
            "Se borró el registro, o está cargada otra zona.",
            "The record was removed, or another zone is loaded.",
        ),
        remedy=words(
            "Compare la zona en todos los servidores; revise el último cambio.",
            "Compare the zone on every server; look at the last change.",
        ),
    ),
    failure(
        "refused",
        NO_NAMES,
        summary=words(
            "El servidor de nombres rechazó la pregunta.", "The name server refused the question."
        ),
        cause=words(
            "No sirve la zona (delegación coja), o rechaza esta dirección.",
            "It does not serve the zone (lame), or refuses this address.",
        ),
        remedy=words(
            "Revise su lista de zonas y su lista de acceso.",
            "Look at its list of zones and at its access list.",
        ),
    ),
    failure(
        "wrong_answer",
        _STALE,
        summary=words("La respuesta no es la esperada.", "The answer is not the expected one."),
        cause=words(
            "Un cambio salió mal, un secundario está desactualizado, o responde otro.",
            "A change went wrong, a secondary is stale, or somebody else answers.",
        ),
        remedy=words(
            "Compare con la zona; pregunte a todos los servidores.",
            "Compare with the zone; ask every server.",
        ),
    ),
    failure(
        "not_authoritative",
        _STALE,
        summary=words(
            "La respuesta llegó sin autoridad (AA).", "The answer came without authority (AA)."
        ),
        cause=words(
            "El servidor reenvía o guarda en caché en lugar de servir la zona.",
            "The server forwards or caches instead of serving the zone.",
        ),
        remedy=words(
            "Revise sus zonas; quizá un resolutor escucha en esa dirección.",
            "Look at its zones; a resolver may be listening on that address.",
        ),
    ),
)
_FAILURES = by_id((*SHARED, *_OWN))
_BY_RCODE = {
    dns.rcode.SERVFAIL: FailureId("servfail"),
    dns.rcode.NXDOMAIN: FailureId("nxdomain"),
    dns.rcode.REFUSED: FailureId("refused"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsSpec(NetSettings):
    """A question, and what its answer must be."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    server: str | None = required("name server to ask; the system's where none is named")
    port: int = setting("its port", 53)
    name: str = required("the name to ask for")
    type: str = setting("A, AAAA, MX, TXT, SOA, ...", "A")
    expect: tuple[str, ...] = setting("values that must be in the answer, as zone files say", ())
    exactly: bool = setting("no other values may be in the answer", False)
    rcode: str = setting("the answer's code that is right", "NOERROR")
    authoritative: bool = setting("the answer must be authoritative (AA)", False)
    tcp: bool = setting("ask over TCP from the start", False)

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise ValueError(f"port must be 1 to 65535, got {self.port}")
        try:
            dns.name.from_text(self.name)
            dns.rdatatype.from_text(self.type)
            dns.rcode.from_text(self.rcode)
        except (dns.exception.DNSException, ValueError) as error:
            raise ValueError(f"{self.name} {self.type} {self.rcode}: {error}") from error


@dataclass(frozen=True, slots=True)
class DnsProbe:
    """Asks over UDP, up to three times, and over TCP where the answer was cut."""

    transport: Transport

    def start(self, spec: DnsSpec, context: Context) -> Awaitable[Observation]:
        run = self.transport.run(context)
        return observe(run, _FAILURES, self._look(run, spec))

    async def _look(self, run: Run, spec: DnsSpec) -> None:
        server = await self._server(run, spec)
        run.evidence["server"] = server[0]
        query = _query(spec)
        run.show_sent(f"{spec.name} {spec.type} to {server[0]} port {server[1]}")
        try:
            answer = await self._ask(run, server, query, spec)
        except Fault as fault:
            if fault.failure == READ_TIMEOUT:
                raise Fault(DNS_TIMEOUT, f"{server[0]} did not answer in time") from fault
            raise
        run.show_received(str(answer))
        _judge(run, spec, answer)

    async def _server(self, run: Run, spec: DnsSpec) -> tuple[str, int]:
        if spec.server is None:
            return self.transport.resolver.settings.nameservers[0]
        run.enter("resolve")
        addresses = await self.transport.resolver.addresses(run, spec.server, spec.family)
        if addresses == (spec.server,):
            run.forget_phase()
        return addresses[0], spec.port

    async def _ask(
        self, run: Run, server: tuple[str, int], query: dns.message.Message, spec: DnsSpec
    ) -> dns.message.Message:
        if not spec.tcp:
            run.enter("processing")
            answer = _parsed(await _by_udp(run, server, query), query)
            if not answer.flags & dns.flags.TC:
                return answer
            run.evidence["truncated"] = True
        return _parsed(await self._by_tcp(run, server, query), query)

    async def _by_tcp(self, run: Run, server: tuple[str, int], query: dns.message.Message) -> bytes:
        connection = await self.transport.connect(run, server[0], server[1])
        try:
            run.enter("processing")
            await connection.send(framed(query.to_wire()), shown="the same over TCP")
            size = int.from_bytes(await connection.read_exact(2), "big")
            return await connection.read_exact(size)
        finally:
            connection.close()


async def _by_udp(run: Run, server: tuple[str, int], query: dns.message.Message) -> bytes:
    """One answer; a datagram may be lost, so ask again at thirds of the time."""
    wire = query.to_wire()
    for left in range(_TRIES, 1, -1):
        try:
            share = run.now() + run.left_s / left
            (answer,) = await ask(run, server, [(wire, _is_answer(query))], share)
        except TooSlow:
            run.evidence["lost"] = _TRIES - left + 1
        else:
            return answer
    (answer,) = await ask(run, server, [(wire, _is_answer(query))])
    return answer


def _is_answer(query: dns.message.Message) -> Any:
    """Only an answer with our number: anything else is a stray or a forgery."""
    number = query.id.to_bytes(2, "big")
    return lambda wire: wire[:2] == number and len(wire) > 2 and wire[2] & 0x80 != 0


def _query(spec: DnsSpec) -> dns.message.Message:
    query = dns.message.make_query(
        spec.name, spec.type, use_edns=0, payload=_PAYLOAD, id=secrets.randbits(16)
    )
    if spec.server is not None and spec.authoritative:
        query.flags &= ~dns.flags.RD
    return query


def _parsed(wire: bytes, query: dns.message.Message) -> dns.message.Message:
    try:
        answer = dns.message.from_wire(wire, ignore_trailing=True, raise_on_truncation=False)
    except dns.exception.DNSException as error:
        raise Fault(PROTOCOL_ERROR, f"no DNS message: {error}") from error
    if not query.is_response(answer):
        raise Fault(PROTOCOL_ERROR, "the answer is to another question")
    return answer


def _judge(run: Run, spec: DnsSpec, answer: dns.message.Message) -> None:
    rcode = dns.rcode.to_text(answer.rcode())
    is_authoritative = bool(answer.flags & dns.flags.AA)
    run.evidence |= {"rcode": rcode, "authoritative": is_authoritative}
    if rcode != spec.rcode.upper():
        failed = _BY_RCODE.get(answer.rcode(), FailureId("wrong_answer"))
        raise Fault(failed, f"answered {rcode}, want {spec.rcode.upper()}")
    if spec.authoritative and not is_authoritative:
        raise Fault(FailureId("not_authoritative"), "the answer is not authoritative")
    _judge_values(run, spec, answer)


def _judge_values(run: Run, spec: DnsSpec, answer: dns.message.Message) -> None:
    wanted_type = dns.rdatatype.from_text(spec.type)
    found = sorted(
        rdata.to_text() for rrset in answer.answer if rrset.rdtype == wanted_type for rdata in rrset
    )
    run.evidence["answer"] = found[:20]
    if not found and spec.rcode.upper() == "NOERROR":
        raise Fault(FailureId("wrong_answer"), f"no {spec.type} in the answer")
    seen = {_plain(value) for value in found}
    wanted = {_plain(value) for value in spec.expect}
    missing = wanted - seen
    if missing:
        raise Fault(FailureId("wrong_answer"), f"want {sorted(missing)}, got {found[:5]}")
    if spec.exactly and seen - wanted:
        raise Fault(FailureId("wrong_answer"), f"not expected: {sorted(seen - wanted)[:5]}")


def _plain(value: str) -> str:
    """As people write it: case, quotes, a final dot, where a long text is cut in strings (RFC
    7208 3.3) and how an IPv6 address is shortened do not matter.

    >>> _plain('"v=DKIM1; p=AB" "CD"'), _plain("2001:DB8:0:0::80")
    ('v=dkim1; p=abcd', '2001:db8::80')
    """
    plain = value.replace('" "', "").strip('"').rstrip(".").lower()
    try:
        return str(ip_address(plain))
    except ValueError:
        return plain


def _from_target(target: str) -> Mapping[str, Any]:
    """`dns://server[:port]/name?type=A`; `dns:///name` asks the system's resolver."""
    parts = urlsplit(target)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme != "dns" or not name:
        raise ValueError(f"want dns://server[:port]/name?type=A, got {target!r}")
    found: dict[str, Any] = {"server": None, "name": name}
    if parts.netloc:
        found["server"], found["port"] = host_and_port(parts.netloc, 53)
    query = parse_qs(parts.query, keep_blank_values=True)
    unknown = set(query) - {"type"}
    if unknown:
        raise ValueError(f"only ?type= is understood, got {sorted(unknown)}")
    if "type" in query:
        found["type"] = query["type"][0].upper()
    return found


KIND = ProbeKind(
    name="dns",
    spec=DnsSpec,
    from_target=_from_target,
    build=DnsProbe,
    failures=tuple(_FAILURES.values()),
    phases=("resolve", "connect", "processing"),
    summary="a name server answers, with the right answer and the right authority",
    example="estado probe dns 'dns://ns1.example/www.example?type=A' --set authoritative=true",
)
