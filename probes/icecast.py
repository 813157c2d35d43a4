"""`icecast`: a radio stream plays at its rate, after the burst that hides a stall.

A stream's server first sends what it has kept (64 KB and more), as fast as it can; with its source
gone that still decodes to seconds of healthy sound. So the burst is let pass and the rate is
measured on what comes after it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar

from monitor.domain.observation import FailureId, Observation
from monitor.net.connection import Connection
from monitor.net.faults import CONN_RESET, PROTOCOL_ERROR, READ_TIMEOUT, Fault, TooSlow
from monitor.net.run import Run
from monitor.net.transport import Transport
from monitor.ports.probe import Context
from probes._failures import SHARED, failure, words
from probes._kind import EXTRA_FORBIDDEN, ProbeKind, TlsSettings, by_id, required, setting
from probes._observe import check_expiry, observe
from probes.http.url import parse_url

_HEAD_LIMIT = 16_384
_MAX_BYTES = 8 << 20
_QUIET_S = 0.25
"""A pause this long ends the burst: a server that has more to give gives it at once."""
_MOST_QUIET_S = 1.0
_LEAST_SAMPLE_S = 1.0
"""Streams come in pieces: less time than this says nothing about a rate."""
_SILENT = (
    words("sin sonido", "silent"),
    words(
        "Sus oyentes escuchan silencio o no logran conectarse.",
        "Listeners hear silence or cannot connect.",
    ),
)
_CUTTING = (
    words("con cortes", "cutting out"),
    words("Sus oyentes escuchan cortes.", "Listeners hear gaps."),
)
_OWN = (
    failure(
        "mount_missing",
        _SILENT,
        summary=words(
            "El servidor no conoce ese punto de montaje.", "The server knows no such mount."
        ),
        cause=words(
            "La fuente no está conectada, o el punto de montaje cambió de nombre.",
            "The source is not connected, or the mount was renamed.",
        ),
        remedy=words(
            "Revise si la fuente está en marcha y qué punto de montaje usa.",
            "See whether the source runs and which mount it names.",
        ),
    ),
    failure(
        "listener_limit",
        _SILENT,
        summary=words(
            "El servidor no acepta más oyentes en ese punto de montaje.",
            "The server takes no further listeners on the mount.",
        ),
        cause=words(
            "Se alcanzó el límite de oyentes del plan, o el punto de montaje está cerrado.",
            "The plan's listener limit is reached, or the mount is closed.",
        ),
        remedy=words(
            "Revise la cantidad de oyentes y el límite.",
            "Look at the number of listeners and at the limit.",
        ),
    ),
    failure(
        "wrong_codec",
        _SILENT,
        summary=words(
            "La transmisión es de otro tipo de contenido que el debido.",
            "The stream is of another content type than it should be.",
        ),
        cause=words(
            "La fuente se configuró de otra manera, o responde una página y no la transmisión.",
            "The source was configured anew, or a page answers instead of the stream.",
        ),
        remedy=words("Revise el codificador de la fuente.", "Look at the source's encoder."),
    ),
    failure(
        "stalled",
        _SILENT,
        is_timing=True,
        summary=words(
            "Después de la ráfaga inicial no llegaron más datos.",
            "After the burst no more bytes came.",
        ),
        cause=words(
            "La fuente dejó de enviar y el servidor todavía no lo notó.",
            "The source stopped sending and the server has not noticed yet.",
        ),
        remedy=words(
            "Revise la fuente: su codificador y su conexión.",
            "Look at the source: its encoder, its line.",
        ),
    ),
    failure(
        "bitrate_low",
        _CUTTING,
        is_timing=True,
        summary=words(
            "Los datos llegan más despacio de lo que suena la transmisión.",
            "Bytes come more slowly than the stream plays.",
        ),
        cause=words(
            "La conexión de la fuente, o la del servidor, es demasiado lenta o está llena.",
            "The source's line, or the server's, is too slow or full.",
        ),
        remedy=words(
            "Revise el tráfico del servidor y la conexión de la fuente.",
            "Look at the server's traffic and at the source's line.",
        ),
    ),
)
_FAILURES = by_id((*SHARED, *_OWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class IcecastSpec(TlsSettings):
    """A mount to listen to for a few seconds."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    url: str = required("http(s)://host[:port]/mount")
    sample_s: float = setting("how long to listen after the burst", 2.0)
    min_kbps: float | None = setting("least rate; default: 70 % of what the server declares", None)
    content_type: str = setting("what the content type must begin with", "audio/")

    def __post_init__(self) -> None:
        if self.sample_s <= 0:
            raise ValueError(f"sample_s must be above 0, got {self.sample_s:g}")


@dataclass(frozen=True, slots=True)
class Head:
    """A stream's answer; `ICY 200 OK` is a status line of its own kind."""

    status: int
    headers: Mapping[str, str]

    @property
    def declared_kbps(self) -> float | None:
        """What `icy-br` says; some servers list several."""
        first = self.headers.get("icy-br", "").split(",")[0].strip()
        is_rate = first.isascii() and first.isdigit() and len(first) < 10
        return float(first) if is_rate and int(first) > 0 else None


@dataclass(frozen=True, slots=True)
class IcecastProbe:
    """Asks for the mount as a player does, lets the burst pass, measures."""

    transport: Transport

    def start(self, spec: IcecastSpec, context: Context) -> Awaitable[Observation]:
        run = self.transport.run(context)
        return observe(run, _FAILURES, self._look(run, spec))

    async def _look(self, run: Run, spec: IcecastSpec) -> None:
        place = parse_url(spec.url)
        connection = await self.transport.connect(
            run, place.host, place.port, family=spec.family, max_bytes=_MAX_BYTES
        )
        try:
            if place.is_tls:
                await self.transport.start_tls(connection, spec.tls_options())
            run.enter("processing")
            await connection.send(_request(place.authority, place.target))
            head = await _read_head(run, connection)
            _judge_head(run, spec, head)
            await _listen(run, connection, spec, head)
            check_expiry(self.transport, spec, run)
        finally:
            connection.close()


def _request(host: str, path: str) -> bytes:
    # HTTP/1.0: a stream has no end to chunk. Icy-MetaData is left out: it would mix with the sound.
    return (
        f"GET {path} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: estado (listening probe)\r\n"
        "Accept: */*\r\n\r\n"
    ).encode()


async def _read_head(run: Run, connection: Connection) -> Head:
    raw = await connection.read_until(b"\r\n\r\n", _HEAD_LIMIT)
    lines = raw.decode("latin-1").split("\r\n")
    run.show_received("\n".join(lines).strip())
    protocol, _, rest = lines[0].partition(" ")
    code = rest[:3]
    if not protocol.startswith(("ICY", "HTTP/1.")) or not (code.isascii() and code.isdigit()):
        raise Fault(PROTOCOL_ERROR, f"no stream's answer: {lines[0][:80]!a}")
    pairs = (line.partition(":") for line in lines[1:] if ":" in line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Head(status=int(code), headers=headers)


def _judge_head(run: Run, spec: IcecastSpec, head: Head) -> None:
    kind = head.headers.get("content-type", "")
    run.evidence |= {"status": head.status, "content_type": kind[:80]}
    for header in ("icy-name", "icy-br", "server"):
        if header in head.headers:
            run.evidence[header] = head.headers[header][:80]
    if head.status == 404:
        raise Fault(FailureId("mount_missing"), "status 404")
    if head.status in (403, 503):
        raise Fault(FailureId("listener_limit"), f"status {head.status}")
    if head.status != 200:
        raise Fault(PROTOCOL_ERROR, f"status {head.status}; expected 200")
    if not kind.lower().startswith(spec.content_type.lower()):
        raise Fault(
            FailureId("wrong_codec"), f"content type {kind[:80]!r}; expected {spec.content_type}"
        )


async def _listen(run: Run, connection: Connection, spec: IcecastSpec, head: Head) -> None:
    run.enter("first_media")
    first = await _first_piece(run, connection)
    run.enter("transfer")
    # Each is cut to fit before the deadline: a stream that plays must not end as a timeout.
    burst = len(first) + await _pass_burst(run, connection, min(spec.sample_s, run.left_s * 0.45))
    length = min(spec.sample_s, max(_LEAST_SAMPLE_S, run.left_s * 0.9))
    sample = await _sample(run, connection, length)
    kbps = sample.bytes * 8 / 1000 / sample.seconds
    run.evidence |= {
        "burst_bytes": burst,
        "kbps": round(kbps, 1),
        "last_byte_age_s": round(sample.silence, 2),
    }
    if sample.bytes == 0:
        raise Fault(FailureId("stalled"), f"no byte in {sample.seconds:.1f} s after the burst")
    wanted = _least_kbps(spec, head)
    if wanted is not None and kbps < wanted:
        raise Fault(FailureId("bitrate_low"), f"{kbps:.0f} kbit/s; expected {wanted:.0f} or more")


def _least_kbps(spec: IcecastSpec, head: Head) -> float | None:
    if spec.min_kbps is not None:
        return spec.min_kbps
    return head.declared_kbps * 0.7 if head.declared_kbps else None


async def _first_piece(run: Run, connection: Connection) -> bytes:
    try:
        return await _piece(run, connection, None)
    except Fault as fault:
        if fault.failure == READ_TIMEOUT:
            raise Fault(FailureId("stalled"), "the server answered and sent no sound") from fault
        raise


async def _pass_burst(run: Run, connection: Connection, longest_s: float) -> int:
    """Read until a pause ends the burst; how much it was. A stream without pauses has none."""
    burst = 0
    ends = run.now() + longest_s
    quiet = _quiet_s(run)
    while run.now() < ends:
        try:
            burst += len(await _piece(run, connection, run.now() + quiet))
        except TooSlow:
            break
    return burst


def _quiet_s(run: Run) -> float:
    """From afar a burst pauses too: a round trip each time the window has been filled."""
    round_trip = run.phases_ms.get("connect", 0.0) / 1000
    return min(_MOST_QUIET_S, max(_QUIET_S, 3 * round_trip))


@dataclass(frozen=True, slots=True)
class _Sample:
    bytes: int
    seconds: float
    silence: float


async def _sample(run: Run, connection: Connection, length_s: float) -> _Sample:
    """What came in so many seconds, and how old the last of it is. The rate counts all of the
    time: what came while nobody read lies in the socket too."""
    began = last = monotonic()
    ends = run.now() + length_s
    size = 0
    while run.now() < ends:
        try:
            size += len(await _piece(run, connection, ends))
        except TooSlow:
            break
        last = monotonic()
    now = monotonic()
    return _Sample(bytes=size, seconds=now - began, silence=now - last)


async def _piece(run: Run, connection: Connection, until: float | None) -> bytes:
    piece = await connection.read_some(until)
    if not piece:
        raise Fault(CONN_RESET, "the stream ended")
    return piece


def _from_target(target: str) -> Mapping[str, Any]:
    return {"url": parse_url(target).url}


KIND = ProbeKind(
    name="icecast",
    spec=IcecastSpec,
    from_target=_from_target,
    build=IcecastProbe,
    failures=tuple(_FAILURES.values()),
    phases=("resolve", "connect", "tls", "processing", "first_media", "transfer"),
    summary="a radio stream plays at its rate, after the burst that hides a stall",
    example="estado probe icecast http://radio.example:8000/radio.mp3 --set min_kbps=96",
)
