"""`hls`: a live playlist advances and its newest segment comes faster than it plays.

A frozen encoder leaves a playlist that looks healthy. Only comparing it with what the look before
saw tells: one fetch, no waiting.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, ClassVar

from monitor.domain.observation import FailureId, Observation, Outcome
from monitor.net.faults import TOO_LARGE, Fault
from monitor.net.run import Run
from monitor.net.transport import Transport
from monitor.ports.probe import Context
from probes._failures import failure, words
from probes._kind import EXTRA_FORBIDDEN, ProbeKind, TlsSettings, by_id, required, setting
from probes._observe import check_expiry, observe
from probes._playlist import SPEC_VIOLATION, Playlist, Segment, check_lengths, parse_playlist
from probes.http.expect import check_status
from probes.http.failures import FAILURES as HTTP_FAILURES
from probes.http.probe import Fetched, HttpProbe
from probes.http.spec import HttpSpec
from probes.http.url import parse_url

_PLAYLIST_BYTES = 256 << 10
_SEGMENT_BYTES = 16 << 20
_STALE_AFTER = 1.5
"""Times the target duration without a new segment (RFC 8216 6.2.2)."""
_STUCK = (
    words("detenido", "stuck"),
    words("El reproductor se detiene.", "Players stop."),
)
_CUTTING = (
    words("con cortes", "cutting out"),
    words("Sus oyentes escuchan cortes.", "Listeners hear gaps."),
)
_OWN = (
    failure(
        "stale_playlist",
        _STUCK,
        is_timing=True,
        summary=words(
            "La lista no avanza desde hace una vez y media la duración objetivo.",
            "The playlist has not advanced for one and a half target durations.",
        ),
        cause=words(
            "El codificador está congelado o detenido; se sigue sirviendo la lista vieja.",
            "The encoder is frozen or stopped; the old playlist is still served.",
        ),
        remedy=words(
            "Revise el codificador y su entrada; reinícielo.",
            "Look at the encoder and at its input; restart it.",
        ),
    ),
    failure(
        "segment_404",
        _STUCK,
        summary=words(
            "El segmento más nuevo que nombra la lista no está.",
            "The newest segment that the playlist names is not there.",
        ),
        cause=words(
            "El codificador escribe la lista antes que el segmento, o una caché está atrasada.",
            "The encoder writes the playlist before the segment, or a cache is behind.",
        ),
        remedy=words(
            "Revise la carpeta de segmentos y la caché que tiene delante.",
            "Look at the folder of segments and at the cache in front of it.",
        ),
    ),
    failure(
        "slow_segment",
        _CUTTING,
        is_timing=True,
        outcome=Outcome.DEGRADED,
        summary=words(
            "El segmento más nuevo tardó en llegar más de lo que dura.",
            "The newest segment took longer to come than it plays.",
        ),
        cause=words(
            "El enlace del servidor está lleno, o el disco está lento.",
            "The server's line is full, or the disk is slow.",
        ),
        remedy=words("Revise el tráfico del servidor.", "Look at the server's traffic."),
    ),
    failure(
        "sequence_reset",
        _CUTTING,
        outcome=Outcome.DEGRADED,
        summary=words(
            "La numeración de la lista volvió atrás.", "The playlist's numbers went back."
        ),
        cause=words(
            "El codificador se reinició y empezó a contar de nuevo.",
            "The encoder was restarted and began to count anew.",
        ),
        remedy=words(
            "Averigüe por qué se reinicia el codificador.", "Look why the encoder restarts."
        ),
    ),
    failure(
        SPEC_VIOLATION,
        _CUTTING,
        outcome=Outcome.DEGRADED,
        summary=words(
            "La lista no cumple las reglas que necesitan los reproductores.",
            "The playlist breaks the rules that players rely on.",
        ),
        cause=words("Un codificador o empaquetador defectuoso.", "A faulty encoder or packager."),
        remedy=words(
            "Lea el mensaje; compare con la RFC 8216.", "Read the message; compare with RFC 8216."
        ),
    ),
)
_FAILURES = by_id((*HTTP_FAILURES.values(), *_OWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class HlsSpec(TlsSettings):
    """A master or media playlist."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    url: str = required("http(s)://host/playlist.m3u8")
    live: bool = setting("it must advance; false: an archive that has ended is right", True)
    fetch_segment: bool = setting("fetch the newest segment too", True)


@dataclass(frozen=True, slots=True)
class _Memory:
    """What the look before saw; times are on the machine's monotonic clock."""

    newest: int
    uri: str
    advanced_at: float

    @classmethod
    def read(cls, raw: bytes | None, now: float) -> _Memory | None:
        """None where there is none, or where the machine was restarted since."""
        try:
            newest, uri, advanced_at = json.loads(raw or b"")
            found = cls(int(newest), str(uri), float(advanced_at))
        except (ValueError, TypeError):
            return None
        return found if found.advanced_at <= now else None

    def dump(self) -> bytes:
        return json.dumps([self.newest, self.uri[:1024], self.advanced_at]).encode()


@dataclass(frozen=True, slots=True)
class HlsProbe:
    """Master, media playlist, newest segment."""

    transport: Transport

    def start(self, spec: HlsSpec, context: Context) -> Awaitable[Observation]:
        run = self.transport.run(context)
        run.memory = context.memory
        return observe(run, _FAILURES, self._look(run, spec))

    async def _look(self, run: Run, spec: HlsSpec) -> None:
        fetched, playlist = await self._playlist(run, spec, spec.url, None)
        if playlist.is_master:
            variant = playlist.variants[0]
            fetched, playlist = await self._playlist(run, spec, variant, fetched.peer)
            if playlist.is_master:
                raise Fault(SPEC_VIOLATION, "a master playlist within a master playlist")
        run.evidence |= {"segments": len(playlist.segments), "target_s": playlist.target_s}
        newest = _newest(playlist, spec)
        if spec.live:
            _compare(run, newest, playlist)
        check_lengths(playlist)
        if spec.fetch_segment:
            await self._segment(run, spec, newest, fetched.peer)
        check_expiry(self.transport, spec, run)

    async def _playlist(
        self, run: Run, spec: HlsSpec, url: str, led_from: str | None
    ) -> tuple[Fetched, Playlist]:
        fetched = await self._get(run, _request(spec, url, _PLAYLIST_BYTES), led_from)
        check_status(fetched.response.status, ("200-299",))
        body = bytes(fetched.response.body)
        run.show_received(body[:2048])
        if fetched.response.is_truncated:
            # What is missing is its end, where the newest segment stands.
            raise Fault(TOO_LARGE, f"a playlist of more than {_PLAYLIST_BYTES} bytes")
        return fetched, parse_playlist(body, fetched.url)

    async def _segment(self, run: Run, spec: HlsSpec, newest: Segment, led_from: str) -> None:
        began = monotonic()
        fetched = await self._get(run, _request(spec, newest.uri, _SEGMENT_BYTES), led_from)
        spent = monotonic() - began
        run.evidence["segment_bytes"] = fetched.response.size
        if fetched.response.status in (403, 404, 410):
            raise Fault(FailureId("segment_404"), f"status {fetched.response.status}")
        check_status(fetched.response.status, ("200-299",))
        if newest.seconds and spent > newest.seconds:
            message = f"{spent:.1f} s for a segment of {newest.seconds:g} s"
            raise Fault(FailureId("slow_segment"), message)

    async def _get(self, run: Run, request: HttpSpec, led_from: str | None) -> Fetched:
        return await HttpProbe(self.transport).fetch(run, request, led_from)


def _request(spec: HlsSpec, url: str, max_bytes: int) -> HttpSpec:
    """A plain fetch whose body is kept; what it must be is judged here."""
    try:
        return HttpSpec(
            url=url,
            expect_body="#EXTM3U",
            max_bytes=max_bytes,
            family=spec.family,
            ca_file=spec.ca_file,
            server_name=spec.server_name,
            verify=spec.verify,
        )
    except ValueError as error:
        raise Fault(SPEC_VIOLATION, f"a URI that cannot be fetched: {error}") from error


def _newest(playlist: Playlist, spec: HlsSpec) -> Segment:
    if not playlist.segments:
        raise Fault(FailureId("stale_playlist"), "the playlist names no segment")
    if spec.live and playlist.has_ended:
        raise Fault(FailureId("stale_playlist"), "the playlist says that the stream has ended")
    return playlist.segments[-1]


def _compare(run: Run, newest: Segment, playlist: Playlist) -> None:
    """Against what the look before saw. What is remembered is kept even where this raises."""
    now = monotonic()
    before = _Memory.read(run.memory, now)
    # Signed addresses change their query with every playlist.
    uri = newest.uri.partition("?")[0]
    seen = _Memory(newest.number, uri, now)
    if before is None or newest.number > before.newest:
        run.memory = seen.dump()
        return
    if newest.number < before.newest:
        run.memory = seen.dump()
        message = f"segment {newest.number} after {before.newest}"
        raise Fault(FailureId("sequence_reset"), message)
    age = now - before.advanced_at
    run.evidence["unchanged_s"] = round(age, 1)
    run.memory = replace(before, uri=uri).dump()
    if uri != before.uri and len(before.uri) < 1024:
        raise Fault(SPEC_VIOLATION, f"segment {newest.number} has another URI than before")
    if age > _STALE_AFTER * playlist.target_s:
        raise Fault(FailureId("stale_playlist"), f"no new segment for {age:.0f} s")


def _from_target(target: str) -> Mapping[str, Any]:
    return {"url": parse_url(target).url}


KIND = ProbeKind(
    name="hls",
    spec=HlsSpec,
    from_target=_from_target,
    build=HlsProbe,
    failures=tuple(_FAILURES.values()),
    phases=("resolve", "connect", "tls", "processing", "transfer"),
    summary="a live playlist advances and its newest segment comes in time",
    example="estado probe hls https://radio.example/live/master.m3u8",
)
