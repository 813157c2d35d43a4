"""One exchange in HTTP/2 (RFC 9113): one stream, and no more of the answer than its caps."""

from __future__ import annotations

from typing import Any

from monitor.net.connection import Connection
from monitor.net.faults import CONN_RESET, PROTOCOL_ERROR, Fault
from monitor.net.run import Run
from probes.http.request import Asked, request_body, request_headers
from probes.http.response import HEAD_LIMIT, Response
from probes.http.spec import HttpSpec

ALPN = "h2"
_STREAM = 1
_FRAME_HEAD = 9
_SETTINGS, _GOAWAY = 4, 7
_OF_A_CONNECTION = frozenset({"host", "connection"})
"""Fields that HTTP/2 has no place for (RFC 9113 8.2.2, 8.3.1)."""


def is_spoken_in(piece: bytes) -> bool:
    """Whether an answer to a request in HTTP/1.1 begins with what HTTP/2 begins with: a frame of
    the connection's own, its settings or its farewell."""
    return (
        len(piece) >= _FRAME_HEAD
        and piece[3] in (_SETTINGS, _GOAWAY)
        and piece[5:_FRAME_HEAD] == bytes(4)
        and int.from_bytes(piece[:3], "big") < HEAD_LIMIT
    )


async def exchange(
    connection: Connection, run: Run, spec: HttpSpec, asked: Asked, response: Response
) -> None:
    """Ask and read the answer into `response`. Raises Fault."""
    # Loaded with the first origin that wants it.
    from h2.exceptions import ProtocolError

    talk = _Talk(connection, run, response, request_body(spec, asked))
    try:
        await talk.ask(_pseudo(asked) + _fields(request_headers(run, spec, asked)))
        run.enter("transfer")
        while response.wants_more:
            await talk.hear()
    except ProtocolError as error:
        raise Fault(PROTOCOL_ERROR, f"not HTTP/2: {type(error).__name__} {error}") from error


def _pseudo(asked: Asked) -> list[tuple[str, str]]:
    place = asked.place
    return [
        (":method", asked.method),
        (":scheme", place.scheme),
        (":authority", place.authority),
        (":path", place.target),
    ]


def _fields(headers: dict[str, str]) -> list[tuple[str, str]]:
    lower = ((name.lower(), value) for name, value in headers.items())
    return [(name, value) for name, value in lower if name not in _OF_A_CONNECTION]


class _Talk:
    """The conversation: what is still to be sent, and what each event does."""

    def __init__(self, connection: Connection, run: Run, response: Response, body: bytes) -> None:
        from h2.config import H2Configuration
        from h2.connection import H2Connection

        self._connection = connection
        self._run = run
        self._response = response
        self._unsent = body
        self._h2: Any = H2Connection(H2Configuration(client_side=True, header_encoding=None))

    async def ask(self, fields: list[tuple[str, str]]) -> None:
        self._h2.initiate_connection()
        self._h2.send_headers(_STREAM, fields, end_stream=not self._unsent)
        shown = "\n".join(f"{name}: {value}" for name, value in fields)
        await self._send_body()
        await self._connection.send(self._h2.data_to_send(), shown=shown)
        piece = await self._connection.read_some()
        await self._take(piece)

    async def hear(self) -> None:
        await self._take(await self._connection.read_some())

    async def _take(self, piece: bytes) -> None:
        if not piece:
            raise Fault(CONN_RESET, "the connection closed in the middle of an answer")
        for event in self._h2.receive_data(piece):
            self._meet(event)
        self._response.take_body()
        if self._response.wants_more:
            await self._send_body()
            await self._connection.send(self._h2.data_to_send(), shown="")

    async def _send_body(self) -> None:
        """As much as the other side has room for; the rest when it makes some."""
        while self._unsent:
            room = min(
                self._h2.local_flow_control_window(_STREAM), self._h2.max_outbound_frame_size
            )
            if room <= 0:
                return
            piece, self._unsent = self._unsent[:room], self._unsent[room:]
            self._h2.send_data(_STREAM, piece, end_stream=not self._unsent)

    def _meet(self, event: Any) -> None:
        from h2 import events

        match event:
            case events.ResponseReceived():
                self._begin(event.headers)
            case events.DataReceived():
                self._response.on_body(event.data)
                self._h2.acknowledge_received_data(event.flow_controlled_length, _STREAM)
            case events.StreamEnded():
                self._response.is_complete = True
            case events.StreamReset() if self._response.wants_more:
                raise Fault(CONN_RESET, f"the stream was reset: {event.error_code!s}")
            case events.ConnectionTerminated() if self._response.wants_more:
                raise Fault(CONN_RESET, f"the server said goodbye: {event.error_code!s}")

    def _begin(self, headers: list[tuple[bytes, bytes]]) -> None:
        status = next(value for name, value in headers if name == b":status")
        fields = [(name, value) for name, value in headers if not name.startswith(b":")]
        lines = [b"HTTP/2 " + status, *(name + b": " + value for name, value in fields)]
        self._run.show_received(b"\n".join(lines))
        if not status.isdigit():
            raise Fault(PROTOCOL_ERROR, "a status that is none")
        self._response.begin(int(status), fields)
