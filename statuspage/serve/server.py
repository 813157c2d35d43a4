"""The page's HTTP server: it holds the newest publication in memory and hands out its bytes.

It looks for a newer one beside the requests, never within them, and swaps whole publications.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import structlog
from aiohttp import hdrs, web
from multidict import CIMultiDict

from monitor.domain.time.clock import Clock, read_clock
from statuspage.parts.assets import static_file
from statuspage.publish.manifest import CURRENT, ManifestError
from statuspage.serve.late_rendering import LateBody, LateRenderer
from statuspage.serve.responder import Request, Response, SnapshotCache
from statuspage.serve.snapshot import load

LOOK_EVERY = 0.3
"""Seconds between looks at the link."""
_NO_BODIES = 1024
"""Nobody has anything to send here: larger bodies are refused."""


class SnapshotWatcher:
    """Keeps the shelf up to date with the published folder."""

    def __init__(self, published: Path, clock: Clock) -> None:
        self._link = published / CURRENT
        self._clock = clock
        self._shelf = SnapshotCache(unpublished=static_file("unpublished.html"))
        self._refused = ""
        self._log = structlog.get_logger()

    def answer(self, ask: Request) -> Response:
        return self._shelf.answer(ask, read_clock(self._clock))

    def look(self) -> bool:
        """Take up a newer publication if there is one; whether there was.

        One that cannot be read is reported once, and the one in memory stays.
        """
        number = self._newest()
        snapshot = self._shelf.snapshot
        if not number or (snapshot is not None and snapshot.number == number):
            return False
        try:
            newer = load(self._link.parent / number, snapshot)
        except (OSError, ManifestError) as error:
            if self._refused != number:
                self._log.error("page.publication_refused", number=number, error=str(error))
            self._refused = number
            return False
        self._shelf = replace(self._shelf, snapshot=newer)
        return True

    async def keep_looking(self) -> None:
        """For ever; a look runs on a thread, so that reading delays no request."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await asyncio.to_thread(self.look)
            except Exception as error:  # noqa: BLE001 - what is held is served, and the next one read
                self._log.exception("page.look_failed", error=str(error))

    def _newest(self) -> str:
        try:
            return self._link.readlink().name
        except OSError:
            return ""


def make_app(published: Path, clock: Clock) -> web.Application:
    """`published` is the folder with `current` in it; it may appear later."""
    snapshot_watcher = SnapshotWatcher(published, clock)
    filler = LateRenderer()

    async def handle(request: web.Request) -> web.Response:
        reply = snapshot_watcher.answer(_ask(request))
        content = reply.content
        if isinstance(content, LateBody):
            content = await filler.body(content)
        return web.Response(status=reply.status, headers=CIMultiDict(reply.headers), body=content)

    async def looking(_: web.Application) -> AsyncIterator[None]:
        await asyncio.to_thread(snapshot_watcher.look)
        task = asyncio.create_task(snapshot_watcher.keep_looking(), name="look")
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        filler.close()

    app = web.Application(client_max_size=_NO_BODIES)
    app.router.add_route("*", "/{path:.*}", handle)
    app.cleanup_ctx.append(looking)
    return app


def _ask(request: web.Request) -> Request:
    headers = request.headers
    return Request(
        method=request.method,
        path=request.rel_url.raw_path,
        accept_encoding=headers.get(hdrs.ACCEPT_ENCODING, ""),
        accept_language=headers.get(hdrs.ACCEPT_LANGUAGE, ""),
        if_none_match=headers.get(hdrs.IF_NONE_MATCH, ""),
    )
