"""How long looks took: each one's duration over a short span, hours or days over a long one."""

from __future__ import annotations

from aiohttp import web

from monitor.domain.time.interval import Interval
from monitor.history.http import csv_answers
from monitor.history.http.answers import Body, moment_text, piece_body, run_body, sketch_body
from monitor.history.http.handler import Parameters, QueryHandler, respond
from monitor.history.http.parameters import requested_span, require_few, resolution_of
from monitor.history.queries import OpenStore, latency_of, timed_runs
from monitor.history.span import MOST_POINTS, Resolution, pieces, usual_resolution
from monitor.results.rollups.sketch import Sketch


async def latency(request: web.Request, desk: QueryHandler) -> web.Response:
    asked = Parameters.of(request, desk, "from", "to", "resolution")
    span = requested_span(asked.query, asked.now, asked.zone)
    resolution = resolution_of(asked.query, usual_resolution(span, has_raw=True), *Resolution)
    require_few(span, resolution, max(1, asked.check.interval // len(asked.locations)))
    opened = desk.source.store()

    async def ask() -> web.Response:
        if resolution is Resolution.RAW:
            return await _raw(asked, opened, span)
        return await _pieces(asked, opened, span, resolution)

    return await desk.gate.run(ask)


async def _raw(asked: Parameters, opened: OpenStore, span: Interval) -> web.Response:
    until = moment_text(opened.results_until(), asked.zone)
    looks = await timed_runs(opened.store, asked.check.id, asked.locations, span, MOST_POINTS)
    rows = [run_body(look, asked.zone) for look in looks]
    body = _head(asked, span, Resolution.RAW, opened.kind, until)
    body |= {"whole": sketch_body(Sketch.of(look.duration_us for look in looks)), "each": rows}
    return await respond(body, csv_answers.LOOKS, rows, is_csv=asked.is_csv)


async def _pieces(
    asked: Parameters, opened: OpenStore, span: Interval, resolution: Resolution
) -> web.Response:
    """Sketches are not cut, so the hours or days are whole ones, and the answer's span theirs."""
    windows = pieces(span, resolution, asked.zone)
    until = moment_text(opened.windows_until(), asked.zone)
    found = await latency_of(
        opened.store, asked.check.id, asked.locations, windows, resolution.width
    )
    rows = [piece_body(piece, asked.zone) for piece in found.pieces]
    whole = Interval(windows[0].start, windows[-1].end)
    body = _head(asked, whole, resolution, opened.kind, until)
    body |= {"whole": sketch_body(found.whole), "buckets": rows}
    return await respond(body, csv_answers.PIECES, rows, is_csv=asked.is_csv)


def _head(
    asked: Parameters, span: Interval, resolution: Resolution, kind: str, until: str | None
) -> Body:  # fmt: skip
    return asked.head(span, resolution=resolution.value, store=kind, complete_until=until)
