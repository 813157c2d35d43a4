"""An HTTP server that keeps what comes and answers as a test says."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Sink:
    """Keeps what came; answers with a status, headers and a body, or as `reply` says."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = ""
    """Its address without a path."""
    got: list[tuple[web.Request, bytes]] = field(default_factory=list)
    reply: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None

    leaving: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"{self.base}/hook"

    async def hang(self, _: web.Request) -> web.StreamResponse:
        """Say nothing until the test is over."""
        await self.leaving.wait()
        return web.Response()

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.got.append((request, await request.read()))
        if self.reply is not None:
            return await self.reply(request)
        return web.Response(status=self.status, headers=self.headers, body=self.body)


@asynccontextmanager
async def sink(
    status: int = 204,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Sink]:
    opened = Sink(status=status, headers=headers or {}, body=body)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", opened.take)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        scheme = "http" if tls is None else "https"
        opened.base = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
        yield opened
    finally:
        opened.leaving.set()
        await runner.cleanup()
