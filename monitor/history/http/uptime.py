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


async def uptime(request: web.Request, desk: QueryHandler) -> web.Response:
    asked = Parameters.of(request, desk, "from", "to", "resolution")
    span = requested_span(asked.query, asked.now, asked.zone)
    usual = usual_resolution(span, has_raw=False)
    resolution = resolution_of(asked.query, usual, Resolution.HOUR, Resolution.DAY)
    require_few(span, resolution, asked.check.interval)
    windows = pieces(span, resolution, asked.zone)
    location = LocationId(asked.query["location"]) if "location" in asked.query else None

    async def ask() -> web.Response:
        found = await asyncio.to_thread(
            desk.source.uptime, asked.check, location, span, windows, asked.now
        )
        rows = [_piece(piece, found, asked) for piece in found.pieces]
        body = _body(asked, span, resolution, found) | {"buckets": rows}
        return await respond(body, csv_answers.UPTIME, rows, is_csv=asked.is_csv)

    return await desk.gate.run(ask)


def _piece(piece: UptimePiece, found: Uptime, asked: Parameters) -> Body:
    start, end = iso(piece.window.start, asked.zone), iso(piece.window.end, asked.zone)
    return {"start": start, "end": end, **seconds_field(piece.seconds, found.min_coverage)}


def _body(asked: Parameters, span: Interval, resolution: Resolution, found: Uptime) -> Body:
    until = moment_text(found.final_until, asked.zone)
    return asked.head(span, resolution=resolution.value, store="journal", complete_until=until) | {
        "since": moment_text(found.since, asked.zone),
        "whole": seconds_field(found.whole, found.min_coverage),
        "outages": [outage_field(outage, asked.zone) for outage in found.outages],
    }
