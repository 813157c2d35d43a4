"""Days of latencies, and how far the result log was counted into them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.domain.checks.observation import ComponentId
from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.time.interval import Interval, Second
from monitor.journal.database import put
from monitor.journal.ports import LATENCY_PARTS, DailyLatency, LatencyKey
from monitor.journal.repositories.cursors import SqlCursors
from monitor.journal.repositories.latency_months import packed_days, put_packed
from monitor.journal.tables import daily_latency
from monitor.results.rollups.sketch import EMPTY, Sketch

_KEY = (daily_latency.c.component, daily_latency.c.kind, daily_latency.c.day)
_FIGURES = (*_KEY, daily_latency.c.runs, daily_latency.c.p50_us, daily_latency.c.p95_us)


class SqlLatencies:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursors = SqlCursors(connection, "results")

    def cursors(self) -> Sequence[int]:
        stored = self._cursors.all()
        # The parts had one cursor together before they had one each.
        return [stored.get(_name(p), stored.get("latency", 0)) for p in range(LATENCY_PARTS)]

    def add(self, runs: Mapping[LatencyKey, Sketch], cursors: Mapping[int, int]) -> None:
        stored = self._stored(runs)
        rows = [
            _row(key, stored[key] + sketch if key in stored else sketch)
            for key, sketch in runs.items()
        ]
        put(self._connection, daily_latency, rows)
        self._cursors.set_all({_name(part): seq for part, seq in cursors.items()})

    def of_days(
        self, window: Interval, components: Collection[ComponentId] | None = None
    ) -> Sequence[DailyLatency]:
        query = sa.select(*_FIGURES).where(*_begins_in(window)).order_by(*_KEY)
        if components is not None:
            query = query.where(daily_latency.c.component.in_(components))
        days = list(_days(self._connection.execute(query)))
        packed = packed_days(self._connection, window, components)
        if not packed:
            return days
        stored = {day[:3] for day in packed}
        # A run that came after its month was packed has begun its day anew.
        late = (d for d in days if (d.component, d.kind, d.day) not in stored)
        return sorted((*_days(packed), *late), key=lambda d: (d.component, d.kind, d.day))

    def oldest(self) -> Second | None:
        found = self._connection.execute(sa.select(sa.func.min(daily_latency.c.day))).scalar()
        return None if found is None else Second(found)

    def pack(self, month: Interval, components: int) -> None:
        place = daily_latency.c.component
        first = sa.select(place).where(*_begins_in(month)).order_by(daily_latency.c.day)
        some = set(self._connection.execute(first.limit(components)).scalars())
        is_one = (place.in_(some), *_begins_in(month))
        days = self._connection.execute(sa.select(*_FIGURES).where(*is_one)).all()
        put_packed(self._connection, month.start, some, map(tuple, days))
        self._connection.execute(sa.delete(daily_latency).where(*is_one))

    def _stored(self, wanted: Iterable[LatencyKey]) -> Mapping[LatencyKey, Sketch]:
        """Of these components, kinds and days, by the primary key."""
        asked = [{key[n] for key in wanted} for n in range(3)]
        are_these = (c.in_(some) for c, some in zip(_KEY, asked, strict=True))
        query = sa.select(*_KEY, daily_latency.c.sketch).where(*are_these)
        return {
            LatencyKey(ComponentId(component), ServiceKind(kind), Second(day)): _readable(sketch)
            for component, kind, day, sketch in self._connection.execute(query)
        }


def _name(part: int) -> str:
    return f"latency.{part}"


def _begins_in(window: Interval) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return daily_latency.c.day >= window.start, daily_latency.c.day < window.end


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
