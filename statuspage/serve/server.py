"""The page's HTTP server: it has the newest publication in memory and sends its bytes.

It looks for a newer one beside the requests, never within them, and replaces the publication as a
whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from aiohttp import hdrs, web
from multidict import CIMultiDict

from monitor.domain.time.clock import Clock, read_clock
from monitor.i18n.addresses import form_of_received
from statuspage.parts.assets import static_file
from statuspage.publish.archive.manifest import FOLDER
from statuspage.publish.manifest import CURRENT, ManifestError
from statuspage.serve.archive import ArchiveReader, Unreadable
from statuspage.serve.forms import Desk
from statuspage.serve.late_rendering import LateRenderer
from statuspage.serve.responder import Request, SnapshotCache, redirect
from statuspage.serve.responses import Response, refusal
from statuspage.serve.sites import RefreshedSite, SeenPage, host_name
from statuspage.serve.snapshot import load
from statuspage.serve.subscribing.desk import page_of_link

REFRESH_EVERY_S = 0.3
"""Seconds between two readings of the link."""
_MAX_BODY = 1024
"""Bytes. Clients have nothing to send here: larger bodies are refused."""


class SnapshotWatcher:
    """Keeps the snapshot cache up to date with the published folder, which has `current` in it and
    may appear later. `page` is the id of a brand's page; empty: the company's."""

    def __init__(self, published: Path, clock: Clock, page: str = "") -> None:
        self.page = page
        self._link = published / CURRENT
        self._archive = ArchiveReader(published / FOLDER)
        self._clock = clock
        self._cache = SnapshotCache(unpublished=static_file("unpublished.html"))
        self._refused = ""
        self._log = structlog.get_logger()

    def seen_by(self, request: Request) -> SeenPage:
        """Everybody sees all of it."""
        return self

    def finished(self, response: Response) -> Response:
        """As the port says."""
        return response

    def answer(self, request: Request) -> Response:
        """Behind a link of a subscriber's there is one page for all of them. Who has sent no form
        is led to it: there is nothing to say to him that it was received."""
        form = form_of_received(request.path)
        if form and self.has(form):
            return redirect(302, form)
        return self.published(request)

    def published(self, request: Request) -> Response:
        """The page at that address, also where it answers a form."""
        page = page_of_link(request.path)
        asked = request if page == request.path else replace(request, path=page)
        return self._cache.answer(asked, read_clock(self._clock))

    @property
    def cache(self) -> SnapshotCache:
        """What is served now."""
        return self._cache

    def has(self, path: str) -> bool:
        """Whether there is such a page."""
        snapshot = self._cache.snapshot
        return snapshot is not None and path in snapshot.addresses

    def refresh(self) -> bool:
        """Load a newer publication if there is one, and a newer archive; return whether there was a
        publication.

        What cannot be read is reported once, and what is in memory stays.
        """
        self._refresh_archive()
        number = self._newest()
        snapshot = self._cache.snapshot
        if not number or (snapshot is not None and snapshot.number == number):
            return False
        try:
            newer = load(self._link.parent / number, snapshot)
        except (OSError, ManifestError) as error:
            if self._refused != number:
                self._log.error("page.publication_refused", number=number, error=str(error))
            self._refused = number
            return False
        self._cache = replace(self._cache, snapshot=newer)
        return True

    def _refresh_archive(self) -> None:
        try:
            archive = self._archive.newer()
        except (OSError, ManifestError) as error:
            self._log.error("page.archive_refused", error=str(error))
            return
        if archive is not None:
            for file in self._archive.unreadable:
                self._log.error("page.month_refused", file=file)
            self._cache = replace(self._cache, archive=archive)

    def _newest(self) -> str:
        try:
            return self._link.readlink().name
        except OSError:
            return ""


async def _keep_refreshing(site: RefreshedSite) -> None:
    """For ever, each time on a thread, so that reading delays no request."""
    while True:
        await asyncio.sleep(REFRESH_EVERY_S)
        try:
            await asyncio.to_thread(site.refresh)
        except Exception as error:  # noqa: BLE001 - what is in memory is served, the next one read
            structlog.get_logger().exception("page.look_failed", error=str(error))


def make_app(
    site: RefreshedSite, *desks: Desk, late_renderer: LateRenderer | None = None
) -> web.Application:
    """Forms go to the desks, where the publication has their pages. The renderer is closed with the
    application."""
    visits = _Visits(site, desks, late_renderer or LateRenderer())
    app = web.Application(client_max_size=_MAX_BODY)
    app.router.add_route("*", "/{path:.*}", visits.handle, expect_handler=_expect_nothing)
    app.cleanup_ctx.append(visits.refreshing)
    return app


class _Visits:
    """Every request: forms go to the desks, the rest is answered from the publication."""

    def __init__(
        self, site: RefreshedSite, desks: Sequence[Desk], late_renderer: LateRenderer
    ) -> None:
        self._site = site
        self._desks = desks
        self._late_renderer = late_renderer
        self._told: set[str] = set()
        self._log = structlog.get_logger()

    async def handle(self, request: web.Request) -> web.Response:
        asked = _read_request(request)
        response = refusal(400, "") if asked is None else await self._answered(request, asked)
        content = response.content
        if not isinstance(content, bytes):
            try:
                content = await self._late_renderer.body(content)
            except Unreadable as error:
                self._tell(str(error))
                response = refusal(503, request.path, ("Retry-After", "60"))
                content = b""
        return web.Response(
            status=response.status, headers=CIMultiDict(response.headers), body=content
        )

    async def refreshing(self, _: web.Application) -> AsyncIterator[None]:
        await asyncio.to_thread(self._site.refresh)
        task = asyncio.create_task(_keep_refreshing(self._site), name="look")
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self._late_renderer.close()

    async def _answered(self, request: web.Request, asked: Request) -> Response:
        seen = self._site.seen_by(asked)
        if asked.method == hdrs.METH_POST:
            for desk in self._desks:
                page = desk.page_of(asked.path)
                if page and seen.has(page):
                    pages = _PagesOf(seen, self._late_renderer)
                    return seen.finished(await desk.answer(request, asked, pages))
        # It is no form of ours: it is answered as any other request.
        return seen.answer(asked)

    def _tell(self, error: str) -> None:
        """Once of each file, which is written anew in a while: whoever knows one such page must not
        fill the log with it."""
        if error not in self._told:
            self._log.error("page.file_unreadable", error=error)
        self._told.add(error)


class _PagesOf:
    """The pages of one site, for what answers a form that was sent there."""

    def __init__(self, seen: SeenPage, late_renderer: LateRenderer) -> None:
        self._seen = seen
        self._late_renderer = late_renderer
        self.page = seen.page

    def answer(self, request: Request) -> Response:
        """As the port says."""
        return self._seen.answer(request)

    async def plain(self, path: str) -> bytes:
        """As the port says."""
        asked = Request(method=hdrs.METH_GET, path=path)
        content = self._seen.published(asked).content
        return content if isinstance(content, bytes) else await self._late_renderer.body(content)


async def _expect_nothing(request: web.Request) -> None:
    """Whatever a client expects before it sends its body: the answer does not wait for bodies, and
    the library's refusal would have its own headers."""


def _read_request(request: web.Request) -> Request | None:
    """None where it names two hosts: what is in front of us may go by another one than we."""
    headers = request.headers
    # As it stands there: the library would give a name in letters of its own, as nobody asks for.
    target = request.raw_path
    in_line = [] if target.startswith("/") else [urlsplit(target).netloc.rpartition("@")[2]]
    named = {host_name(host) for host in (*in_line, *headers.getall(hdrs.HOST, ()))}
    if len(named) > 1:
        return None
    return Request(
        method=request.method,
        path=request.rel_url.raw_path,
        host=next(iter(named), ""),
        cookie="; ".join(headers.getall(hdrs.COOKIE, ())),
        accept_encoding=headers.get(hdrs.ACCEPT_ENCODING, ""),
        accept_language=headers.get(hdrs.ACCEPT_LANGUAGE, ""),
        if_none_match=headers.get(hdrs.IF_NONE_MATCH, ""),
    )
