"""The alert sink: a mailbox and a webhook receiver that nobody breaks, in a process of its own.

Every message is kept as a file: `inbox/0001.eml`, `inbox/0002.json`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from pathlib import Path

_LIMIT = 1_000_000


class Inbox:
    """A folder of messages, numbered in order of arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, suffix: str, content: bytes) -> Path:
        number = sum(1 for _ in self._folder.iterdir()) + 1
        path = self._folder / f"{number:04d}{suffix}"
        aside = path.with_suffix(".tmp")
        aside.write_bytes(content)
        aside.rename(path)
        return path


async def take_mail(
    inbox: Inbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Speak SMTP as a receiver that accepts everything."""
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        writer.write(b"220 sink.demo ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                await writer.drain()
                body = await reader.readuntil(b"\r\n.\r\n")
                inbox.keep(".eml", body[:-3])
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            await writer.drain()
            if verb == b"QUIT":
                break
    writer.close()


async def take_webhook(
    inbox: Inbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Take one POST and keep its headers and body."""
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        pairs = [line.split(":", 1) for line in head.splitlines()[1:] if ":" in line]
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        length = min(int(headers.get("content-length", "0")), _LIMIT)
        body = json.loads(await reader.readexactly(length))
        received = {"headers": headers, "body": body}
        inbox.keep(".json", json.dumps(received, ensure_ascii=False, indent=1).encode())
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
    writer.close()


async def serve(inbox: Inbox, host: str, smtp_port: int, http_port: int) -> None:
    """Until cancelled."""
    mail = await asyncio.start_server(
        lambda r, w: take_mail(inbox, r, w), host, smtp_port, limit=_LIMIT
    )
    hooks = await asyncio.start_server(
        lambda r, w: take_webhook(inbox, r, w), host, http_port, limit=_LIMIT
    )
    async with mail, hooks:
        await asyncio.gather(mail.serve_forever(), hooks.serve_forever())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(Inbox(given.folder), given.host, given.smtp_port, given.http_port))


if __name__ == "__main__":
    main()
