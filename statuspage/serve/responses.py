"""What is sent, and how a request is refused: below `/api/` in JSON, as its clients read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus

from statuspage.serve.late_rendering import Renderable
from statuspage.serve.snapshot import ANY_ORIGIN, API, SECURITY, Headers

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Response:
    """`content` is still to be rendered where it is no bytes."""

    status: int
    headers: Headers
    content: bytes | Renderable = b""


def refusal(status: int, path: str, *headers: tuple[str, str]) -> Response:
    """A status without a body; below `/api/` with `{"error": "Not Found"}`, which pages of other
    hosts may read too."""
    ours = (*headers, ("Cache-Control", "no-cache"), *SECURITY)
    if not path.startswith(API):
        return Response(status, ours)
    body = json.dumps({"error": HTTPStatus(status).phrase}).encode()
    return Response(status, (*ours, ("Content-Type", JSON), ANY_ORIGIN), body)


def see_other(location: str) -> Response:
    """After a form: reloading what follows sends nothing twice."""
    headers = (("Location", location), ("Cache-Control", "no-store"), *SECURITY)
    return Response(303, headers)
