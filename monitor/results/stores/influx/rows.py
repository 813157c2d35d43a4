"""Rows of an answer as results and latency buckets again."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import structlog

from monitor.domain.checks.observation import FailureId, Outcome, Result
from monitor.domain.time.interval import Second
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.latency import LatencyBucket, Width
from monitor.results.rollups.sketch import Sketch
from monitor.results.stores.influx.influxql import Row
from monitor.results.stores.influx.lines import phase_field

T = TypeVar("T")
_log = structlog.get_logger(__name__)
_PREFIX, _SUFFIX = phase_field("|").split("|")


def results_of(rows: Iterable[Row], key: FoldKey) -> list[Result]:
    return _readable(rows, lambda row: _result(row, key))


def buckets_of(rows: Iterable[Row], key: FoldKey, width: Width) -> list[LatencyBucket]:
    """Those that have a run."""
    found = _readable(rows, lambda row: _bucket(row, key, width))
    return [bucket for bucket in found if bucket.sketch.runs]


def _readable(rows: Iterable[Row], read: Callable[[Row], T]) -> list[T]:
    """What others wrote among ours is left out, and logged."""
    readable: list[T] = []
    for row in rows:
        try:
            readable.append(read(row))
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            _log.warning("influx.unreadable_row", time=row.get("time"), error=repr(error)[:200])
    return readable


def _result(row: Row, key: FoldKey) -> Result:
    """`parts` says which of the optional fields are this result's: see `lines.result_line`."""
    parts = row["parts"].split(",")
    return Result(
        check=key[0],
        location=key[1],
        slot=_second(row["time"]),
        revision=int(row["revision"]),
        outcome=Outcome(row["outcome"]),
        failure=FailureId(row["failure"]) if "failure" in parts else None,
        message=row["message"] if "message" in parts else "",
        phases_ms={_phase(part): float(row[part]) for part in parts if part.startswith(_PREFIX)},
        evidence=json.loads(row["evidence"]) if "evidence" in parts else {},
        # Points of earlier versions have none.
        era=int(row.get("era") or 0),
    )


def _second(time: Any) -> Second:
    if type(time) is not int:
        raise ValueError(f"want a time in whole seconds, got {time!r}")
    return Second(time)


def _phase(field: str) -> str:
    return field.removeprefix(_PREFIX).removesuffix(_SUFFIX)


def _bucket(row: Row, key: FoldKey, width: Width) -> LatencyBucket:
    return LatencyBucket(
        check=key[0],
        location=key[1],
        width=width,
        start=_second(row["time"]),
        sketch=Sketch.decode(b64decode(row["sketch"], validate=True)),
    )
