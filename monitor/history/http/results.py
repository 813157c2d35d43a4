"""Raw results: a page at a time as JSON; all of a span as CSV, which is read page by page too."""

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
"""Results that a CSV file is read and held by."""
_WRITE_S = 60.0
"""How long whoever reads may take over one part before it is hung up on."""


async def results(request: web.Request, desk: QueryHandler) -> web.StreamResponse:
    asked = Parameters.of(request, desk, "from", "to", "limit", "cursor")
    if asked.is_csv:
        return await _table(request, desk, asked)
    limit = limit_of(asked.query)
    span, after = read_cursor(asked.query, asked.now) or (_span(asked), None)
    require_stored_span(span)
    opened = desk.source.store()

    async def ask() -> bytes:
        until = moment_text(opened.results_until(), asked.zone)
        page = await page_of(opened.store, asked.check.id, asked.locations, span, limit, after)
        head = asked.head(span, store=opened.kind, complete_until=until)
        return await asyncio.to_thread(_page, asked, span, head, page)

    return json_response(await desk.gate.run(ask))


def _span(asked: Parameters) -> Interval:
    return requested_span(asked.query, asked.now, asked.zone)


def _page(asked: Parameters, span: Interval, head: Body, page: Page) -> bytes:
    cursor = write_cursor(span, page.last) if page.last else None
    rows = [result_body(result, asked.zone) for result in page.results]
    return encoded({**head, "next_cursor": cursor, "results": rows})


async def _table(request: web.Request, desk: QueryHandler, asked: Parameters) -> web.StreamResponse:
    """The whole span; memory holds one part of it."""
    for name in ("limit", "cursor"):
        refuse(name, asked.query, "left out: CSV is the whole span")
    span = _span(asked)
    require_stored_span(span)
    opened = desk.source.store()
    # Before anything is sent: what fails now fails with words.
    part, last = await _part(desk, asked, opened, span, None)
    response = web.StreamResponse(
        headers={"Content-Disposition": f'attachment; filename="{asked.check.id}.csv"'}
    )
    response.content_type, response.charset = csv_answers.MEDIA_TYPE, "utf-8"
    await response.prepare(request)
    try:
        await _write(response, csv_answers.header(csv_answers.RESULTS) + part)
        while last is not None:
            part, last = await _part(desk, asked, opened, span, last)
            await _write(response, part)
    except (Problem, StoreUnavailable, StoreMisconfigured, OSError) as error:
        structlog.get_logger().warning("history.table_broken_off", reason=str(error))
        # Hung up on, so that nobody takes the half for the whole.
        if request.transport is not None:
            request.transport.abort()
    return response


async def _part(
    desk: QueryHandler, asked: Parameters, opened: OpenStore, span: Interval, after: Place | None
) -> tuple[bytes, Place | None]:
    async def ask() -> tuple[bytes, Place | None]:
        page = await page_of(opened.store, asked.check.id, asked.locations, span, AT_ONCE, after)
        return await asyncio.to_thread(_rows, asked, page), page.last

    return await desk.gate.run(ask)


def _rows(asked: Parameters, page: Page) -> bytes:
    rows = (result_body(result, asked.zone) for result in page.results)
    return csv_answers.lines(csv_answers.RESULTS, rows)


async def _write(response: web.StreamResponse, part: bytes) -> None:
    """Raises OSError where nobody reads."""
    async with asyncio.timeout(_WRITE_S):
        await response.write(part)
