"""AMF0, as far as RTMP's commands need it: numbers, booleans, strings, objects, null."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from monitor.net.errors import PROTOCOL_ERROR, ProbeFailure

_NUMBER, _BOOLEAN, _STRING, _OBJECT, _NULL, _UNDEFINED, _ECMA, _END = 0, 1, 2, 3, 5, 6, 8, 9
_STRICT = 10
_DEPTH = 8
_LONGEST = 65_536
_MOST_VALUES = 1000
"""A command has a dozen values; a null takes one byte, so a message could have millions."""

Amf = None | bool | float | str | Mapping[str, "Amf"] | list["Amf"]


def encode(*values: Amf) -> bytes:
    """Encode values one after the other.

    >>> encode("a", 1.0, None).hex()
    '02000161003ff000000000000005'
    """
    return b"".join(_encode(value) for value in values)


def _encode(value: Amf) -> bytes:
    if value is None:
        return bytes((_NULL,))
    if isinstance(value, bool):
        return bytes((_BOOLEAN, value))
    if isinstance(value, float):
        return struct.pack("!Bd", _NUMBER, value)
    if isinstance(value, str):
        return bytes((_STRING,)) + _text(value)
    if isinstance(value, Mapping):
        pairs = b"".join(_text(name) + _encode(item) for name, item in value.items())
        return bytes((_OBJECT,)) + pairs + b"\0\0" + bytes((_END,))
    raise TypeError(f"no AMF0 value for commands: {type(value).__name__}")


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("!H", len(raw)) + raw


def decode(payload: bytes) -> list[Amf]:
    """Every value of a command. Raises ProbeFailure `protocol_error`."""
    if len(payload) > _LONGEST:
        raise ProbeFailure(PROTOCOL_ERROR, f"an AMF0 command of {len(payload)} bytes")
    reader = _Reader(payload)
    out: list[Amf] = []
    try:
        while not reader.is_done:
            out.append(reader.value(0))
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise ProbeFailure(PROTOCOL_ERROR, "an AMF0 command that is cut or broken") from error
    return out


class _Reader:
    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._at = 0
        self._values = 0

    @property
    def is_done(self) -> bool:
        return self._at >= len(self._payload)

    def value(self, depth: int) -> Amf:
        marker = self._take(1)[0]
        self._values += 1
        if self._values > _MOST_VALUES:
            raise ProbeFailure(
                PROTOCOL_ERROR, f"an AMF0 command of more than {_MOST_VALUES} values"
            )
        if depth > _DEPTH:
            raise ProbeFailure(PROTOCOL_ERROR, "an AMF0 value nested too deeply")
        if marker == _NUMBER:
            return float(struct.unpack("!d", self._take(8))[0])
        if marker == _BOOLEAN:
            return self._take(1) != b"\0"
        if marker == _STRING:
            return self._text()
        if marker in (_NULL, _UNDEFINED):
            return None
        return self._compound(marker, depth)

    def _compound(self, marker: int, depth: int) -> Amf:
        if marker == _ECMA:
            self._take(4)
        if marker in (_OBJECT, _ECMA):
            return self._object(depth)
        if marker == _STRICT:
            (count,) = struct.unpack("!I", self._take(4))
            return [self.value(depth + 1) for _ in range(min(count, len(self._payload)))]
        raise ProbeFailure(PROTOCOL_ERROR, f"an AMF0 value of type {marker}")

    def _object(self, depth: int) -> dict[str, Amf]:
        found: dict[str, Amf] = {}
        while True:
            name = self._text()
            if not name and self._payload[self._at] == _END:
                self._at += 1
                return found
            found[name] = self.value(depth + 1)

    def _text(self) -> str:
        (length,) = struct.unpack("!H", self._take(2))
        return self._take(length).decode()

    def _take(self, size: int) -> bytes:
        taken = self._payload[self._at : self._at + size]
        if len(taken) < size:
            raise IndexError(size)
        self._at += size
        return taken
