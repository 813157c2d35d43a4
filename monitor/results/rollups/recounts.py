"""Hours and local days of latencies that have to be counted anew, for the clock was set.

A sketch adds up and takes nothing away: where another era's look counts in a slot, or none does any
more, the whole window is made again from the log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from monitor.domain.checks.observation import CheckId, LocationId
from monitor.domain.time.calendar import local_days
from monitor.domain.time.eras import Eras, retold
from monitor.domain.time.interval import Interval, Second
from monitor.results.rollups.latency import HOUR, Width, day_of, hour_of
from monitor.results.rollups.packed_runs import unpack_runs
from monitor.results.rollups.sketch import Sketch
from monitor.results.stores.ports import Recount, Timed

_LONGEST_DAY = 27 * HOUR
"""No clock is set back by more at once for the summer's end."""


def mark_hours_and_days(
    connection: sqlite3.Connection, subject: int, looks: Iterable[Timed], zone: ZoneInfo
) -> None:
    """The windows of these looks."""
    found = {
        mark
        for look in looks
        for mark in ((Width.HOUR, hour_of(look.slot)), (Width.DAY, day_of(look.slot, zone)))
    }
    connection.executemany(
        "INSERT OR IGNORE INTO recount VALUES (?, ?, ?)",
        [(width, start, subject) for width, start in found],
    )


def mark_retold(connection: sqlite3.Connection, eras: Eras, since: int) -> None:
    """All windows that hold seconds which the eras after number `since` tell otherwise."""
    for span in retold(eras.known, since):
        for width, longest in ((Width.HOUR, HOUR), (Width.DAY, _LONGEST_DAY)):
            connection.execute(
                f"INSERT OR IGNORE INTO recount SELECT '{width}', start, subject FROM {width}"  # noqa: S608
                " WHERE start > ? AND start < ?",
                (span.start - longest, span.end),
            )


def marked(
    connection: sqlite3.Connection, limit: int, zone: ZoneInfo, eras: Eras, forgotten: Second
) -> Sequence[Recount]:
    """The first of those that wait. What was forgotten of an hour cannot be counted anew."""
    rows = connection.execute(
        "SELECT width, start, subject, check_id, location FROM recount"
        " JOIN subject ON subject.id = subject ORDER BY width, start, subject LIMIT ?",
        (limit,),
    ).fetchall()
    return [
        Recount(
            width=Width(width),
            key=(CheckId(check), LocationId(location)),
            start=Second(start),
            seqs=_seqs(connection, subject, _span(Width(width), Second(start), zone), eras)
            if start >= forgotten
            else None,
        )
        for width, start, subject, check, location in rows
    ]


def mark_counted(
    connection: sqlite3.Connection,
    recount: Recount,
    subject: int,
    sketch: Sketch | None,
    *,
    changed: int,
) -> None:
    """It waits no more. A day without a look that succeeded has no row yet."""
    window = (recount.start, subject)
    if sketch is not None and recount.width is Width.DAY:
        connection.execute(
            "INSERT OR REPLACE INTO day VALUES (?, ?, ?, ?)", (*window, sketch.encode(), changed)
        )
    elif sketch is not None:
        connection.execute(
            "UPDATE hour SET sketch = ?, changed = ? WHERE start = ? AND subject = ?",
            (sketch.encode(), changed, *window),
        )
    connection.execute(
        "DELETE FROM recount WHERE width = ? AND start = ? AND subject = ?",
        (recount.width, *window),
    )


def _span(width: Width, start: Second, zone: ZoneInfo) -> Interval:
    if width is Width.HOUR:
        return Interval(start, Second(start + HOUR))
    ((_, day),) = local_days(Interval(start, Second(start + 1)), zone)
    return day


def _seqs(
    connection: sqlite3.Connection, subject: int, span: Interval, eras: Eras
) -> list[int] | None:
    """Of each slot the look that counts."""
    found: list[int] = []
    for hour in range(hour_of(span.start), span.end, HOUR):
        row = connection.execute(
            "SELECT looks FROM hour WHERE start = ? AND subject = ?", (hour, subject)
        ).fetchone()
        if row is None:
            continue
        if row[0] is None:
            return None
        for slot, seqs in unpack_runs(Second(hour), row[0]).items():
            counting = eras.last_counting(slot, seqs) if slot in span else None
            if counting is not None:
                found.append(counting)
    return found
