"""`icecast`: a radio stream plays at its rate, after the burst that hides a stall.

A stream's server first sends what it has buffered (64 KB and more), as fast as it can. Even with
its source gone that decodes to seconds of healthy sound. So the probe lets the burst pass and
measures the rate of what comes after it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar

from monitor.domain.checks.observation import Observation
from monitor.domain.checks.probe import Context
from monitor.domain.checks.symptoms import ServiceKind
from monitor.net.connection import Connection
from monitor.net.errors import CONN_RESET, PROTOCOL_ERROR, READ_TIMEOUT, ProbeFailure, TooSlow
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.registry import EXTRA_FORBIDDEN, required, setting
from probes._kind import ProbeKind, TlsSettings
from probes._observe import check_expiry, observe
from probes.http.expect import REDIRECT_LOOP
from probes.http.url import Place, follow, parse_url
from probes.icecast.audio_frames import LEAST_KBPS, FrameMeter
from probes.icecast.failures import (
    AUTH_REQUIRED,
    BITRATE_LOW,
    FAILURES,
    LISTENER_LIMIT,
    MOUNT_MISSING,
    PLAYLIST_INSTEAD,
    STALLED,
    WRONG_CODEC,
)
from probes.icecast.head import Head, begins_a_playlist, read_head

_MAX_BYTES = 8 << 20
_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LEAST_SHARE = 0.7
"""Of the rate that a stream has: listeners hear when less comes."""
_NOTHING_KBPS = 1.0
"""Where the rate is unknown: FLAC takes 1.4 kbit/s for silence alone, Opus plays from 6 on."""
_SOUND = ("audio/", "video/", "application/ogg", "application/x-ogg")
"""How the types that players play begin. Not every server calls Ogg audio."""
_FRAMED = ("audio/mpeg", "audio/mp3", "audio/aac")
"""The types whose frames can be read."""
_QUIET_S = 0.25
"""A pause this long ends the burst: a server that has more in its buffer sends it at once."""
_MOST_QUIET_S = 1.0
_LEAST_SAMPLE_S = 1.0
"""Streams come in pieces: a shorter sample says nothing about a rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IcecastSpec(TlsSettings):
    """A mount to listen to for a few seconds."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    url: str = required("http(s)://host[:port]/mount")
    sample_s: float = setting("how long to listen after the burst", 2.0)
    min_kbps: float | None = setting(
        "least rate; default: 70 % of what the server declares, or the frames have; else 1", None
    )
    max_silence_s: float = setting(
        "how old the last byte may be where the rate is low; older is stalled", 1.0
    )
    content_type: str | None = setting(
        "what the content type must begin with; default: audio/, video/ or application/ogg", None
    )

    def __post_init__(self) -> None:
        if self.sample_s <= 0:
            raise ValueError(f"sample_s must be above 0, got {self.sample_s:g}")
        if self.max_silence_s <= 0:
            raise ValueError(f"max_silence_s must be above 0, got {self.max_silence_s:g}")

    @property
    def service_kind(self) -> ServiceKind:
        return ServiceKind.RADIO


@dataclass(frozen=True, slots=True)
class IcecastProbe:
    """Asks for the mount as a player does, lets the burst pass, then measures."""

    transport: Transport

    def start(self, spec: IcecastSpec, context: Context) -> Awaitable[Observation]:
        session = self.transport.run(context)
        return observe(session, FAILURES, self._run(session, spec))

    async def _run(self, session: Session, spec: IcecastSpec) -> None:
        connection, head = await self._mount(session, spec)
        try:
            _judge_head(spec, head)
            await _Listener(session, connection, spec, head).listen()
        finally:
            connection.close()
        check_expiry(self.transport, spec, session)

    async def _mount(self, session: Session, spec: IcecastSpec) -> tuple[Connection, Head]:
        """The first answer that is no redirect."""
        place, led_from = parse_url(spec.url), None
        trail: list[str] = []
        while len(trail) <= _MAX_REDIRECTS:
            connection, head = await self._ask(session, spec, place, led_from)
            if head.status not in _REDIRECTS or not head.location:
                return connection, head
            connection.close()
            place, led_from = _next(place, head), connection.peer
            trail.append(place.url)
            session.evidence["redirects"] = list(trail)
        raise ProbeFailure(REDIRECT_LOOP, f"more than {_MAX_REDIRECTS} redirects")

    async def _ask(
        self, session: Session, spec: IcecastSpec, place: Place, led_from: str | None
    ) -> tuple[Connection, Head]:
        connection = await self.transport.connect(
            session,
            place.host,
            place.port,
            family=spec.family,
            led_from=led_from,
            max_bytes=_MAX_BYTES,
        )
        try:
            if place.is_tls:
                await self.transport.start_tls(connection, spec.tls_options())
            session.enter("processing")
            await connection.send(_request(place.authority, place.target))
            return connection, await read_head(session, connection)
        except BaseException:
            connection.close()
            raise


def _request(host: str, path: str) -> bytes:
    # HTTP/1.0: an endless stream needs no chunks. No Icy-MetaData: it would mix with the sound.
    return (
        f"GET {path} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: estado (listening probe)\r\n"
        "Accept: */*\r\n\r\n"
    ).encode()


def _next(place: Place, head: Head) -> Place:
    try:
        return follow(place, head.location)
    except ValueError as error:
        words = f"Location leads nowhere: {head.location[:200]!r}"
        raise ProbeFailure(PROTOCOL_ERROR, words) from error


def _judge_head(spec: IcecastSpec, head: Head) -> None:
    if head.status == 404:
        raise ProbeFailure(MOUNT_MISSING, "status 404")
    if head.status == 401:
        # SHOUTcast answers so where no source plays; a server that wants a password speaks HTTP.
        raise ProbeFailure(MOUNT_MISSING if head.is_icy else AUTH_REQUIRED, "status 401")
    if head.status in (403, 503):
        raise ProbeFailure(LISTENER_LIMIT, f"status {head.status}")
    if head.status != 200:
        raise ProbeFailure(PROTOCOL_ERROR, f"status {head.status}; expected 200")
    kind = head.content_type
    if head.names_a_playlist:
        raise ProbeFailure(PLAYLIST_INSTEAD, f"content type {kind[:80]!r}")
    wanted = _SOUND if spec.content_type is None else (spec.content_type.lower(),)
    if not kind.lower().startswith(wanted):
        raise ProbeFailure(
            WRONG_CODEC, f"content type {kind[:80]!r}; expected {' or '.join(wanted)}"
        )


@dataclass(frozen=True, slots=True)
class _Sample:
    bytes: int
    seconds: float
    silence_s: float

    @property
    def kbps(self) -> float:
        return self.bytes * 8 / 1000 / self.seconds


class _Listener:
    """Receives the mount for a while."""

    def __init__(
        self, session: Session, connection: Connection, spec: IcecastSpec, head: Head
    ) -> None:
        self._session = session
        self._connection = connection
        self._spec = spec
        self._head = head
        self._meter = FrameMeter()

    async def listen(self) -> None:
        session, spec = self._session, self._spec
        session.enter("first_media")
        first = await self._first_piece()
        session.enter("transfer")
        # Both fit in before the deadline: a stream that plays must not end as a time-out.
        burst = len(first) + await self._pass_burst(min(spec.sample_s, session.left_s * 0.45))
        length_s = min(spec.sample_s, max(_LEAST_SAMPLE_S, session.left_s * 0.9))
        sample = await self._sample(length_s)
        session.evidence |= {
            "burst_bytes": burst,
            "kbps": round(sample.kbps, 1),
            "last_byte_age_s": round(sample.silence_s, 2),
        }
        if self._meter.kbps is not None:
            session.evidence["frames_kbps"] = round(self._meter.kbps, 1)
        self._judge(sample)

    def _judge(self, sample: _Sample) -> None:
        if sample.bytes == 0:
            raise ProbeFailure(STALLED, f"no byte in {sample.seconds:.1f} s after the burst")
        wanted = self._least_kbps()
        if sample.kbps >= wanted:
            return
        if sample.silence_s > min(self._spec.max_silence_s, sample.seconds / 2):
            # What came before the silence only looks like a low rate.
            raise ProbeFailure(STALLED, f"no byte for the last {sample.silence_s:.1f} s")
        raise ProbeFailure(BITRATE_LOW, f"{sample.kbps:.0f} kbit/s; expected {wanted:.0f} or more")

    def _least_kbps(self) -> float:
        if self._spec.min_kbps is not None:
            return self._spec.min_kbps
        own = self._head.declared_kbps or self._meter.kbps
        if own is None and self._head.content_type.lower().startswith(_FRAMED):
            # Too little came for a whole frame, or it is none: at that rate nothing plays.
            own = LEAST_KBPS
        return own * _LEAST_SHARE if own else _NOTHING_KBPS

    async def _first_piece(self) -> bytes:
        try:
            first = await self._piece(None)
        except ProbeFailure as fault:
            if fault.failure == READ_TIMEOUT:
                raise ProbeFailure(STALLED, "the server answered and sent no sound") from fault
            raise
        if begins_a_playlist(first):
            raise ProbeFailure(PLAYLIST_INSTEAD, f"instead of sound: {first[:60]!a}")
        return first

    async def _pass_burst(self, longest_s: float) -> int:
        """Read until a pause ends the burst; how many bytes came. Without a pause: `longest_s`."""
        burst = 0
        ends = self._session.now() + longest_s
        quiet_s = _quiet_s(self._session)
        while self._session.now() < ends:
            try:
                burst += len(await self._piece(self._session.now() + quiet_s))
            except TooSlow:
                break
        return burst

    async def _sample(self, length_s: float) -> _Sample:
        """What came in so many seconds, and how old the last byte is. The rate counts all of the
        time, because what came while nobody read lies in the socket too."""
        began = last = monotonic()
        ends = self._session.now() + length_s
        size = 0
        while self._session.now() < ends:
            try:
                size += len(await self._piece(ends))
            except TooSlow:
                break
            last = monotonic()
        now = monotonic()
        return _Sample(bytes=size, seconds=now - began, silence_s=now - last)

    async def _piece(self, until: float | None) -> bytes:
        piece = await self._connection.read_some(until)
        if not piece:
            raise ProbeFailure(CONN_RESET, "the stream ended")
        self._meter.feed(piece)
        return piece


def _quiet_s(session: Session) -> float:
    """From far away a burst pauses too: for a round trip whenever the window is full."""
    round_trip = session.phases_ms.get("connect", 0.0) / 1000
    return min(_MOST_QUIET_S, max(_QUIET_S, 3 * round_trip))


def _from_target(target: str) -> Mapping[str, Any]:
    return {"url": parse_url(target).url}


KIND = ProbeKind(
    name="icecast",
    spec=IcecastSpec,
    from_target=_from_target,
    build=IcecastProbe,
    failures=tuple(FAILURES.values()),
    phases=("resolve", "connect", "tls", "processing", "first_media", "transfer"),
    summary="a radio stream plays at its rate, after the burst that hides a stall",
    example="estado probe icecast http://radio.example:8000/radio.mp3 --set min_kbps=96",
)
