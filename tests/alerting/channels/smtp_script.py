"""A mail server that answers each command as a test says, or not at all."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

HANG = ""
_USUAL = {
    "GREETING": "220 mx.test ESMTP",
    "EHLO": "250-mx.test\r\n250 AUTH PLAIN LOGIN",
    "AUTH": "235 ok",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    ".": "250 queued",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


@dataclass
class ScriptedSmtp:
    """`answers` replaces what a command is usually told; HANG says nothing more."""

    answers: Mapping[str, str]
    port: int = 0
    said: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._answer("GREETING", writer)
        while line := (await reader.readline()).decode().strip():
            self.said.append(line)
            verb = line.split(":")[0].split(" ")[0].upper()
            key = line if line in self.answers else verb
            told = await self._answer(key, writer)
            if verb == "DATA" and told.startswith("354"):
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                await self._answer(".", writer)

    async def _answer(self, key: str, writer: asyncio.StreamWriter) -> str:
        told = self.answers.get(key, _USUAL.get(key, "502 what"))
        if told == HANG:
            await asyncio.Event().wait()
        writer.write(told.encode() + b"\r\n")
        await writer.drain()
        return told


@asynccontextmanager
async def scripted_smtp(**answers: str) -> AsyncIterator[ScriptedSmtp]:
    """`greeting="421 busy"`, `rcpt="550 no"`, ...; `end_of_data` for what follows the body."""
    keyed = {
        ("." if key == "end_of_data" else key.upper()): value for key, value in answers.items()
    }
    async with scripted(keyed) as script:
        yield script


@asynccontextmanager
async def scripted(
    answers: Mapping[str, str], tls: ssl.SSLContext | None = None
) -> AsyncIterator[ScriptedSmtp]:
    """The same by whole lines, such as `RCPT TO:<a@fix.test>`."""
    script = ScriptedSmtp(answers=answers)
    talking: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talking.add(asyncio.create_task(script.talk(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=tls)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
