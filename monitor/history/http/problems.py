"""What went wrong, as RFC 9457 has it: for a program and for whoever reads along."""

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
    """Answered in place of what was asked. `members` come beside the standard ones."""

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
        self._headers = headers
        self._body = {
            "type": f"urn:estado:problem:{kind}",
            "title": _TITLES[kind],
            "status": status,
            "detail": detail,
            **members,
        }

    def response(self) -> web.Response:
        return web.Response(
            status=self.status,
            body=json.dumps(self._body, ensure_ascii=False).encode("utf-8", "replace"),
            content_type=MEDIA_TYPE,
            headers=self._headers,
        )


def away(kind: str, detail: str, retry_after_s: float) -> Problem:
    """What cannot be asked now, and when to ask again."""
    headers = {"Retry-After": str(max(1, round(retry_after_s)))}
    return Problem(kind, 503, detail, headers=headers)


def shown(asked: str) -> str:
    """What somebody asked for, short enough to be told again."""
    return asked if len(asked) <= _LONGEST else f"{asked[:_LONGEST]}…"
