"""Hours and local days of latencies that have to be counted again, for the clock was set.

A sketch adds up and takes nothing away: where another era's run counts in a slot, or none does any
more, the whole bucket is made again from the log.
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
"""No local day is longer: no clock goes back by more at the end of summer time."""


def mark_hours_and_days(
    connection: sqlite3.Connection, subject: int, runs: Iterable[Timed], zone: ZoneInfo
) -> None:
    """Mark the buckets of these runs."""
    buckets = {
        mark
        for run in runs
        for mark in ((Width.HOUR, hour_of(run.slot)), (Width.DAY, day_of(run.slot, zone)))
    }
    connection.executemany(
        "INSERT OR IGNORE INTO recount VALUES (?, ?, ?)",
        [(width, start, subject) for width, start in buckets],
    )


def mark_changed_by_eras(connection: sqlite3.Connection, eras: Eras, since: int) -> None:
    """Mark all buckets with seconds for which the eras after number `since` count otherwise."""
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
    """The first of those that wait. An hour that was forgotten cannot be counted again."""
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
    """It waits no more. A day without a run that succeeded has no row yet."""
    bucket = (recount.start, subject)
    if sketch is not None and recount.width is Width.DAY:
        connection.execute(
            "INSERT OR REPLACE INTO day VALUES (?, ?, ?, ?)", (*bucket, sketch.encode(), changed)
        )
    elif sketch is not None:
        connection.execute(
            "UPDATE hour SET sketch = ?, changed = ? WHERE start = ? AND subject = ?",
            (sketch.encode(), changed, *bucket),
        )
    connection.execute(
        "DELETE FROM recount WHERE width = ? AND start = ? AND subject = ?",
        (recount.width, *bucket),
    )


def _span(width: Width, start: Second, zone: ZoneInfo) -> Interval:
    if width is Width.HOUR:
        return Interval(start, Second(start + HOUR))
    ((_, day),) = local_days(Interval(start, Second(start + 1)), zone)
    return day


def _seqs(
    connection: sqlite3.Connection, subject: int, span: Interval, eras: Eras
) -> list[int] | None:
    """The run of each slot that counts; None where they are not known any more."""
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
