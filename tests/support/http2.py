"""An origin that speaks HTTP/2 over TLS and, where a test says so, nothing else."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.exceptions import ProtocolError

from tests.support.certificates import Issued

DnsAnswer = list[dict[str, str]]
"""Each request's fields, its body under `body`."""


@asynccontextmanager
async def http2_origin(
    issued: Issued, folder: Path, body: bytes, status: int = 200, heard: DnsAnswer | None = None
) -> AsyncIterator[int]:
    """The port of a server that answers every request with that."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*issued.write(folder, "http2"))
    context.set_alpn_protocols(["h2"])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await _Session(reader, writer, body, status, heard if heard is not None else []).run()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


class _Session:
    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        body: bytes,
        status: int,
        heard: DnsAnswer,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._body, self._status, self._heard = body, status, heard
        self._asked: dict[str, str] = {}
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))

    async def run(self) -> None:
        self._h2.initiate_connection()
        await self._flush()
        while piece := await self._reader.read(65536):
            try:
                found = self._h2.receive_data(piece)
            except ProtocolError:
                # As real ones do: the words of farewell are in HTTP/2 too.
                await self._flush()
                return
            for event in found:
                self._meet(event)
            await self._flush()

    def _meet(self, event: events.Event) -> None:
        if isinstance(event, events.RequestReceived):
            self._asked = {str(name): str(value) for name, value in event.headers or ()}
        elif isinstance(event, events.DataReceived):
            self._asked["body"] = self._asked.get("body", "") + (event.data or b"").decode()
            self._h2.acknowledge_received_data(event.flow_controlled_length or 0, 1)
        elif isinstance(event, events.StreamEnded):
            self._heard.append(self._asked)
            self._h2.send_headers(1, [(":status", str(self._status)), ("x-radio", "Música")])
            is_bodyless = self._asked[":method"] == "HEAD"
            self._h2.send_data(1, b"" if is_bodyless else self._body, end_stream=True)

    async def _flush(self) -> None:
        self._writer.write(self._h2.data_to_send())
        await self._writer.drain()
