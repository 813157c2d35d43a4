"""How long check runs took: single durations over a short span, else hours or days."""

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


async def latency(request: web.Request, handler: QueryHandler) -> web.Response:
    parameters = Parameters.of(request, handler, "from", "to", "resolution")
    span = requested_span(parameters.query, parameters.now, parameters.zone)
    resolution = resolution_of(parameters.query, usual_resolution(span, has_raw=True), *Resolution)
    require_few(span, resolution, max(1, parameters.check.interval // len(parameters.locations)))
    opened = handler.source.store()

    async def answer() -> web.Response:
        if resolution is Resolution.RAW:
            return await _raw(parameters, opened, span)
        return await _pieces(parameters, opened, span, resolution)

    return await handler.limit.run(answer)


async def _raw(parameters: Parameters, opened: OpenStore, span: Interval) -> web.Response:
    until = moment_text(opened.results_until(), parameters.zone)
    runs = await timed_runs(
        opened.store, parameters.check.id, parameters.locations, span, MOST_POINTS
    )
    rows = [run_body(run, parameters.zone) for run in runs]
    body = _head(parameters, span, Resolution.RAW, opened.kind, until)
    body |= {"whole": sketch_body(Sketch.of(run.duration_us for run in runs)), "each": rows}
    return await respond(body, csv_answers.RUNS, rows, is_csv=parameters.is_csv)


async def _pieces(
    parameters: Parameters, opened: OpenStore, span: Interval, resolution: Resolution
) -> web.Response:
    """Sketches cannot be cut: the hours or days are whole, and the answer's span is theirs."""
    intervals = pieces(span, resolution, parameters.zone)
    until = moment_text(opened.buckets_until(), parameters.zone)
    found = await latency_of(
        opened.store, parameters.check.id, parameters.locations, intervals, resolution.width
    )
    rows = [piece_body(piece, parameters.zone) for piece in found.pieces]
    whole = Interval(intervals[0].start, intervals[-1].end)
    body = _head(parameters, whole, resolution, opened.kind, until)
    body |= {"whole": sketch_body(found.whole), "buckets": rows}
    return await respond(body, csv_answers.PIECES, rows, is_csv=parameters.is_csv)


def _head(
    parameters: Parameters, span: Interval, resolution: Resolution, kind: str, until: str | None
) -> Body:  # fmt: skip
    return parameters.head(span, resolution=resolution.value, store=kind, complete_until=until)
