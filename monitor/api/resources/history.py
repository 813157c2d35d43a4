"""The past of a check: the queries of `monitor.history`, for accounts within their bounds."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field, StringConstraints

from monitor.api.operation import Answer, Call, Operation, encoded
from monitor.api.parts import listed
from monitor.api.problems import MEDIA_TYPE
from monitor.api.schema import Document, Instant, Parameters
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Check
from monitor.domain.refusals import NotFound, Refused, no_such
from monitor.history.http import csv_answers
from monitor.history.http.answers import check_body
from monitor.history.http.handler import QueryHandler
from monitor.history.http.latency import latency
from monitor.history.http.problems import Problem, away
from monitor.history.http.results import results
from monitor.history.http.uptime import uptime
from monitor.history.queries import find_check
from monitor.incidents.service_bounds import ServiceBounds
from monitor.results.stores.ports import StoreMisconfigured, StoreUnavailable

Endpoint = Callable[[web.Request, QueryHandler], Awaitable[web.StreamResponse]]
_Text = Annotated[str | None, StringConstraints(max_length=400)]
_RETRY_S = 10.0
_STANDARD = ("type", "title", "status", "detail")


class SpanQuery(Parameters):
    """As `docs/history.md` says."""

    since: Annotated[_Text, Field(alias="from")] = None
    """RFC 3339, a day, unix seconds, or a time back such as -24h."""
    to: _Text = None
    location: _Text = None
    format: _Text = None


class ResultsQuery(SpanQuery):
    limit: _Text = None
    cursor: _Text = None
    """What `next_cursor` of the page before says."""


class PiecesQuery(SpanQuery):
    resolution: _Text = None


class CheckHeadDocument(Document):
    id: str
    component: str
    kind: str
    interval_s: int
    locations: list[str]


class ChecksDocument(Document):
    checks: list[CheckHeadDocument]


class _AnswerDocument(Document):
    """What an answer is about; `to` is exclusive."""

    check: str
    component: str
    locations: list[str]
    since: Annotated[Instant, Field(alias="from")]
    to: Instant
    zone: str


class ResultsDocument(_AnswerDocument):
    store: str
    complete_until: Instant | None
    next_cursor: str | None
    results: list[dict[str, Any]]


class LatencyDocument(_AnswerDocument):
    """`each` where the resolution is raw, else `buckets`."""

    resolution: str
    store: str
    complete_until: Instant | None
    whole: dict[str, Any]
    each: Annotated[list[dict[str, Any]], Field(default_factory=list)]
    buckets: Annotated[list[dict[str, Any]], Field(default_factory=list)]


class UptimeDocument(_AnswerDocument):
    """Its other fields are those of `docs/history.md`."""

    resolution: str
    whole: dict[str, Any]
    outages: list[dict[str, Any]]


def every(call: Call) -> Answer:
    bounds = ServiceBounds.of(call.actor, call.catalogue)
    checks = [check for check in call.catalogue.checks if bounds.has(check.component)]
    parts = call.backend.parts
    written = listed(
        [parts.find(key := ("check", c.id), c) or parts.put(key, c, _written(c)) for c in checks]
    )
    return Answer(
        content=b'{"checks":' + written + b"}",
        csv=lambda: csv_answers.table(csv_answers.CHECKS, map(check_body, checks)),
    )


def _written(check: Check) -> bytes:
    return encoded(CheckHeadDocument.model_validate(check_body(check)))


def _endpoint(endpoint: Endpoint) -> Callable[[Call], Answer]:
    def handle(call: Call) -> Answer:
        _require_check(call)
        return Answer(stream=partial(_streamed, endpoint, call.backend.history))

    return handle


def _require_check(call: Call) -> None:
    """Raises NotFound, also for a check that the account's services do not reach."""
    wanted, catalogues = call.path["check"], call.backend.source.catalogues()
    bounds = ServiceBounds.of(call.actor, call.catalogue)
    found: Check | None
    try:
        found = find_check(catalogues, wanted, call.backend.clock.now())
    except NotFound:
        found = None
    if found is None or not bounds.has(found.component):
        seen = [c.id for c in call.catalogue.checks if bounds.has(c.component)]
        raise no_such("check", wanted, seen)


async def _streamed(
    endpoint: Endpoint, handler: QueryHandler | None, request: web.Request
) -> web.StreamResponse:
    """On the event loop: the store's own threads do the work, few at once."""
    if handler is None:
        raise Refused("request.busy", seconds=int(_RETRY_S))
    try:
        return await endpoint(request, handler)
    except Problem as problem:
        return _response(problem)
    except StoreUnavailable as error:
        return _response(away("store-away", str(error), error.retry_after or _RETRY_S))
    except StoreMisconfigured as error:
        return _response(away("store-away", str(error), _RETRY_S))


def _response(problem: Problem) -> web.Response:
    """As the history says it, with the code and the fields that each problem of the API has."""
    kind = str(problem.body["type"]).rpartition(":")[2]
    fields = {name: value for name, value in problem.body.items() if name not in _STANDARD}
    standard = {name: problem.body[name] for name in _STANDARD}
    body = {**standard, "code": f"history.{kind.replace('-', '_')}", "fields": fields}
    return web.Response(
        status=problem.status,
        body=json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        content_type=MEDIA_TYPE,
        headers=problem.headers,
    )


OPERATIONS = (
    Operation(
        method="GET", path="/checks", name="list_checks", scope=Scope.STATE_READ, has_csv=True,
        summary="Checks whose past may be asked for.", answer=ChecksDocument, handle=every,
    ),
    Operation(
        method="GET", path="/checks/{check}/results", name="read_results", scope=Scope.STATE_READ,
        summary="What a check saw, newest first.", has_csv=True,
        query=ResultsQuery, answer=ResultsDocument, handle=_endpoint(results),
    ),
    Operation(
        method="GET", path="/checks/{check}/latency", name="read_latency", scope=Scope.STATE_READ,
        summary="How long a check's runs took.", has_csv=True,
        query=PiecesQuery, answer=LatencyDocument, handle=_endpoint(latency),
    ),
    Operation(
        method="GET", path="/checks/{check}/uptime", name="read_uptime", scope=Scope.STATE_READ,
        summary="How long a check was up, down and excluded, with its outages.", has_csv=True,
        query=PiecesQuery, answer=UptimeDocument, handle=_endpoint(uptime),
    ),
)  # fmt: skip
