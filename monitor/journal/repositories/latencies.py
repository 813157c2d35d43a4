"""Days of latencies, and how far the result log was counted into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.domain.checks.observation import ComponentId
from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.time.interval import Interval, Second
from monitor.journal.database import put
from monitor.journal.ports import DailyLatency, LatencyKey
from monitor.journal.repositories.cursors import SqlCursors
from monitor.journal.tables import daily_latency
from monitor.results.rollups.sketch import EMPTY, Sketch

_KEY = (daily_latency.c.component, daily_latency.c.kind, daily_latency.c.day)
_FIGURES = (*_KEY, daily_latency.c.runs, daily_latency.c.p50_us, daily_latency.c.p95_us)


class SqlLatencies:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursors = SqlCursors(connection, "results")

    def cursor(self) -> int:
        return self._cursors.get("latency")

    def add(self, runs: Mapping[LatencyKey, Sketch], cursor: int) -> None:
        stored = self._stored({key.day for key in runs})
        rows = [
            _row(key, stored[key] + sketch if key in stored else sketch)
            for key, sketch in runs.items()
        ]
        put(self._connection, daily_latency, rows)
        self._cursors.set("latency", cursor)

    def of_days(self, window: Interval) -> Sequence[DailyLatency]:
        day = daily_latency.c.day
        query = sa.select(*_FIGURES).where(day >= window.start, day < window.end).order_by(*_KEY)
        return list(_days(self._connection.execute(query)))

    def _stored(self, days: set[Second]) -> Mapping[LatencyKey, Sketch]:
        """All of these days: there are one or two, and nearly every component has runs on them."""
        if not days:
            return {}
        query = sa.select(*_KEY, daily_latency.c.sketch).where(daily_latency.c.day.in_(days))
        return {
            LatencyKey(ComponentId(component), ServiceKind(kind), Second(day)): _readable(sketch)
            for component, kind, day, sketch in self._connection.execute(query)
            if kind in _KINDS
        }


_KINDS = frozenset(ServiceKind)
"""A later version may have stored others, which this one leaves alone."""


def _readable(stored: bytes) -> Sketch:
    """One that is damaged, or of a later form, counts as empty: no decision waits for a chart."""
    try:
        return Sketch.decode(stored)
    except ValueError:
        return EMPTY


def _days(rows: Iterable[Sequence[Any]]) -> Iterator[DailyLatency]:
    for component, kind, day, runs, p50_us, p95_us in rows:
        if kind in _KINDS:
            yield DailyLatency(
                component=ComponentId(component),
                kind=ServiceKind(kind),
                day=Second(day),
                runs=runs,
                p50_us=p50_us,
                p95_us=p95_us,
            )


def _row(key: LatencyKey, sketch: Sketch) -> dict[str, object]:
    return {
        "component": key.component,
        "kind": key.kind.value,
        "day": key.day,
        "runs": sketch.runs,
        "p50_us": round(sketch.quantile_us(0.5)),
        "p95_us": round(sketch.quantile_us(0.95)),
        "sketch": sketch.encode(),
    }
