"""Errors as RFC 9457 defines them: for a program, and for a person who reads its output."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

MEDIA_TYPE = "application/problem+json"
_LONGEST = 100
_TITLES = {
    "bad-parameter": "A parameter that is not understood",
    "bad-time": "A time that is not understood",
    "busy": "Too many questions at once",
    "journal-away": "The journal cannot be asked now",
    "method-not-allowed": "Only GET",
    "span-too-long": "The span is too long",
    "store-away": "The store cannot be asked now",
    "strange-host": "A host that is not ours",
    "too-slow": "The answer takes too long",
    "unknown-check": "No such check",
    "unknown-location": "No such location",
    "unknown-parameter": "A parameter that is not known",
    "unknown-path": "No such address",
}


class Problem(Exception):
    """An error that is the answer. `members` are added to the standard ones."""

    def __init__(
        self,
        kind: str,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers
        self.body: Mapping[str, object] = {
            "type": f"urn:estado:problem:{kind}",
            "title": _TITLES[kind],
            "status": status,
            "detail": detail,
            **members,
        }

    def response(self) -> web.Response:
        return web.Response(
            status=self.status,
            body=json.dumps(self.body, ensure_ascii=False).encode("utf-8", "replace"),
            content_type=MEDIA_TYPE,
            headers=self.headers,
        )


def away(kind: str, detail: str, retry_after_s: float) -> Problem:
    """A source that cannot be queried now, and when to try again."""
    headers = {"Retry-After": str(max(1, round(retry_after_s)))}
    return Problem(kind, 503, detail, headers=headers)


def shown(text: str) -> str:
    """A text of the request, short enough to be repeated in an answer."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
