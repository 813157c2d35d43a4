"""A mail server on loopback that takes everything but what a test has it refuse; it counts."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

_TO = re.compile(rb"<([^>]*)>")


@dataclass(slots=True)
class SmtpSink:
    """`refuse` gives the answer to a RCPT, or nothing to take it."""

    port: int = 0
    refuse: Callable[[str], str] = lambda _: ""
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0
    _open: int = 0

    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(body, policy=default) for _, body in self.taken]

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._speak(reader, writer)
        finally:
            self._open -= 1
            writer.close()

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink.test ESMTP\r\n")
        to = ""
        while line := await reader.readline():
            verb, answer = line[:4].upper(), b"250 ok"
            if verb == b"RCPT":
                found = _TO.search(line)
                to = found[1].decode() if found else ""
                answer = self.refuse(to).encode() or answer
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                body = await reader.readuntil(b"\r\n.\r\n")
                self.taken.append((to, body[:-3]))
            elif verb == b"QUIT":
                break
            writer.write(answer + b"\r\n")
            await writer.drain()


@asynccontextmanager
async def running_sink() -> AsyncIterator[SmtpSink]:
    sink = SmtpSink()
    server = await asyncio.start_server(sink.speak, "127.0.0.1", 0, limit=1_000_000)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        await asyncio.sleep(0)
