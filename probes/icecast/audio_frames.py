"""The rate at which a stream plays, read from its own frames: MPEG audio and AAC in ADTS.

What a server declares may be wrong or missing; a player uses the frames.
"""

from __future__ import annotations

from dataclasses import dataclass

LEAST_KBPS = 8.0
"""No frame of these kinds has a lower rate."""
_HEADER = 7
_MAX_MISSES = 4096
"""After so many false starts the stream is nothing that we can read."""
_MOST_FRAMES = 20_000
"""Some ten minutes of a stream: by then its rate is known."""
_MPEG_HZ = (44_100, 48_000, 32_000)
_ADTS_HZ = (
    *(96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000),
    *(22_050, 16_000, 12_000, 11_025, 8_000, 7_350),
)
_KBPS_1_1 = (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448)
_KBPS_1_2 = (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
_KBPS_1_3 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_2_1 = (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256)
_KBPS_2_X = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


@dataclass(frozen=True, slots=True)
class _Frame:
    """`kind` is the part of the header that does not change within a stream."""

    size: int
    seconds: float
    kind: tuple[int, int, int]


class FrameMeter:
    """Feed it the stream as it comes. A frame counts once the next one follows it."""

    __slots__ = ("_buffer", "_bytes", "_fed", "_frames", "_misses", "_seconds")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._bytes = self._fed = self._frames = self._misses = 0
        self._seconds = 0.0

    @property
    def kbps(self) -> float | None:
        """The mean rate of the frames; None where most of the stream is no readable frame."""
        is_known = self._bytes > 0 and self._bytes * 2 >= self._fed
        return self._bytes * 8 / 1000 / self._seconds if is_known else None

    def feed(self, piece: bytes) -> None:
        if self._misses > _MAX_MISSES or self._frames > _MOST_FRAMES:
            return
        self._fed += len(piece)
        self._buffer += piece
        at = 0
        while (after := self._step(at)) is not None:
            at = after
        del self._buffer[:at]

    def _step(self, at: int) -> int | None:
        """The offset to go on from; None where more bytes must come first."""
        if len(self._buffer) - at < _HEADER or self._misses > _MAX_MISSES:
            return None
        frame = _read(self._buffer, at)
        if frame is None:
            return self._seek(at)
        after = at + frame.size
        if len(self._buffer) - after < _HEADER:
            return None
        following = _read(self._buffer, after)
        if following is None or following.kind != frame.kind:
            return self._seek(at)
        self._frames += 1
        self._bytes += frame.size
        self._seconds += frame.seconds
        return after

    def _seek(self, at: int) -> int:
        """The next byte that may begin a header."""
        self._misses += 1
        found = self._buffer.find(b"\xff", at + 1)
        return len(self._buffer) if found < 0 else found


def _read(buffer: bytearray, at: int) -> _Frame | None:
    """The frame whose header stands there; None where there is none."""
    if buffer[at] != 0xFF or buffer[at + 1] & 0xE0 != 0xE0:
        return None
    layer = buffer[at + 1] >> 1 & 3
    if layer == 0:
        return _read_adts(buffer, at)
    return _read_mpeg(buffer, at, 4 - layer)


def _read_adts(buffer: bytearray, at: int) -> _Frame | None:
    index = buffer[at + 2] >> 2 & 15
    if buffer[at + 1] & 0xF0 != 0xF0 or index >= len(_ADTS_HZ):
        return None
    size = (buffer[at + 3] & 3) << 11 | buffer[at + 4] << 3 | buffer[at + 5] >> 5
    blocks = (buffer[at + 6] & 3) + 1
    if size <= _HEADER:
        return None
    return _Frame(size, 1024 * blocks / _ADTS_HZ[index], (buffer[at + 1] & 0xFE, index, 0))


def _read_mpeg(buffer: bytearray, at: int, layer: int) -> _Frame | None:
    """ISO 11172-3 2.4.1.3; version 2.5 as all decoders read it."""
    version = buffer[at + 1] >> 3 & 3
    rate, hertz = buffer[at + 2] >> 4, buffer[at + 2] >> 2 & 3
    if version == 1 or rate in (0, 15) or hertz == 3:
        return None
    is_first = version == 3
    hz = _MPEG_HZ[hertz] // {3: 1, 2: 2, 0: 4}[version]
    kbps = _kbps(layer, is_first=is_first)[rate]
    padding = buffer[at + 2] >> 1 & 1
    samples = 384 if layer == 1 else 576 if layer == 3 and not is_first else 1152
    slot = 4 if layer == 1 else 1
    size = (samples // 8 // slot * kbps * 1000 // hz + padding) * slot
    return _Frame(size, samples / hz, (version, layer, hertz))


def _kbps(layer: int, *, is_first: bool) -> tuple[int, ...]:
    if is_first:
        return (_KBPS_1_1, _KBPS_1_2, _KBPS_1_3)[layer - 1]
    return _KBPS_2_1 if layer == 1 else _KBPS_2_X
