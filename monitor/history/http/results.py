"""Raw results: a page at a time as JSON; a whole span as CSV, which is read page by page too."""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web

from monitor.domain.time.interval import Interval
from monitor.history.http import csv_answers
from monitor.history.http.answers import Body, encoded, moment_text, result_body
from monitor.history.http.handler import Parameters, QueryHandler, json_response
from monitor.history.http.parameters import (
    limit_of,
    read_cursor,
    refuse,
    requested_span,
    require_stored_span,
    write_cursor,
)
from monitor.history.http.problems import Problem
from monitor.history.queries import OpenStore, Page, Place, page_of
from monitor.results.stores.ports import StoreMisconfigured, StoreUnavailable

AT_ONCE = 2_000
"""How many results of a CSV answer are read, and in memory, at once."""
_WRITE_S = 60.0
"""How long a client may take to receive one part before the connection is cut."""


async def results(request: web.Request, handler: QueryHandler) -> web.StreamResponse:
    parameters = Parameters.of(request, handler, "from", "to", "limit", "cursor")
    if parameters.is_csv:
        return await _table(request, handler, parameters)
    limit = limit_of(parameters.query)
    span, after = read_cursor(parameters.query, parameters.now) or (_span(parameters), None)
    require_stored_span(span)
    opened = handler.source.store()

    async def answer() -> bytes:
        until = moment_text(opened.results_until(), parameters.zone)
        page = await page_of(
            opened.store, parameters.check.id, parameters.locations, span, limit, after
        )
        head = parameters.head(span, store=opened.kind, complete_until=until)
        return await asyncio.to_thread(_page, parameters, span, head, page)

    return json_response(await handler.limit.run(answer))


def _span(parameters: Parameters) -> Interval:
    return requested_span(parameters.query, parameters.now, parameters.zone)


def _page(parameters: Parameters, span: Interval, head: Body, page: Page) -> bytes:
    cursor = write_cursor(span, page.last) if page.last else None
    rows = [result_body(result, parameters.zone) for result in page.results]
    return encoded({**head, "next_cursor": cursor, "results": rows})


async def _table(
    request: web.Request, handler: QueryHandler, parameters: Parameters
) -> web.StreamResponse:
    """The whole span as CSV; memory holds one part of it at a time."""
    for name in ("limit", "cursor"):
        refuse(name, parameters.query, "left out: CSV is the whole span")
    span = _span(parameters)
    require_stored_span(span)
    opened = handler.source.store()
    # Read before anything is sent: an error here can still be answered as a problem.
    part, last = await _part(handler, parameters, opened, span, None)
    response = web.StreamResponse(
        headers={"Content-Disposition": f'attachment; filename="{parameters.check.id}.csv"'}
    )
    response.content_type, response.charset = csv_answers.MEDIA_TYPE, "utf-8"
    await response.prepare(request)
    try:
        await _write(response, csv_answers.header(csv_answers.RESULTS) + part)
        while last is not None:
            part, last = await _part(handler, parameters, opened, span, last)
            await _write(response, part)
    except (Problem, StoreUnavailable, StoreMisconfigured, OSError) as error:
        structlog.get_logger().warning("history.table_broken_off", reason=str(error))
        # The connection is cut, so that no client takes a part for the whole.
        if request.transport is not None:
            request.transport.abort()
    return response


async def _part(
    handler: QueryHandler,
    parameters: Parameters,
    opened: OpenStore,
    span: Interval,
    after: Place | None,
) -> tuple[bytes, Place | None]:
    async def answer() -> tuple[bytes, Place | None]:
        page = await page_of(
            opened.store, parameters.check.id, parameters.locations, span, AT_ONCE, after
        )
        return await asyncio.to_thread(_rows, parameters, page), page.last

    return await handler.limit.run(answer)


def _rows(parameters: Parameters, page: Page) -> bytes:
    rows = (result_body(result, parameters.zone) for result in page.results)
    return csv_answers.lines(csv_answers.RESULTS, rows)


async def _write(response: web.StreamResponse, part: bytes) -> None:
    """Raises OSError where the client does not read."""
    async with asyncio.timeout(_WRITE_S):
        await response.write(part)
