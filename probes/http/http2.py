"""One exchange in HTTP/2 (RFC 9113): one stream, and no more of the answer than its caps allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from monitor.net.connection import Connection
from monitor.net.errors import CONN_RESET, PROTOCOL_ERROR, TOO_LARGE, ProbeFailure
from monitor.net.session import Session
from probes.http.request import Request, request_body, request_headers
from probes.http.response import HEAD_LIMIT, Response
from probes.http.spec import HttpSpec

ALPN = "h2"
_STREAM = 1
_FRAME_HEAD = 9
_SETTINGS, _GOAWAY = 4, 7
_FRAMES_PER_BATCH = 64
"""Frames that are handled before other tasks may run: 64 KiB may hold seven thousand."""
_MAX_FRAMES = 2000
_BYTES_PER_FRAME = 64
"""Bytes of the body that each frame beyond those must carry on average."""
_STATUS = re.compile(rb"[1-9][0-9]{2}")
_CONNECTION_FIELDS = frozenset({"host", "connection"})
"""Fields that HTTP/2 does not allow (RFC 9113 8.2.2, 8.3.1)."""


def is_http2(piece: bytes) -> bool:
    """Whether an answer to a request in HTTP/1.1 begins as HTTP/2 does: with a frame of the
    connection, SETTINGS or GOAWAY."""
    return (
        len(piece) >= _FRAME_HEAD
        and piece[3] in (_SETTINGS, _GOAWAY)
        and piece[5:_FRAME_HEAD] == bytes(4)
        and int.from_bytes(piece[:3], "big") < HEAD_LIMIT
    )


async def exchange(
    connection: Connection, session: Session, spec: HttpSpec, request: Request, response: Response
) -> None:
    """Send the request and read the answer into `response`. Raises ProbeFailure."""
    # Imported when the first origin speaks HTTP/2.
    from h2.exceptions import ProtocolError

    conversation = _Exchange(connection, session, response, request_body(spec, request))
    try:
        await conversation.ask(_pseudo(request) + _fields(request_headers(session, spec, request)))
        session.enter("transfer")
        while response.wants_more:
            await conversation.receive()
    except ProtocolError as error:
        raise ProbeFailure(PROTOCOL_ERROR, f"not HTTP/2: {type(error).__name__} {error}") from error


def _pseudo(request: Request) -> list[tuple[str, str]]:
    place = request.place
    return [
        (":method", request.method),
        (":scheme", place.scheme),
        (":authority", place.authority),
        (":path", place.target),
    ]


def _fields(headers: dict[str, str]) -> list[tuple[str, str]]:
    lower = ((name.lower(), value) for name, value in headers.items())
    return [(name, value) for name, value in lower if name not in _CONNECTION_FIELDS]


class Frames:
    """Counts the frames received (RFC 9113 4.1), and cuts the received bytes so that no piece is
    much work."""

    __slots__ = ("_head", "_left", "seen")

    def __init__(self) -> None:
        self._head = b""
        self._left = 0
        self.seen = 0

    def cut(self, piece: bytes) -> Iterator[bytes]:
        """The whole piece, in parts in which at most `_FRAMES_PER_BATCH` frames begin."""
        begun = at = 0
        while at < len(piece):
            before = self.seen
            at = self._step(piece, at)
            if self.seen > before and self.seen % _FRAMES_PER_BATCH == 0:
                yield piece[begun:at]
                begun = at
        if begun < at:
            yield piece[begun:]

    def _step(self, piece: bytes, at: int) -> int:
        """The position after the rest of a frame's payload, or of its head, as far as received."""
        if self._left:
            step = min(self._left, len(piece) - at)
            self._left -= step
            return at + step
        found = piece[at : at + _FRAME_HEAD - len(self._head)]
        self._head += found
        if len(self._head) == _FRAME_HEAD:
            self._left = int.from_bytes(self._head[:3], "big")
            self._head = b""
            self.seen += 1
        return at + len(found)


class _Exchange:
    """The exchange: what is still to be sent, and what each event does."""

    def __init__(
        self, connection: Connection, session: Session, response: Response, body: bytes
    ) -> None:
        from h2.config import H2Configuration
        from h2.connection import H2Connection
        from h2.settings import SettingCodes

        self._connection = connection
        self._session = session
        self._response = response
        self._unsent = body
        self._frames = Frames()
        self._h2: Any = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        # Pushed answers are not wanted. A server that pushes all the same breaks the protocol
        # (RFC 9113 8.4), also before it has acknowledged our settings.
        self._h2.local_settings[SettingCodes.ENABLE_PUSH] = 0
        self._h2.local_settings.acknowledge()

    async def ask(self, fields: list[tuple[str, str]]) -> None:
        self._h2.initiate_connection()
        self._h2.send_headers(_STREAM, fields, end_stream=not self._unsent)
        shown = "\n".join(f"{name}: {value}" for name, value in fields)
        await self._send_body()
        await self._connection.send(self._h2.data_to_send(), shown=shown)
        piece = await self._connection.read_some()
        await self._take(piece)

    async def receive(self) -> None:
        await self._take(await self._connection.read_some())

    async def _take(self, piece: bytes) -> None:
        if not piece:
            raise ProbeFailure(CONN_RESET, "the connection closed in the middle of an answer")
        for part in self._frames.cut(piece):
            await self._take_part(part)
            if not self._response.wants_more:
                return
        await self._send_body()
        await self._connection.send(self._h2.data_to_send(), shown="")

    async def _take_part(self, part: bytes) -> None:
        if self._frames.seen >= _FRAMES_PER_BATCH:
            await self._session.give_way()
        self._refuse_floods()
        for event in self._h2.receive_data(part):
            self._handle(event)
        self._response.take_body()

    def _refuse_floods(self) -> None:
        allowed = _MAX_FRAMES + self._response.size // _BYTES_PER_FRAME
        if self._frames.seen > allowed:
            raise ProbeFailure(
                TOO_LARGE, f"more than {allowed} frames for {self._response.size} bytes"
            )
        if not self._response.has_begun and self._connection.received > 2 * HEAD_LIMIT:
            raise ProbeFailure(TOO_LARGE, f"no headers within {2 * HEAD_LIMIT} bytes")

    async def _send_body(self) -> None:
        """Send as much as flow control allows; the rest is sent once there is room again."""
        while self._unsent:
            room = min(
                self._h2.local_flow_control_window(_STREAM), self._h2.max_outbound_frame_size
            )
            if room <= 0:
                return
            piece, self._unsent = self._unsent[:room], self._unsent[room:]
            self._h2.send_data(_STREAM, piece, end_stream=not self._unsent)

    def _handle(self, event: Any) -> None:
        from h2 import events

        if getattr(event, "stream_id", None) not in (None, 0, _STREAM):
            # An event of another stream, on which nothing was requested.
            return
        match event:
            case events.ResponseReceived():
                self._begin(event.headers)
            case events.DataReceived():
                self._response.on_body(event.data)
                self._h2.acknowledge_received_data(event.flow_controlled_length, _STREAM)
            case events.StreamEnded():
                self._response.is_complete = True
            case events.StreamReset() if self._response.wants_more:
                raise ProbeFailure(CONN_RESET, f"the stream was reset: {event.error_code!s}")
            case events.ConnectionTerminated() if self._response.wants_more:
                raise ProbeFailure(CONN_RESET, f"the server said goodbye: {event.error_code!s}")

    def _begin(self, headers: list[tuple[bytes, bytes]]) -> None:
        status = next((value for name, value in headers if name == b":status"), b"")
        fields = [(name, value) for name, value in headers if not name.startswith(b":")]
        lines = [b"HTTP/2 " + status, *(name + b": " + value for name, value in fields)]
        self._session.show_received(b"\n".join(lines))
        if not _STATUS.fullmatch(status):
            raise ProbeFailure(PROTOCOL_ERROR, f"a status that is none: {status[:40]!a}")
        self._response.begin(int(status), fields)
