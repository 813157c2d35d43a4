"""What a request asks for. What is not understood is refused, naming what would be accepted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from aiohttp import hdrs, web

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import LocationId
from monitor.domain.refusals import NotFound
from monitor.domain.time.interval import Interval, Second
from monitor.history.http.problems import Problem, shown
from monitor.history.queries import Place, find_check, find_locations
from monitor.history.span import (
    EXAMPLE,
    WANTED,
    BadTime,
    Resolution,
    TooLong,
    require_few_points,
    require_stored,
    span_of,
)
from monitor.i18n.refusals import sentence

LIMIT = 100
LONGEST_PAGE = 2_000
"""With the largest evidence, 80 MB while it is made; several may be requested at once."""
_FORMATS = ("json", "csv")
_CURSOR = "what next_cursor of the page before says"

Query = Mapping[str, str]


def query_of(request: web.Request, *known: str) -> Query:
    """The parameters, each once, all of them known. Raises Problem."""
    names = (*known, "format")
    found: dict[str, str] = {}
    for name, value in request.query.items():
        if name not in names:
            raise Problem(
                "unknown-parameter", 400,
                f"no parameter {shown(name)}; there are {', '.join(names)}",
                parameter=shown(name), known=list(names),
            )  # fmt: skip
        if name in found:
            raise _bad(name, value, "given once")
        found[name] = value
    return found


def wants_csv(request: web.Request, query: Query) -> bool:
    """By `format`, else by whichever of the two `Accept` names first. Raises Problem."""
    wanted = query.get("format")
    if wanted is not None:
        if wanted not in _FORMATS:
            raise _bad("format", wanted, " or ".join(_FORMATS))
        return wanted == "csv"
    for media in request.headers.get(hdrs.ACCEPT, "").split(","):
        kind = media.partition(";")[0].strip().lower()
        if kind in ("text/csv", "application/json", "*/*"):
            return kind == "text/csv"
    return False


def check_of(request: web.Request, catalogues: Catalogues, now: Second) -> Check:
    """The check that the URL names. Raises Problem, which names the nearest id."""
    wanted = shown(request.match_info["check"])
    try:
        return find_check(catalogues, wanted, now)
    except NotFound as error:
        raise Problem("unknown-check", 404, sentence(error)) from error


def locations_of(query: Query, check: Check) -> tuple[LocationId, ...]:
    """Raises Problem."""
    wanted = query.get("location")
    try:
        return find_locations(check, None if wanted is None else shown(wanted))
    except NotFound as error:
        raise Problem("unknown-location", 404, sentence(error)) from error


def requested_span(query: Query, now: Second, zone: ZoneInfo) -> Interval:
    """The span of `from` and `to`. Raises Problem with what is wanted, and an example."""
    try:
        return span_of(query.get("from"), query.get("to"), now, zone)
    except BadTime as error:
        raise Problem(
            "bad-time", 400, str(error),
            parameter=error.name, got=shown(error.got), wanted=WANTED, example=EXAMPLE,
        ) from error  # fmt: skip


def resolution_of(query: Query, usual: Resolution, *offered: Resolution) -> Resolution:
    """Raises Problem."""
    wanted = query.get("resolution")
    if wanted is None:
        return usual
    if wanted not in [*offered]:
        raise _bad("resolution", wanted, ", ".join(offered))
    return Resolution(wanted)


def require_few(span: Interval, resolution: Resolution, each_s: int) -> None:
    """Raises Problem where an answer would be too long."""
    try:
        require_few_points(span, resolution, each_s)
    except TooLong as error:
        raise Problem("span-too-long", 400, str(error)) from error


def require_stored_span(span: Interval) -> None:
    """Raises Problem where raw results cannot reach so far."""
    try:
        require_stored(span)
    except TooLong as error:
        raise Problem("span-too-long", 400, str(error)) from error


def limit_of(query: Query) -> int:
    """Raises Problem."""
    wanted = query.get("limit", str(LIMIT))
    limit = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 0
    if not 1 <= limit <= LONGEST_PAGE:
        raise _bad("limit", wanted, f"a number from 1 to {LONGEST_PAGE}")
    return limit


def write_cursor(span: Interval, last: Place) -> str:
    """Opaque to clients. It has the span too: a relative one would move between pages."""
    text = f"{span.start} {span.end} {last.slot} {last.location}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(query: Query, now: Second) -> tuple[Interval, Place] | None:
    """The span and the last place, None on the first page. Raises Problem."""
    cursor = query.get("cursor")
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        start, end, slot, location = text.split(" ", 3)
        span = Interval(Second(int(start)), Second(int(end)))
        last = Place(slot=Second(int(slot)), location=LocationId(location))
    except (binascii.Error, ValueError) as error:
        raise _bad("cursor", cursor, _CURSOR) from error
    if last.slot not in span or span.end > now or span.start < 0:
        raise _bad("cursor", cursor, _CURSOR)
    return span, last


def refuse(name: str, query: Query, wanted: str) -> None:
    """Raises Problem where a parameter is given that this form of answer does not have."""
    if name in query:
        raise _bad(name, query[name], wanted)


def _bad(name: str, got: str, wanted: str) -> Problem:
    return Problem(
        "bad-parameter", 400, f"{name} has to be {wanted}",
        parameter=name, got=shown(got), wanted=wanted,
    )  # fmt: skip
