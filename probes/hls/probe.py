"""`hls`: a live playlist advances and its newest segment comes faster than it plays.

A frozen encoder leaves a playlist that looks healthy. Only a comparison with what the previous run
saw shows it. That takes one fetch and no waiting.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar

from monitor.domain.checks.observation import FailureId, Observation
from monitor.domain.checks.probe import Context
from monitor.domain.checks.symptoms import ServiceKind
from monitor.net.errors import ADDRESS_REFUSED, TOO_LARGE, ProbeFailure
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.registry import EXTRA_FORBIDDEN, required, setting
from probes._kind import ProbeKind, TlsSettings
from probes._observe import check_expiry, observe
from probes.hls.edge import Edge
from probes.hls.failures import (
    FAILURES,
    INIT_MISSING,
    KEY_MISSING,
    NOT_MEDIA,
    RENDITION_MISSING,
    SEGMENT_404,
    SLOW_SEGMENT,
    STALE_PLAYLIST,
)
from probes.hls.not_media import recognised_as
from probes.hls.playlist import (
    SPEC_VIOLATION,
    Part,
    Playlist,
    Segment,
    check_lengths,
    parse_in_slices,
)
from probes.http.expect import check_status
from probes.http.probe import Fetched, HttpProbe
from probes.http.spec import HttpSpec
from probes.http.url import parse_url

_PLAYLIST_BYTES = 4 << 20
_SEGMENT_BYTES = 16 << 20
_KEY_BYTES = 16
_MAX_RENDITIONS = 4
_GONE = frozenset({403, 404, 410, 416})
_FOR_MEMBERS = frozenset({401, 403})
"""Some servers give keys only to players that have logged in: to us this proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HlsSpec(TlsSettings):
    """A master or media playlist."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    url: str = required("http(s)://host/playlist.m3u8")
    live: bool = setting("it must advance; false: an archive that has ended is right", True)
    fetch_segment: bool = setting("fetch the newest segment too, its key and its init", True)
    check_renditions: bool = setting(
        "fetch the best variant's playlist and the audio groups' too", True
    )
    max_edge_lag_s: float = setting("oldest live edge by EXT-X-PROGRAM-DATE-TIME", 60.0)
    max_bytes: int = setting("how much of a playlist to read", _PLAYLIST_BYTES)

    def __post_init__(self) -> None:
        if self.max_edge_lag_s <= 0:
            raise ValueError(f"max_edge_lag_s must be above 0, got {self.max_edge_lag_s:g}")
        if self.max_bytes < 1:
            raise ValueError(f"max_bytes must be at least 1, got {self.max_bytes}")

    @property
    def service_kind(self) -> ServiceKind:
        return ServiceKind.STREAM


@dataclass(frozen=True, slots=True)
class HlsProbe:
    """Master, media playlist, newest segment with its key and init, the other renditions."""

    transport: Transport

    def start(self, spec: HlsSpec, context: Context) -> Awaitable[Observation]:
        session = self.transport.run(context)
        session.memory = context.memory
        return observe(session, FAILURES, _PlaylistRun(self.transport, session, spec).run())


class _PlaylistRun:
    """One check run. An outage is raised at once; a lesser finding is raised at its end."""

    def __init__(self, transport: Transport, session: Session, spec: HlsSpec) -> None:
        self._transport = transport
        self._session = session
        self._spec = spec
        self._findings: list[ProbeFailure] = []

    async def run(self) -> None:
        fetched, playlist = await self._playlist(self._spec.url, None, {})
        master, led_from = playlist, fetched.peer
        if master.is_master:
            uri = master.variants[0].uri
            fetched, playlist = await self._playlist(uri, led_from, master.defined)
            if playlist.is_master:
                raise ProbeFailure(SPEC_VIOLATION, "a master playlist within a master playlist")
        self._session.evidence |= {
            "segments": len(playlist.lengths_s),
            "target_s": playlist.target_s,
        }
        await self._media(playlist, fetched.peer)
        if master.is_master and self._spec.check_renditions:
            await self._renditions(master, led_from)
        self._conclude()

    async def _media(self, playlist: Playlist, led_from: str) -> None:
        newest = _newest(playlist, self._spec)
        if self._spec.live:
            self._follow(playlist)
        try:
            check_lengths(playlist)
        except ProbeFailure as fault:
            self._findings.append(fault)
        if self._spec.fetch_segment:
            await self._segment(newest, led_from)

    def _follow(self, playlist: Playlist) -> None:
        edge = Edge(self._session, playlist)
        found = (
            edge.follow(),
            edge.lag(self._transport.wall(), self._spec.max_edge_lag_s),
        )
        self._findings += [fault for fault in found if fault is not None]

    def _conclude(self) -> None:
        if self._findings:
            others = [f"{fault.failure}: {fault.message}"[:200] for fault in self._findings[1:]]
            if others:
                self._session.evidence["also"] = others
            raise self._findings[0]
        check_expiry(self._transport, self._spec, self._session)

    # Playlists

    async def _playlist(
        self, url: str, led_from: str | None, imported: Mapping[str, str]
    ) -> tuple[Fetched, Playlist]:
        fetched = await self._get(Part(uri=url), led_from, self._spec.max_bytes)
        check_status(fetched.response.status, ("200-299",))
        body = bytes(fetched.response.body)
        self._session.show_received(body[:2048])
        if fetched.response.is_truncated:
            # The end is missing, where the newest segment stands.
            raise ProbeFailure(TOO_LARGE, f"a playlist of more than {self._spec.max_bytes} bytes")
        return fetched, await self._parsed(body, fetched.url, imported)

    async def _parsed(self, body: bytes, url: str, imported: Mapping[str, str]) -> Playlist:
        parsing = parse_in_slices(body, url, imported)
        while True:
            try:
                next(parsing)
            except StopIteration as end:
                playlist: Playlist = end.value
                return playlist
            await self._session.give_way()

    async def _renditions(self, master: Playlist, led_from: str) -> None:
        """Other versions, which only some listeners play: a missing one is no outage."""
        for what, uri in _others(master)[:_MAX_RENDITIONS]:
            try:
                await self._playlist(uri, led_from, master.defined)
            except ProbeFailure as fault:
                if fault.failure == ADDRESS_REFUSED:
                    raise
                missing = ProbeFailure(RENDITION_MISSING, f"{what}, {uri}: {fault.message}")
                missing.__cause__ = fault
                self._findings.append(missing)

    # Segments

    async def _segment(self, newest: Segment, led_from: str) -> None:
        self._session.evidence["segment"] = newest.part.uri[:300]
        began = monotonic()
        fetched = await self._get(newest.part, led_from, _SEGMENT_BYTES)
        spent_s = monotonic() - began
        body = _wanted(fetched, newest.part)
        self._session.evidence["segment_bytes"] = len(body)
        if fetched.response.status in _GONE:
            raise ProbeFailure(SEGMENT_404, f"status {fetched.response.status}")
        check_status(fetched.response.status, ("200-299",))
        # Where the server knows no ranges, this one may lie beyond what was read.
        instead = recognised_as(body) if body or not fetched.response.is_truncated else None
        if instead is not None:
            raise ProbeFailure(NOT_MEDIA, f"the newest segment is {instead}")
        if newest.seconds and spent_s > newest.seconds:
            message = f"{spent_s:.1f} s for a segment of {newest.seconds:g} s"
            self._findings.append(ProbeFailure(SLOW_SEGMENT, message))
        await self._init(newest, led_from)
        await self._key(newest, led_from)

    async def _init(self, newest: Segment, led_from: str) -> None:
        if newest.init is None:
            return
        fetched = await self._get(newest.init, led_from, _SEGMENT_BYTES)
        _be_there(fetched, INIT_MISSING, newest.init.uri)
        instead = recognised_as(_wanted(fetched, newest.init))
        if instead is not None:
            raise ProbeFailure(INIT_MISSING, f"{newest.init.uri} is {instead}")

    async def _key(self, newest: Segment, led_from: str) -> None:
        if newest.key_uri is None:
            return
        fetched = await self._get(Part(uri=newest.key_uri), led_from, _KEY_BYTES + 1)
        if fetched.response.status in _FOR_MEMBERS:
            self._session.evidence["key_status"] = fetched.response.status
            return
        _be_there(fetched, KEY_MISSING, newest.key_uri)
        if len(fetched.response.body) != _KEY_BYTES:
            raise ProbeFailure(KEY_MISSING, f"{newest.key_uri} is no key of {_KEY_BYTES} bytes")

    async def _get(self, part: Part, led_from: str | None, max_bytes: int) -> Fetched:
        request = _request(self._spec, part, max_bytes)
        return await HttpProbe(self._transport).fetch(self._session, request, led_from)


def _request(spec: HlsSpec, part: Part, max_bytes: int) -> HttpSpec:
    """A plain fetch that returns the body; this module judges it."""
    headers: dict[str, str] = {}
    if part.byte_range is not None:
        end = part.byte_range.offset + part.byte_range.length
        headers["Range"] = f"bytes={part.byte_range.offset}-{end - 1}"
        # A server that knows no ranges sends all of it: read up to the range's end.
        max_bytes = min(max_bytes, end)
    try:
        return HttpSpec(
            url=part.uri,
            headers=headers,
            expect_body="#EXTM3U",
            max_bytes=max_bytes,
            family=spec.family,
            ca_file=spec.ca_file,
            server_name=spec.server_name,
            verify=spec.verify,
        )
    except ValueError as error:
        raise ProbeFailure(SPEC_VIOLATION, f"a URI that cannot be fetched: {error}") from error


def _wanted(fetched: Fetched, part: Part) -> bytes:
    """The body, or the requested range of it where the server sent all of it."""
    body = bytes(fetched.response.body)
    if part.byte_range is None or fetched.response.status == 206:
        return body
    return body[part.byte_range.offset :]


def _be_there(fetched: Fetched, missing: FailureId, uri: str) -> None:
    if not 200 <= fetched.response.status < 300:
        raise ProbeFailure(missing, f"{uri}: status {fetched.response.status}")


def _newest(playlist: Playlist, spec: HlsSpec) -> Segment:
    if not playlist.lengths_s:
        raise ProbeFailure(STALE_PLAYLIST, "the playlist names no segment")
    if spec.live and playlist.has_ended:
        raise ProbeFailure(STALE_PLAYLIST, "the playlist says that the stream has ended")
    if playlist.newest is None:
        raise ProbeFailure(SEGMENT_404, "every segment is marked as a gap")
    return playlist.newest


def _others(master: Playlist) -> list[tuple[str, str]]:
    """What the lowest variant does not cover: the best one, and the sound of both."""
    lowest, best = master.variants[0], master.variants[-1]
    found = {} if best.uri == lowest.uri else {best.uri: "the best variant"}
    for variant in (lowest, best):
        for uri in master.audio.get(variant.audio or "", ()):
            found.setdefault(uri, f"the audio group {variant.audio}")
    return [(what, uri) for uri, what in found.items()]


def _from_target(target: str) -> Mapping[str, Any]:
    return {"url": parse_url(target).url}


KIND = ProbeKind(
    name="hls",
    spec=HlsSpec,
    from_target=_from_target,
    build=HlsProbe,
    failures=tuple(FAILURES.values()),
    phases=("resolve", "connect", "tls", "processing", "transfer"),
    summary="a live playlist advances and its newest segment comes in time",
    example="estado probe hls https://radio.example/live/master.m3u8",
)
