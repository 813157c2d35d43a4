"""Answers to what reaches no handler: bytes that are no HTTP, a line that is too long, a bug, a
target that no route has (`OPTIONS *`, `CONNECT`).

The library answers those by itself, with its name, its version and words of its parser or router.
Here they are answered with a status and our headers, and nothing else.
"""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import hdrs, web

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "estado",
}


class OwnErrorsHandler(web.RequestHandler):
    """A connection that says nothing of the library that it is made of."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The library's answer is logged as ever, and is not sent."""
        response = _own(super().handle_error(request, status, exc, message).status)
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """A refusal of the router's arrives as the exception that it was raised as; every other
        answer would still get the library's name."""
        if isinstance(resp, web.HTTPException):
            resp = _own(resp.status, resp.headers.get(hdrs.ALLOW, ""))
        if isinstance(resp, web.StreamResponse):
            resp.headers.setdefault(hdrs.SERVER, HEADERS["Server"])
        return await super().finish_response(request, resp, start_time)


def _own(status: int, allow: str = "") -> web.Response:
    text = f"{status} {HTTPStatus(status).phrase}\n"
    headers = {**HEADERS, hdrs.ALLOW: allow} if allow else HEADERS
    return web.Response(status=status, text=text, headers=headers)
