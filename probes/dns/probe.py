"""`dns`: a name server answers the question, with the right answer and the right authority."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from monitor.domain.checks.observation import FailureId, Observation, Outcome
from monitor.domain.checks.probe import Context
from monitor.domain.checks.symptoms import ServiceKind, Symptom
from monitor.net.datagram import Server
from monitor.net.errors import DNS_TIMEOUT, READ_TIMEOUT, ProbeFailure
from monitor.net.host_names import ascii_host
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.registry import EXTRA_FORBIDDEN, required, setting
from probes._failures import SHARED, failure, words
from probes._kind import NetSettings, ProbeKind, by_id, host_and_port
from probes._observe import observe
from probes.dns.query import DnsAnswer, Question, query_tcp, query_udp
from probes.dns.records import alias_of, records, spellings

_OWN = (
    failure(
        "servfail",
        Symptom.NO_DOMAINS,
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
        Symptom.NO_DOMAINS,
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
        Symptom.NO_DOMAINS,
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
        Symptom.WRONG_DATA,
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
        "edns_broken",
        Symptom.PARTIAL,
        outcome=Outcome.DEGRADED,
        summary=words(
            "El servidor no responde bien a EDNS, y sin él sí.",
            "The name server does not answer well to EDNS, and does without it.",
        ),
        cause=words(
            "Un servidor viejo, o un cortafuegos que descarta esas preguntas.",
            "An old server, or a firewall that drops such questions.",
        ),
        remedy=words(
            "Actualice el servidor o el cortafuegos: hay resolutores que ya no preguntan sin EDNS.",
            "Update the server or the firewall: some resolvers no longer ask without EDNS.",
        ),
    ),
    failure(
        "family_broken",
        Symptom.PARTIAL,
        outcome=Outcome.DEGRADED,
        summary=words(
            "El servidor responde por una versión de IP y por la otra no.",
            "The name server answers over one family of addresses and not over the other.",
        ),
        cause=words(
            "No escucha en esas direcciones, o falta una ruta o una regla del cortafuegos.",
            "It does not listen on those addresses, or a route or a firewall's rule is missing.",
        ),
        remedy=words(
            "Pregunte a cada dirección de la evidencia; quite de la zona la que no sirve.",
            "Ask each address in the evidence; take those that do not work out of the zone.",
        ),
    ),
    failure(
        "not_authoritative",
        Symptom.ERRORS,
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
            dns.name.from_text(ascii_host(self.name))
            dns.rdatatype.from_text(self.type)
            dns.rcode.from_text(self.rcode)
            for text in self.expect:
                spellings(self.type, text)
        except (dns.exception.DNSException, ValueError) as error:
            raise ValueError(f"{self.name} {self.type} {self.rcode}: {error}") from error

    @property
    def service_kind(self) -> ServiceKind:
        return ServiceKind.DNS


@dataclass(frozen=True, slots=True)
class DnsProbe:
    """Asks over UDP, several times, and over TCP where the answer was truncated."""

    transport: Transport

    def start(self, spec: DnsSpec, context: Context) -> Awaitable[Observation]:
        session = self.transport.run(context)
        return observe(session, _FAILURES, self._run(session, spec))

    async def _run(self, session: Session, spec: DnsSpec) -> None:
        try:
            answer = await self._ask(session, spec)
        except ProbeFailure as fault:
            if fault.failure == READ_TIMEOUT:
                raise ProbeFailure(DNS_TIMEOUT, "no answer in time") from fault
            raise
        session.evidence["server"] = answer.server[0]
        if session.is_shown:
            session.show_received(str(answer.message))
        _judge(session, spec, answer.message)
        if answer.edns is not None:
            raise ProbeFailure(
                FailureId("edns_broken"), f"{answer.server[0]}: {answer.edns} to EDNS"
            )
        if answer.broken_family is not None and spec.server is not None:
            message = f"no server answers over IPv{answer.broken_family}"
            raise ProbeFailure(FailureId("family_broken"), message)

    async def _ask(self, session: Session, spec: DnsSpec) -> DnsAnswer:
        question = Question.of(
            ascii_host(spec.name),
            spec.type,
            recurses=spec.server is None or not spec.authoritative,
            accepts=dns.rcode.from_text(spec.rcode),
        )
        if spec.tcp:
            server = (spec.server, spec.port) if spec.server else self._system_servers()[0]
            _show_sent(session, spec, server)
            return await query_tcp(self.transport, session, server, spec.family, question)
        servers = await self._servers(session, spec)
        session.evidence["server"] = servers[0][0]
        _show_sent(session, spec, servers[0])
        session.enter("processing")
        answer = await query_udp(session, servers, question)
        if not answer.message.flags & dns.flags.TC:
            return answer
        session.evidence["truncated"] = True
        tcp_answer = await query_tcp(self.transport, session, answer.server, spec.family, question)
        return replace(
            tcp_answer, edns=answer.edns or tcp_answer.edns, broken_family=answer.broken_family
        )

    def _system_servers(self) -> tuple[Server, ...]:
        return self.transport.resolver.settings.nameservers

    async def _servers(self, session: Session, spec: DnsSpec) -> tuple[Server, ...]:
        if spec.server is None:
            return self._system_servers()
        session.enter("resolve")
        addresses = await self.transport.resolver.addresses(session, spec.server, spec.family)
        if addresses == (spec.server,):
            session.forget_phase()
        return tuple((address, spec.port) for address in addresses)


def _show_sent(session: Session, spec: DnsSpec, server: Server) -> None:
    session.show_sent(f"{spec.name} {spec.type} to {server[0]} port {server[1]}")


def _judge(session: Session, spec: DnsSpec, answer: dns.message.Message) -> None:
    rcode = dns.rcode.to_text(answer.rcode())
    is_authoritative = bool(answer.flags & dns.flags.AA)
    session.evidence |= {"rcode": rcode, "authoritative": is_authoritative}
    if rcode != spec.rcode.upper():
        failed = _BY_RCODE.get(answer.rcode(), FailureId("wrong_answer"))
        raise ProbeFailure(failed, f"answered {rcode}, want {spec.rcode.upper()}")
    if spec.authoritative and not is_authoritative:
        raise ProbeFailure(FailureId("not_authoritative"), "the answer is not authoritative")
    _judge_values(session, spec, answer)


def _judge_values(session: Session, spec: DnsSpec, answer: dns.message.Message) -> None:
    found = records(answer, spec.type)
    shown = sorted(found.values())
    session.evidence["answer"] = shown[:20]
    alias = alias_of(answer)
    if alias is not None and not found:
        session.evidence["alias"] = alias
    if not found and spec.rcode.upper() == "NOERROR":
        _judge_nothing(spec, answer, alias)
        return
    wanted = {text: spellings(spec.type, text) for text in spec.expect}
    missing = [text for text, keys in wanted.items() if keys.isdisjoint(found)]
    if missing:
        raise ProbeFailure(FailureId("wrong_answer"), f"want {sorted(missing)}, got {shown[:5]}")
    known = {key for keys in wanted.values() for key in keys}
    strange = sorted(text for key, text in found.items() if key not in known)
    if spec.exactly and strange:
        raise ProbeFailure(FailureId("wrong_answer"), f"not expected: {strange[:5]}")


def _judge_nothing(spec: DnsSpec, answer: dns.message.Message, alias: str | None) -> None:
    """No record of the type. A server whose zone has only an alias for the name answers with just
    the alias (RFC 1034 4.3.2); from a resolver, asked to follow it, that is no answer."""
    if alias is None:
        raise ProbeFailure(FailureId("wrong_answer"), f"no {spec.type} in the answer")
    is_served = bool(answer.flags & dns.flags.AA) or not answer.flags & dns.flags.RA
    if spec.expect or spec.exactly or not is_served:
        message = f"{spec.name} is an alias of {alias}, whose {spec.type} is not in the answer"
        raise ProbeFailure(FailureId("wrong_answer"), message)


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
