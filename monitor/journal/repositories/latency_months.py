"""Days of latencies of before: a row for each month, with the figures of its days. They take a
fifteenth of what the days took with their sketches, or less."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.domain.time.interval import Interval, Second
from monitor.journal.database import put
from monitor.journal.tables import monthly_latency
from monitor.results.rollups.varint import pack, unpack

Day = tuple[str, str, int, int, int, int]
"""Component, kind, day, runs, p50 and p95, as their columns have them: a kind may be of a later
version."""
Figures = tuple[int, int, int]
"""Runs, p50, p95."""
_LONGEST = 32 * 86_400
"""More seconds than any month has."""
_FORM = 1
_PER_DAY = 4


def packed_days(
    connection: Connection, window: Interval, components: Collection[str] | None = None
) -> Sequence[Day]:
    """Those that begin in the window, of these components or else of all."""
    month = monthly_latency.c.month
    touching = sa.select(monthly_latency).where(month > window.start - _LONGEST, month < window.end)
    if components is not None:
        touching = touching.where(monthly_latency.c.component.in_(components))
    return [
        (row.component, row.kind, day, *figures)
        for row in connection.execute(touching)
        for day, figures in _decoded(row.days, row.month).items()
        if day in window
    ]


def put_packed(
    connection: Connection, month: Second, components: Collection[str], days: Iterable[Day]
) -> None:
    """Of these components. A day that is packed already stays as it is."""
    packed: dict[tuple[str, str], dict[Second, Figures]] = {}
    for component, kind, day, *(runs, p50_us, p95_us) in days:
        packed.setdefault((component, kind), {})[Second(day)] = (runs, p50_us, p95_us)
    is_one = sa.and_(monthly_latency.c.component.in_(components), monthly_latency.c.month == month)
    for row in connection.execute(sa.select(monthly_latency).where(is_one)):
        if (row.component, row.kind) in packed:
            packed[row.component, row.kind] |= _decoded(row.days, month)
    rows = [
        {"component": component, "kind": kind, "month": month, "days": encoded(of_days, month)}
        for (component, kind), of_days in packed.items()
    ]
    put(connection, monthly_latency, rows)


def encoded(days: Mapping[Second, Figures], month: Second) -> bytes:
    """About eleven bytes a day. No day is before the month.

    >>> decoded(encoded({Second(100): (3, 20, 25)}, Second(90)), Second(90))
    {100: (3, 20, 25)}
    """
    numbers, former = [_FORM], month
    for day, (runs, p50_us, p95_us) in sorted(days.items()):
        numbers += (day - former, runs, p50_us, p95_us - p50_us)
        former = day
    return pack(numbers)


def decoded(days: bytes, month: Second) -> Mapping[Second, Figures]:
    """Raises ValueError for bytes that are no days of this form."""
    form, *numbers = unpack(days) if days else [0]
    if form != _FORM or len(numbers) % _PER_DAY:
        raise ValueError(f"want days of form {_FORM}, got {days[:8].hex() or 'nothing'}")
    found: dict[Second, Figures] = {}
    day = int(month)
    for place in range(0, len(numbers), _PER_DAY):
        step, runs, p50_us, more_us = numbers[place : place + _PER_DAY]
        day += step
        found[Second(day)] = (runs, p50_us, p50_us + more_us)
    return found


def _decoded(days: bytes, month: int) -> Mapping[Second, Figures]:
    """What is damaged, or of a later form, counts as empty: nothing waits for a chart."""
    try:
        return decoded(days, Second(month))
    except ValueError:
        return {}
