"""Seconds up, degraded, down, excluded and unknown, and the outages, from the journal."""

from __future__ import annotations

import asyncio

from aiohttp import web

from monitor.domain.checks.observation import LocationId
from monitor.domain.time.interval import Interval
from monitor.history.http import csv_answers
from monitor.history.http.answers import Body, moment_text, outage_field, seconds_field
from monitor.history.http.handler import Parameters, QueryHandler, respond
from monitor.history.http.parameters import requested_span, require_few, resolution_of
from monitor.history.span import Resolution, pieces, usual_resolution
from monitor.history.uptime import Uptime, UptimePiece
from monitor.i18n.formats import iso


async def uptime(request: web.Request, handler: QueryHandler) -> web.Response:
    parameters = Parameters.of(request, handler, "from", "to", "resolution")
    span = requested_span(parameters.query, parameters.now, parameters.zone)
    usual = usual_resolution(span, has_raw=False)
    resolution = resolution_of(parameters.query, usual, Resolution.HOUR, Resolution.DAY)
    require_few(span, resolution, parameters.check.interval)
    intervals = pieces(span, resolution, parameters.zone)
    location = LocationId(parameters.query["location"]) if "location" in parameters.query else None

    async def answer() -> web.Response:
        found = await asyncio.to_thread(
            handler.source.uptime, parameters.check, location, span, intervals, parameters.now
        )
        rows = [_piece(piece, found, parameters) for piece in found.pieces]
        body = _body(parameters, span, resolution, found) | {"buckets": rows}
        return await respond(body, csv_answers.UPTIME, rows, is_csv=parameters.is_csv)

    return await handler.limit.run(answer)


def _piece(piece: UptimePiece, found: Uptime, parameters: Parameters) -> Body:
    start, end = (
        iso(piece.interval.start, parameters.zone),
        iso(piece.interval.end, parameters.zone),
    )
    return {"start": start, "end": end, **seconds_field(piece.seconds, found.min_coverage)}


def _body(parameters: Parameters, span: Interval, resolution: Resolution, found: Uptime) -> Body:
    until = moment_text(found.final_until, parameters.zone)
    return parameters.head(
        span, resolution=resolution.value, store="journal", complete_until=until
    ) | {
        "since": moment_text(found.since, parameters.zone),
        "whole": seconds_field(found.whole, found.min_coverage),
        "outages": [outage_field(outage, parameters.zone) for outage in found.outages],
    }
