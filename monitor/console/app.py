"""The console's routes beside the API's, in one application."""

from __future__ import annotations

from functools import partial

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler as AnyHandler
from aiohttp.typedefs import Middleware

from monitor.api.ports import Backend
from monitor.console.desk import AT_ONCE, Desk, Handler
from monitor.console.rendering import static_files
from monitor.console.table import SCREENS

EVENTS = "/events"
"""What changed, for an `EventSource` of our pages."""
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Browsers would send no Origin with our own forms under a stricter one.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_API = "/api/"
_YEAR = "public, max-age=31536000, immutable"


def add_console(app: web.Application, backend: Backend, *, at_once: int = AT_ONCE) -> None:
    """Add the pages to the API's application."""
    desk = Desk(backend, at_once, SCREENS)
    for screen in SCREENS:
        app.router.add_route(screen.method, screen.path, _framed(desk.handler(screen)))
    app.router.add_get(EVENTS, desk.events, allow_head=False)
    for url, (content, kind) in static_files().items():
        app.router.add_get(url, partial(_static, content, kind))
    app.middlewares.append(_pages_for_browsers(desk))
    app.on_cleanup.append(desk.close)


def _pages_for_browsers(desk: Desk) -> Middleware:
    """A path that there is not is a page for a browser, and a problem for programs."""

    @web.middleware
    async def pages(request: web.Request, handler: AnyHandler) -> web.StreamResponse:
        try:
            return await handler(request)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
            if not _is_for_people(request):
                raise
            methods = getattr(error, "allowed_methods", ())
            answer = await desk.nowhere(request, ", ".join(sorted(methods)))
            answer.headers.update(PAGE_HEADERS)
            return answer

    return pages


def _is_for_people(request: web.Request) -> bool:
    is_page = not request.path.startswith(_API)
    return is_page and "text/html" in request.headers.get(hdrs.ACCEPT, "")


def _framed(handler: Handler) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = await handler(request)
        if not response.prepared:
            response.headers.update(PAGE_HEADERS)
        return response

    return answer


async def _static(content: bytes, kind: str, _: web.Request) -> web.Response:
    return web.Response(
        body=content, content_type=kind, charset="utf-8", headers={"Cache-Control": _YEAR}
    )
