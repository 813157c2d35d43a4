"""Answers to what never becomes a request: bytes that are no HTTP, a line that is too long, a bug.

The library answers those by itself, before any handler, with its name, its version and words of its
parser. Here they are answered with a status and our headers, and nothing else.
"""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

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
        status = super().handle_error(request, status, exc, message).status
        text = f"{status} {HTTPStatus(status).phrase}\n"
        response = web.Response(status=status, text=text, headers=HEADERS)
        response.force_close()
        return response
