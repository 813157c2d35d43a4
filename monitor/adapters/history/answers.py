"""Answers as JSON has them: times with the zone's offset, durations in milliseconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from monitor.domain.catalogue import Check
from monitor.domain.formats import iso
from monitor.domain.interval import Second
from monitor.domain.latency import duration_us
from monitor.domain.observation import Result
from monitor.domain.sketch import Sketch
from monitor.engine.history import Piece, TimedLook

Body = dict[str, object]
_QUANTILES = (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99))


def encoded(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def check_body(check: Check) -> Body:
    """What everybody may know who may ask: no target, no specification."""
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
        "duration_ms": _took(result),
        "phases_ms": dict(result.phases_ms),
        "evidence": dict(result.evidence),
        "revision": result.revision,
    }


def look_body(look: TimedLook, zone: ZoneInfo) -> Body:
    return {
        "at": iso(look.result.slot, zone),
        "location": look.result.location,
        "outcome": look.result.outcome.value,
        "duration_ms": look.duration_us / 1000,
    }


def piece_body(piece: Piece, zone: ZoneInfo) -> Body:
    return {
        "start": iso(piece.window.start, zone),
        "end": iso(piece.window.end, zone),
        **sketch_body(piece.sketch),
    }


def sketch_body(sketch: Sketch) -> Body:
    """Percentiles are within 1 %; null where there is no look."""
    figures = {name: sketch.quantile_us(share) for name, share in _QUANTILES} | {
        "mean_ms": sketch.mean_us, "min_ms": float(sketch.least_us),
        "max_ms": float(sketch.most_us),
    }  # fmt: skip
    told = {name: round(us / 1000, 3) if sketch.looks else None for name, us in figures.items()}
    return {"looks": sketch.looks, **told}


def _took(result: Result) -> float | None:
    took = duration_us(result)
    return None if took is None else took / 1000
