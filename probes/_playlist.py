"""HLS playlists (RFC 8216), read strictly: what a player forgives is a finding here.

The m3u8 library takes a page of HTML for an empty playlist, and any length of segment under any
target duration; both are refused here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import m3u8

from monitor.domain.observation import FailureId
from monitor.net.faults import PROTOCOL_ERROR, Fault
from probes.http.url import join

SPEC_VIOLATION = FailureId("spec_violation")
_MAX_SEGMENTS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    number: int
    uri: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist:
    """A media playlist with its segments, or a master's variants: absolute, best rate last."""

    variants: tuple[str, ...] = ()
    target_s: float = 0.0
    segments: tuple[Segment, ...] = ()
    has_ended: bool = False

    @property
    def is_master(self) -> bool:
        return bool(self.variants)


def parse_playlist(body: bytes, url: str) -> Playlist:
    """Raises Fault: protocol_error for what is no playlist, spec_violation for a broken one."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    if not text.startswith("#EXTM3U"):
        raise Fault(PROTOCOL_ERROR, f"no playlist: {text[:60]!a}")
    if text.count("#EXTINF") > _MAX_SEGMENTS:
        raise Fault(SPEC_VIOLATION, f"more than {_MAX_SEGMENTS} segments")
    try:
        return _understood(m3u8.loads(text), url)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Fault(SPEC_VIOLATION, f"a playlist that cannot be read: {error}"[:200]) from error


def _understood(read: m3u8.M3U8, url: str) -> Playlist:
    if read.is_variant:
        ranked = sorted(read.playlists, key=lambda p: p.stream_info.bandwidth or 0)
        variants = tuple(join(url, p.uri) for p in ranked if p.uri)
        if not variants:
            raise Fault(SPEC_VIOLATION, "a master playlist that names no variant")
        return Playlist(variants=variants)
    return _media(read, url)


def _media(read: m3u8.M3U8, url: str) -> Playlist:
    if not read.target_duration:
        raise Fault(SPEC_VIOLATION, "no EXT-X-TARGETDURATION")
    first = read.media_sequence or 0
    segments = tuple(
        Segment(number=first + i, uri=join(url, found.uri), seconds=_length(found.duration))
        for i, found in enumerate(read.segments)
        if found.uri
    )
    return Playlist(
        target_s=float(read.target_duration),
        segments=segments,
        has_ended=bool(read.is_endlist),
    )


def _length(said: float | None) -> float:
    """Raises ValueError for what is no length: `inf` and `nan` are numbers to a parser."""
    seconds = float(said or 0)
    if not isfinite(seconds):
        raise ValueError(f"a segment of {seconds} s")
    return seconds


def check_lengths(playlist: Playlist) -> None:
    """RFC 8216 4.3.3.1: each EXTINF, rounded, is at most the target duration."""
    for segment in playlist.segments:
        if round(segment.seconds) > playlist.target_s:
            message = f"a segment of {segment.seconds:g} s, target {playlist.target_s:g} s"
            raise Fault(SPEC_VIOLATION, message)
