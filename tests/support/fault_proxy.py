"""A TCP port that stands before a healthy server and breaks on command, in its own process.

Its own, so that the loop, the descriptors and the tasks that a test looks at are the probe's alone.

    with fault_proxy(upstream_port) as proxy:
        proxy.set("hang")        # accept and say nothing
        proxy.set("pass")        # healthy again

Modes: `pass`; `refuse` (nobody listens); `hang`; `reset` (RST instead of an answer); `close` (an
orderly end instead of one); `say HEX` (these bytes, then the end); `endless HEAD_HEX BODY_HEX` (the
head once, the body for ever, as fast as it is taken); `drip HEX` (a byte each 50 ms, for ever);
`cut N` and `stall N` (the healthy answer's first N bytes, then the end, or nothing more).
"""

from __future__ import annotations

import asyncio
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle, repeat

_RST = struct.pack("ii", 1, 0)


class Proxy:
    """The test's end: tells the process what to do and waits until it does."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.port = int(self._ask(None))

    def set(self, mode: str) -> None:
        """From now on connections meet this; those that stand are dropped."""
        assert self._ask(mode) == "ok", mode

    def say(self, words: bytes) -> None:
        self.set(f"say {words.hex()}")

    def endless(self, head: bytes, body: bytes) -> None:
        self.set(f"endless {head.hex() or '-'} {body.hex()}")

    def _ask(self, line: str | None) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if line is not None:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        return self._process.stdout.readline().strip()


@contextmanager
def fault_proxy(upstream: int) -> Iterator[Proxy]:
    """A proxy before a port of 127.0.0.1, ended on leaving."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(upstream)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Proxy(process)
        finally:
            process.terminate()


class _Server:
    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._mode = ["pass"]
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.port = 0

    async def listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def set(self, mode: list[str]) -> None:
        for task in self._open:
            task.cancel()
        self._mode = mode
        if mode[0] != "refuse":
            await self.listen()
        elif self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._meet(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mode, *words = self._mode
        if mode in ("pass", "cut", "stall"):
            await self._relay(reader, writer, int(words[0]) if words else None)
        elif mode in ("endless", "drip"):
            await _pour(writer, mode, [b"" if w == "-" else bytes.fromhex(w) for w in words])
        elif mode == "reset":
            sock: socket.socket = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
        if mode in ("hang", "stall"):
            await asyncio.Event().wait()
        if mode == "say":
            writer.write(bytes.fromhex(words[0]))
        if mode in ("say", "close"):
            await _hear_out(reader)

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None
    ) -> None:
        """Both ways until the server ends, or its first `limit` bytes have passed."""
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._upstream)
        upwards = asyncio.create_task(_copy(reader, to_server, None))
        try:
            await _copy(from_server, writer, limit)
        finally:
            upwards.cancel()
            to_server.close()


async def _pour(writer: asyncio.StreamWriter, mode: str, words: list[bytes]) -> None:
    """Without end: a head and then the body as fast as it is taken, or a byte each 50 ms."""
    if mode == "endless":
        head, body = words
        writer.write(head)
        for piece in repeat(body * (65536 // len(body))):
            writer.write(piece)
            await writer.drain()
    for byte in cycle(words[0]):
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(0.05)


async def _hear_out(reader: asyncio.StreamReader) -> None:
    """Take what the other side has to say: closing on unread bytes is a reset, not an end."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0.1):
            await reader.read(65536)


async def _copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None
) -> None:
    left = limit
    while left is None or left > 0:
        piece = await reader.read(65536 if left is None else left)
        if not piece:
            if limit is None:
                with suppress(OSError, RuntimeError):
                    writer.write_eof()
            return
        if left is not None:
            left -= len(piece)
        writer.write(piece)
        await writer.drain()


async def _main(upstream: int) -> None:
    server = _Server(upstream)
    await server.listen()
    print(server.port, flush=True)  # noqa: T201 - its parent reads it
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await server.set(line.split())
        print("ok", flush=True)  # noqa: T201 - its parent reads it


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
