"""Unpacking under a cap: a megabyte that unpacks to a gigabyte fails at the cap (`too_large`)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol

from monitor.net.errors import PROTOCOL_ERROR, TOO_LARGE, ProbeFailure

_STEP = 65536
_MOST_CODINGS = 3


class Unpacker(Protocol):
    """Unpacks what it is fed; it never returns more than its cap in all."""

    def feed(self, packed: bytes) -> bytes:
        """Raises ProbeFailure: `too_large` past the cap, `protocol_error` for invalid data."""
        ...


class Inflate:
    """gzip and deflate, with its zlib header or raw as some servers send it."""

    __slots__ = ("_engine", "_head", "_left")

    def __init__(self, cap: int) -> None:
        # 32 + 15: zlib finds out by itself whether a gzip or a zlib header comes first.
        self._engine = zlib.decompressobj(32 + zlib.MAX_WBITS)
        self._left = cap
        self._head: bytes | None = b""
        """What came before anything was unpacked: a raw stream begins with it, not with a header.
        None once it is known which of the two it is."""

    def feed(self, packed: bytes) -> bytes:
        if self._engine.eof:
            # What follows the end belongs to nothing, and zlib would store all of it.
            return b""
        try:
            return self._step(packed)
        except zlib.error as error:
            if self._head is None:
                raise ProbeFailure(PROTOCOL_ERROR, f"the body does not unpack: {error}") from error
        packed, self._head = self._head + packed, None
        self._engine = zlib.decompressobj(-zlib.MAX_WBITS)
        return self.feed(packed)

    def _step(self, packed: bytes) -> bytes:
        unpacked = self._engine.decompress(packed, self._left + 1)
        if self._head is not None:
            # A header is two bytes; after them zlib has decided.
            head = self._head + packed
            self._head = head if len(head) < 2 else None
        self._left -= len(unpacked)
        if self._left < 0:
            raise ProbeFailure(TOO_LARGE, "the body unpacks to more than the cap")
        return unpacked


class Brotli:
    """br; the module is loaded with the first body that needs it."""

    __slots__ = ("_engine", "_error", "_left")

    def __init__(self, cap: int) -> None:
        import brotli

        self._engine = brotli.Decompressor()
        self._error: type[Exception] = brotli.error
        self._left = cap

    def feed(self, packed: bytes) -> bytes:
        out = bytearray()
        try:
            out += self._engine.process(packed, output_buffer_limit=_STEP)
            while not self._engine.can_accept_more_data() and len(out) <= self._left:
                out += self._engine.process(b"", output_buffer_limit=_STEP)
        except self._error as error:
            raise ProbeFailure(PROTOCOL_ERROR, f"the body does not unpack: {error}") from error
        self._left -= len(out)
        if self._left < 0:
            raise ProbeFailure(TOO_LARGE, "the body unpacks to more than the cap")
        return bytes(out)


_ZSTD_WINDOW_LOG = 23
"""Eight megabytes, the most that a browser takes (RFC 9659)."""
_ZSTD_SLICE = 8192
"""At a frame's end the rest of the piece is copied; with small pieces that is little."""
_ZSTD_FRAMES = 1000
"""Setting up a frame costs time even where it is empty, and eight bytes make one."""


class Zstandard:
    """zstd, also in several frames; the module is loaded with the first body that needs it."""

    __slots__ = ("_engine", "_frames", "_left", "_zstd")

    def __init__(self, cap: int) -> None:
        self._zstd = _zstd()
        self._left = cap
        self._frames = 0
        self._begin()

    def _begin(self) -> None:
        self._frames += 1
        if self._frames > _ZSTD_FRAMES:
            raise ProbeFailure(TOO_LARGE, f"the body has more than {_ZSTD_FRAMES} frames of zstd")
        limit = {self._zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        self._engine = self._zstd.ZstdDecompressor(options=limit)

    def feed(self, packed: bytes) -> bytes:
        slices = (packed[at : at + _ZSTD_SLICE] for at in range(0, len(packed), _ZSTD_SLICE))
        try:
            return b"".join(map(self._step, slices))
        except self._zstd.ZstdError as error:
            raise ProbeFailure(PROTOCOL_ERROR, f"the body does not unpack: {error}") from error

    def _step(self, packed: bytes) -> bytes:
        out = bytearray()
        while packed or not (self._engine.needs_input or self._engine.eof):
            if self._engine.eof:
                self._begin()
            out += self._engine.decompress(packed, max_length=self._left - len(out) + 1)
            if len(out) > self._left:
                raise ProbeFailure(TOO_LARGE, "the body unpacks to more than the cap")
            packed = self._engine.unused_data if self._engine.eof else b""
        self._left -= len(out)
        return bytes(out)


def _zstd() -> Any:
    """The standard library's module from Python 3.14 on (PEP 784), its backport before."""
    try:
        return import_module("compression.zstd")
    except ImportError:
        return import_module("backports.zstd")


class Stacked:
    """Several codings, one inside the other (RFC 9110 8.4): the last one named comes off first."""

    __slots__ = ("_layers",)

    def __init__(self, codings: list[str], cap: int) -> None:
        self._layers = [unpacker(coding, cap) for coding in reversed(codings)]

    def feed(self, packed: bytes) -> bytes:
        for layer in self._layers:
            packed = layer.feed(packed)
        return packed


class Identity:
    """Not packed: only the cap is checked."""

    __slots__ = ("_left",)

    def __init__(self, cap: int) -> None:
        self._left = cap

    def feed(self, packed: bytes) -> bytes:
        self._left -= len(packed)
        if self._left < 0:
            raise ProbeFailure(TOO_LARGE, "the body is larger than the cap")
        return packed


_KNOWN: Mapping[str, Callable[[int], Unpacker]] = {
    "gzip": Inflate,
    "x-gzip": Inflate,
    "deflate": Inflate,
    "br": Brotli,
    "zstd": Zstandard,
}


def is_known(coding: str) -> bool:
    """Whether each coding that Content-Encoding names is a known one.

    >>> is_known("gzip, br"), is_known("identity"), is_known("none")
    (True, True, False)
    """
    return all(name in _KNOWN for name in _codings(coding))


def unpacker(coding: str, cap: int) -> Unpacker:
    """The unpacker for a value of Content-Encoding; `cap` in bytes. Where the value names something
    that is no coding (`none`, `UTF-8`) the body is taken as it comes, as browsers do. Raises
    ProbeFailure `protocol_error`."""
    codings = _codings(coding)
    if not codings or not is_known(coding):
        return Identity(cap)
    if len(codings) > _MOST_CODINGS:
        raise ProbeFailure(PROTOCOL_ERROR, f"Content-Encoding {coding[:40]!r} was not asked for")
    return Stacked(codings, cap) if len(codings) > 1 else _KNOWN[codings[0]](cap)


def _codings(coding: str) -> list[str]:
    names = (name.strip().lower() for name in coding.split(","))
    return [name for name in names if name not in ("", "identity")]
