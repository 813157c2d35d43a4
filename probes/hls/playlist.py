"""HLS playlists (RFC 8216): what a player tolerates is a finding here.

Only what is judged is stored: a window of a day has twenty thousand segments, of which only the
newest counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from urllib.parse import parse_qsl, urlsplit

from monitor.domain.checks.observation import FailureId
from monitor.net.errors import PROTOCOL_ERROR, ProbeFailure
from probes.http.url import join

SPEC_VIOLATION = FailureId("spec_violation")
_MAX_LINES = 80_000
_LONGEST_LINE = 65_536
_MOST_STREAMS = 1000
"""The most variants, and the most sounds: the address of each is put together."""
_WORK_BEFORE_YIELD = 50_000
"""Work before other runs go on: a line counts its characters plus `_LINE_WORK`."""
_LINE_WORK = 100
_MAX_EXPANDED = 4 << 20
"""Characters that variables may insert: nested variables grow without bound."""
_LONGEST_S = 86_400.0
# Never begin within a name: each letter of a long one would be tried as a beginning.
_ATTRIBUTE = re.compile(r'(?<![A-Z0-9-])([A-Z0-9-]+)\s*=\s*("[^"]*"|[^,]*)')
_DECIMAL = re.compile(r"[0-9]{1,20}")
_VARIABLE = re.compile(r"\{\$([A-Za-z0-9_-]+)\}")
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something to fetch: an absolute URI, whole or a range of it."""

    uri: str
    byte_range: ByteRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """`ends_at` is its end by the programme date, in seconds since 1970."""

    number: int
    part: Part
    seconds: float
    key_uri: str | None = None
    init: Part | None = None
    ends_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """`audio` is the group of sound that goes with it."""

    uri: str
    bandwidth: int
    audio: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist:
    """A media playlist, or a master's variants, best rate last, and its groups of sound.

    `newest` is the newest segment that can be played. `last_number` and `last_uri` belong to the
    last segment that is named, also where it is marked as a gap.
    """

    variants: tuple[Variant, ...] = ()
    audio: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    defined: Mapping[str, str] = field(default_factory=dict)
    target_s: float = 0.0
    lengths_s: tuple[float, ...] = ()
    newest: Segment | None = None
    last_number: int = 0
    last_uri: str = ""
    has_ended: bool = False

    @property
    def is_master(self) -> bool:
        return bool(self.variants)


def parse_in_slices(
    body: bytes, url: str, imported: Mapping[str, str] = _NOTHING
) -> Generator[None, None, Playlist]:
    """The playlist; the generator yields now and then so that other runs may go on. `imported` are
    the variables of the master that led here. Raises ProbeFailure: protocol_error for what is no
    playlist, spec_violation for a broken one."""
    # Only the line ends of RFC 8216 4.1: `str` knows others, which would get past the limit.
    text = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode("utf-8", "replace")
    text = text.removeprefix("\ufeff")
    if not text.startswith("#EXTM3U"):
        raise ProbeFailure(PROTOCOL_ERROR, f"no playlist: {text[:60]!a}")
    if text.count("\n") > _MAX_LINES:
        raise ProbeFailure(SPEC_VIOLATION, f"more than {_MAX_LINES} lines")
    reader = _Reader(url, imported)
    work = 0
    try:
        for line in text.split("\n"):
            reader.read(line)
            work += _LINE_WORK + len(line)
            if work > _WORK_BEFORE_YIELD:
                work = 0
                yield
        return reader.playlist()
    except (ArithmeticError, LookupError, ValueError) as error:
        raise ProbeFailure(
            SPEC_VIOLATION, f"a playlist that cannot be read: {error}"[:200]
        ) from error


def check_lengths(playlist: Playlist) -> None:
    """RFC 8216 4.3.3.1: each EXTINF, rounded, is at most the target duration."""
    longest_s = max(playlist.lengths_s, default=0.0)
    if round(longest_s) > playlist.target_s:
        message = f"a segment of {longest_s:g} s, target {playlist.target_s:g} s"
        raise ProbeFailure(SPEC_VIOLATION, message)


class _Reader:
    """Reads line by line. A tag applies to the next URI, or to all that follows."""

    def __init__(self, url: str, imported: Mapping[str, str]) -> None:
        self._url = url
        self._imported = imported
        self._defined: dict[str, str] = {}
        self._expanded = 0
        self._variants: list[Variant] = []
        self._audio: dict[str, list[str]] = {}
        self._sounds = 0
        self._query: Mapping[str, str] | None = None
        self._target_s = 0.0
        self._first = 0
        self._lengths_s: list[float] = []
        self._has_ended = False
        self._newest: Callable[[], Segment] | None = None
        self._last_uri = ""
        # What holds for the next URI.
        self._stream: Mapping[str, str] | None = None
        self._length_s: float | None = None
        self._is_gap = False
        self._range_text: str | None = None
        # What holds from here on.
        self._key_uri: str | None = None
        self._init: tuple[str, str | None] | None = None
        self._at: float | None = None
        self._range_before: tuple[str, int] = ("", 0)

    def read(self, raw: str) -> None:
        """One line."""
        line = raw.strip()
        if not line:
            return
        if "{$" in line:
            line = _VARIABLE.sub(self._value, line)
        if len(line) > _LONGEST_LINE:
            raise ValueError(f"a line of {len(line)} characters")
        if line.startswith("#"):
            self._tag(line)
        else:
            self._uri(line)

    def playlist(self) -> Playlist:
        """The playlist from all lines."""
        if self._stream is not None:
            raise ValueError("EXT-X-STREAM-INF without a URI")
        if self._variants:
            ranked = tuple(sorted(self._variants, key=lambda variant: variant.bandwidth))
            audio = {group: tuple(uris) for group, uris in self._audio.items()}
            return Playlist(variants=ranked, audio=audio, defined=self._defined)
        if not self._target_s:
            raise ValueError("no EXT-X-TARGETDURATION")
        return Playlist(
            target_s=self._target_s,
            lengths_s=tuple(self._lengths_s),
            newest=self._newest() if self._newest is not None else None,
            last_number=self._first + len(self._lengths_s) - 1,
            last_uri=join(self._url, self._last_uri),
            has_ended=self._has_ended,
        )

    def _tag(self, line: str) -> None:
        name, _, value = line.partition(":")
        handle = _TAGS.get(name)
        if handle is not None:
            handle(self, value)

    def _uri(self, uri: str) -> None:
        if self._stream is not None:
            stream = self._stream
            self._stream = None
            bandwidth = _decimal(stream.get("BANDWIDTH", "0"))
            _check_few(len(self._variants))
            absolute = join(self._url, uri)
            self._variants.append(
                Variant(uri=absolute, bandwidth=bandwidth, audio=stream.get("AUDIO"))
            )
        elif self._length_s is not None:
            self._segment(uri, self._length_s)

    def _segment(self, uri: str, seconds: float) -> None:
        number = self._first + len(self._lengths_s)
        self._lengths_s.append(seconds)
        self._last_uri = uri
        if self._at is not None:
            self._at += seconds
        byte_range = self._byte_range(uri)
        if not self._is_gap:
            self._newest = self._maker(number, uri, seconds, byte_range)
        self._length_s, self._is_gap, self._range_text = None, False, None

    def _maker(
        self, number: int, uri: str, seconds: float, byte_range: ByteRange | None
    ) -> Callable[[], Segment]:
        """Makes the segment later: only the newest needs its addresses, which take the time."""
        key, init, ends_at, url = self._key_uri, self._init, self._at, self._url

        def make() -> Segment:
            return Segment(
                number=number,
                part=Part(uri=join(url, uri), byte_range=byte_range),
                seconds=seconds,
                key_uri=join(url, key) if key is not None else None,
                init=_init(url, init),
                ends_at=ends_at,
            )

        return make

    def _byte_range(self, uri: str) -> ByteRange | None:
        if self._range_text is None:
            return None
        known, after = self._range_before
        found = _range(self._range_text, after if known == uri else 0)
        self._range_before = (uri, found.offset + found.length)
        return found

    def _value(self, found: re.Match[str]) -> str:
        if found[1] not in self._defined:
            raise LookupError(f"the variable {found[1]} is not defined")
        value = self._defined[found[1]]
        self._expanded += len(value)
        if self._expanded > _MAX_EXPANDED:
            raise ValueError("variables that grow without bound")
        return value

    # Tags

    def on_define(self, value: str) -> None:
        """RFC 8216bis 4.4.2.3."""
        attributes = _attributes(value)
        if "NAME" in attributes:
            self._defined[attributes["NAME"]] = attributes.get("VALUE", "")
        elif "IMPORT" in attributes:
            self._defined[attributes["IMPORT"]] = self._imported[attributes["IMPORT"]]
        elif "QUERYPARAM" in attributes:
            if self._query is None:
                self._query = dict(parse_qsl(urlsplit(self._url).query, keep_blank_values=True))
            self._defined[attributes["QUERYPARAM"]] = self._query[attributes["QUERYPARAM"]]

    def on_stream(self, value: str) -> None:
        self._stream = _attributes(value)

    def on_media(self, value: str) -> None:
        attributes = _attributes(value)
        if attributes.get("TYPE") == "AUDIO" and attributes.get("URI"):
            group = attributes.get("GROUP-ID", "")
            _check_few(self._sounds)
            self._sounds += 1
            self._audio.setdefault(group, []).append(join(self._url, attributes["URI"]))

    def on_target(self, value: str) -> None:
        self._target_s = _length(value)

    def on_sequence(self, value: str) -> None:
        self._first = _decimal(value)

    def on_length(self, value: str) -> None:
        self._length_s = _length(value.partition(",")[0])

    def on_range(self, value: str) -> None:
        self._range_text = value

    def on_gap(self, _: str) -> None:
        self._is_gap = True

    def on_end(self, _: str) -> None:
        self._has_ended = True

    def on_key(self, value: str) -> None:
        """Only plain keys are checked: players handle other formats in modules of their own."""
        attributes = _attributes(value)
        if attributes.get("METHOD") == "NONE":
            self._key_uri = None
        elif attributes.get("KEYFORMAT", "identity") == "identity":
            self._key_uri = attributes.get("URI")

    def on_map(self, value: str) -> None:
        attributes = _attributes(value)
        self._init = (attributes["URI"], attributes.get("BYTERANGE"))

    def on_date(self, value: str) -> None:
        """A date without a zone, or what is no date, is ignored."""
        try:
            date = datetime.fromisoformat(value.strip())
        except ValueError:
            return
        self._at = date.timestamp() if date.tzinfo is not None else None


_TAGS: Mapping[str, Callable[[_Reader, str], None]] = {
    "#EXT-X-DEFINE": _Reader.on_define,
    "#EXT-X-STREAM-INF": _Reader.on_stream,
    "#EXT-X-MEDIA": _Reader.on_media,
    "#EXT-X-TARGETDURATION": _Reader.on_target,
    "#EXT-X-MEDIA-SEQUENCE": _Reader.on_sequence,
    "#EXTINF": _Reader.on_length,
    "#EXT-X-BYTERANGE": _Reader.on_range,
    "#EXT-X-GAP": _Reader.on_gap,
    "#EXT-X-ENDLIST": _Reader.on_end,
    "#EXT-X-KEY": _Reader.on_key,
    "#EXT-X-MAP": _Reader.on_map,
    "#EXT-X-PROGRAM-DATE-TIME": _Reader.on_date,
}


def _check_few(streams: int) -> None:
    if streams >= _MOST_STREAMS:
        raise ValueError(f"more than {_MOST_STREAMS} streams")


def _decimal(text: str) -> int:
    """A number by RFC 8216 4.2, bounded in length. Raises ValueError where it is none: `int` would
    take signs, underscores and the digits of other scripts."""
    if not _DECIMAL.fullmatch(text.strip()):
        raise ValueError(f"no number: {text[:40]!a}")
    return int(text)


def _attributes(value: str) -> dict[str, str]:
    return {name: text.strip().strip('"') for name, text in _ATTRIBUTE.findall(value)}


def _range(text: str, after: int) -> ByteRange:
    length, _, offset = text.partition("@")
    found = ByteRange(offset=_decimal(offset) if offset else after, length=_decimal(length))
    if not found.length:
        raise ValueError(f"a byte range of {text}")
    return found


def _init(url: str, init: tuple[str, str | None] | None) -> Part | None:
    if init is None:
        return None
    uri, text = init
    return Part(uri=join(url, uri), byte_range=_range(text, 0) if text else None)


def _length(text: str) -> float:
    """Seconds. Raises ValueError for what is no length: `float` accepts `inf` and `nan`."""
    seconds = float(text)
    if not isfinite(seconds) or not 0 <= seconds <= _LONGEST_S:
        raise ValueError(f"a segment of {seconds} s")
    return seconds
