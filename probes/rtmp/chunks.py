"""RTMP's chunk stream (Adobe's specification 1.0, section 5.3): messages split and joined."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

from monitor.net.connection import Connection
from monitor.net.errors import PROTOCOL_ERROR, TOO_LARGE, ProbeFailure

SET_CHUNK_SIZE, USER_CONTROL, WINDOW_ACK, SET_BANDWIDTH = 1, 4, 5, 6
AUDIO, VIDEO, DATA, COMMAND, AGGREGATE = 8, 9, 18, 20, 22
_EXTENDED = 0xFFFFFF
_HEADER_SIZES = (11, 7, 3, 0)
_MAX_MESSAGE = 4 << 20
_MAX_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One whole message."""

    type: int
    stream: int
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    length: int = 0
    type: int = 0
    stream: int = 0
    is_extended: bool = False


def encode_message(kind: int, payload: bytes, *, stream: int = 0, chunk_stream: int = 3) -> bytes:
    """A message in chunks of the default 128 bytes."""
    head = struct.pack("!B", chunk_stream) + b"\0\0\0" + len(payload).to_bytes(3, "big")
    head += struct.pack("!B", kind) + struct.pack("<I", stream)
    parts = [payload[i : i + 128] for i in range(0, len(payload), 128)] or [b""]
    return head + bytes((0xC0 | chunk_stream,)).join(parts)


class ChunkReader:
    """Reads messages from a connection; chunk streams may be interleaved."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._chunk_size = 128
        self._headers: dict[int, _Header] = {}
        self._parts: dict[int, bytearray] = {}

    async def message(self) -> Message:
        """The next whole message. Raises ProbeFailure."""
        while True:
            whole = await self._chunk()
            if whole is None:
                continue
            if whole.type == SET_CHUNK_SIZE:
                self._chunk_size = _chunk_size(whole.payload)
            else:
                return whole

    async def _chunk(self) -> Message | None:
        form, stream = await self._basic_header()
        header = await self._message_header(form, stream)
        self._headers[stream] = header
        gathered = self._parts.setdefault(stream, bytearray())
        size = min(self._chunk_size, header.length - len(gathered))
        if size < 0:
            raise ProbeFailure(PROTOCOL_ERROR, "an RTMP message that becomes shorter on the way")
        gathered += await self._connection.read_exact(size)
        if len(gathered) < header.length:
            return None
        del self._parts[stream]
        return Message(type=header.type, stream=header.stream, payload=bytes(gathered))

    async def _basic_header(self) -> tuple[int, int]:
        first = (await self._connection.read_exact(1))[0]
        form, stream = first >> 6, first & 0x3F
        if stream == 0:
            stream = 64 + (await self._connection.read_exact(1))[0]
        elif stream == 1:
            low, high = await self._connection.read_exact(2)
            stream = 64 + low + 256 * high
        return form, stream

    async def _message_header(self, form: int, stream: int) -> _Header:
        raw = await self._connection.read_exact(_HEADER_SIZES[form])
        before = self._headers.get(stream)
        if before is None and form != 0:
            raise ProbeFailure(PROTOCOL_ERROR, "an RTMP chunk that continues nothing")
        header = before or _Header()
        if form <= 1:
            header = replace(header, length=int.from_bytes(raw[3:6], "big"), type=raw[6])
        if form == 0:
            header = replace(header, stream=int.from_bytes(raw[7:11], "little"))
        if form <= 2:
            header = replace(header, is_extended=int.from_bytes(raw[:3], "big") == _EXTENDED)
        if header.is_extended:
            await self._connection.read_exact(4)
        if header.length > _MAX_MESSAGE:
            raise ProbeFailure(TOO_LARGE, f"an RTMP message of {header.length} bytes")
        return header


def _chunk_size(payload: bytes) -> int:
    size = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
    if not 0 < size <= _MAX_CHUNK:
        raise ProbeFailure(PROTOCOL_ERROR, f"an RTMP chunk size of {size}")
    return size
