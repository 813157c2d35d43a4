"""Answers as JSON: times with the zone's offset, durations in milliseconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from credits.figures import fraction_field, percent_floor6, seconds_body
from monitor.domain.availability import Seconds, has_coverage
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import Result
from monitor.domain.time.interval import Second
from monitor.history.queries import Piece, TimedRun
from monitor.i18n.formats import iso
from monitor.results.rollups.latency import duration_us
from monitor.results.rollups.sketch import Sketch
from monitor.timelines.outages import Outage

Body = dict[str, object]
_QUANTILES = (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99))


def encoded(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def check_body(check: Check) -> Body:
    """What every client of the history may see: no target, no specification."""
    return {
        "id": check.id,
        "component": check.component,
        "kind": check.kind,
        "interval_s": check.interval,
        "locations": list(check.locations),
    }


def moment_text(at: Second | None, zone: ZoneInfo) -> str | None:
    return None if at is None else iso(at, zone)


def result_body(result: Result, zone: ZoneInfo) -> Body:
    return {
        "at": iso(result.slot, zone),
        "location": result.location,
        "outcome": result.outcome.value,
        "failure": result.failure,
        "message": result.message,
        "duration_ms": _duration_ms(result),
        "phases_ms": dict(result.phases_ms),
        "evidence": dict(result.evidence),
        "revision": result.revision,
    }


def run_body(run: TimedRun, zone: ZoneInfo) -> Body:
    return {
        "at": iso(run.result.slot, zone),
        "location": run.result.location,
        "outcome": run.result.outcome.value,
        "duration_ms": run.duration_us / 1000,
    }


def piece_body(piece: Piece, zone: ZoneInfo) -> Body:
    return {
        "start": iso(piece.interval.start, zone),
        "end": iso(piece.interval.end, zone),
        **sketch_body(piece.sketch),
    }


def seconds_field(seconds: Seconds, min_coverage: str) -> Body:
    """The seconds as in the billing report. The share is of the whole: it is null where nothing is
    known, and not displayed where too little is known."""
    uptime = seconds.uptime
    is_shown = has_coverage(seconds.watched, seconds.total, min_coverage)
    return {
        **seconds_body(seconds),
        "uptime_fraction": None if uptime is None else fraction_field(uptime),
        "uptime_display": percent_floor6(uptime) if uptime is not None and is_shown else None,
    }


def outage_field(outage: Outage, zone: ZoneInfo) -> Body:
    return {
        "start": iso(outage.start, zone),
        "end": moment_text(outage.end, zone),
        "cause": outage.cause,
        "down_s": outage.counted.down,
        "excluded_s": outage.counted.excluded,
        "inferred_s": outage.counted.inferred,
        "last_success_before": moment_text(outage.last_success_before, zone),
        "last_failure": moment_text(outage.last_failure, zone),
        "first_success": moment_text(outage.first_success, zone),
        "incidents": list(outage.incidents),
    }


def sketch_body(sketch: Sketch) -> Body:
    """Percentiles are within 1 %; null where there is no check run."""
    values = {name: sketch.quantile_us(share) for name, share in _QUANTILES} | {
        "mean_ms": sketch.mean_us, "min_ms": float(sketch.least_us),
        "max_ms": float(sketch.most_us),
    }  # fmt: skip
    rounded = {name: round(us / 1000, 3) if sketch.runs else None for name, us in values.items()}
    return {"looks": sketch.runs, **rounded}


def _duration_ms(result: Result) -> float | None:
    duration = duration_us(result)
    return None if duration is None else duration / 1000
