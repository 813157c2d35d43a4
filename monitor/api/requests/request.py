"""What a request brings: body, query, revision; whatever it is, it is bounded in size and time."""

from __future__ import annotations

import asyncio
import re

from aiohttp import hdrs, web
from pydantic import ValidationError

from monitor.api.operation import Operation
from monitor.api.problems import invalid, is_no_json
from monitor.api.schema import Body, Parameters
from monitor.domain.refusals import Refused

LARGEST_BODY = 1_000_000
LARGEST_OF_STRANGERS = 16_000
"""Of who has not signed in."""
_LONGEST_TYPE = 100
_MOST_NAMES = 4_000
_SPACES = b" \t\n\r"
"""What JSON lets stand between a name and its colon."""
MEDIA_STREAM = "text/event-stream"
SLOWEST_BODY_S = 10.0
_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')
"""Also a weak one, which a server in front makes of it where it compresses."""


async def read_body(
    request: web.Request, *, most: int = LARGEST_BODY, limit_s: float = SLOWEST_BODY_S
) -> bytes:
    """Raises Refused where it has more bytes than `most`, or is too slow."""
    if (request.content_length or 0) > most:
        raise Refused("request.too_large", most=most)
    found = bytearray()
    try:
        async with asyncio.timeout(limit_s):
            async for chunk in request.content.iter_any():
                found += chunk
                if len(found) > most:
                    raise Refused("request.too_large", most=most)
    except TimeoutError as error:
        raise Refused("request.too_slow", limit_s=int(limit_s)) from error
    except web.RequestPayloadError as error:
        raise Refused("request.bad") from error
    return bytes(found)


def require_media_type(request: web.Request, wanted: str = "application/json") -> None:
    """Raises Refused where a body is announced as something else."""
    if request.body_exists and request.content_type != wanted:
        got = request.headers.get(hdrs.CONTENT_TYPE, "")
        shown = "".join(c for c in got if c.isprintable())[:_LONGEST_TYPE]
        raise Refused("request.media_type", wanted=wanted, got=shown or "none")


def parsed_body(operation: Operation, content: bytes) -> Body | None:
    """No content is as good as an empty object. On a thread: a large one takes its time. Raises
    Refused."""
    if operation.body is None:
        return None
    _require_few_names(content)
    try:
        return operation.body.model_validate_json(content or b"{}")
    except ValidationError as error:
        if is_no_json(error):
            raise Refused("request.no_json") from error
        raise invalid(error, operation.body, is_query=False) from error


def _require_few_names(content: bytes) -> None:
    """Raises Refused for a body of more fields than any may have. Each that is unknown becomes a
    mistake before the first is told, and nothing else goes on while hundreds of thousands do.
    Counted are colons behind a quotation mark: those in texts too, which are never so many."""
    count = content.translate(None, _SPACES).count(b'":')
    if count > _MOST_NAMES:
        error = {"pointer": "#", "detail": f"{count} fields are more than any body has"}
        raise Refused("request.invalid", count=count, errors=[error])


def parsed_query(operation: Operation, request: web.Request) -> Parameters | None:
    """Each parameter once, all of them known. Raises Refused."""
    kind = operation.query or Parameters
    twice = [name for name in request.query if len(request.query.getall(name)) > 1]
    if twice:
        errors = [{"parameter": name, "detail": "given twice"} for name in dict.fromkeys(twice)]
        raise Refused("request.invalid", count=len(errors), errors=errors)
    try:
        return kind.model_validate(dict(request.query))
    except ValidationError as error:
        raise invalid(error, kind, is_query=True) from error


def revision_of(operation: Operation, request: web.Request) -> int | None:
    """What If-Match names; None where it is not there, or is `*`. Raises Refused, also where
    nothing that is there already is changed: it would be taken for a guard."""
    header = request.headers.get(hdrs.IF_MATCH)
    if header is not None and operation.current is None:
        raise Refused("request.no_revision")
    if header is None or header.strip() == "*":
        return None
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        raise Refused("request.if_match")
    return int(found[1])


def wants_csv(request: web.Request) -> bool:
    return _prefers(request, "text/csv")


def wants_stream(request: web.Request) -> bool:
    return _prefers(request, MEDIA_STREAM)


def _prefers(request: web.Request, wanted: str) -> bool:
    """To JSON: whichever of the two `Accept` names first."""
    for media in request.headers.get(hdrs.ACCEPT, "").split(","):
        kind = media.partition(";")[0].strip().lower()
        if kind in (wanted, "application/json", "*/*"):
            return kind == wanted
    return False
