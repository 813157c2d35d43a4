"""Hours and days of latencies, made from the log with a cursor of their own."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from monitor.domain.checks.observation import CheckId, LocationId
from monitor.domain.time.eras import ONE_ERA, Eras
from monitor.domain.time.interval import Interval, Second
from monitor.results.forwarding.follower_file import FollowerFile
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.latency import LatencyBucket, Width, day_of, hour_of
from monitor.results.rollups.packed_runs import Places, pack_runs, unpack_runs
from monitor.results.rollups.recounts import (
    mark_changed_by_eras,
    mark_counted,
    mark_hours_and_days,
    marked,
)
from monitor.results.rollups.sketch import EMPTY, Sketch
from monitor.results.rollups.unread import Unread, Unseen, unseen
from monitor.results.stores.ports import Recount, Timed
from monitor.runtime.kill_points import reached

READER = "windows"
_PUBLISHING, _FORGOTTEN, _ERA = "publishing", "forgotten", "era"
_DAY = 86_400
_NEVER = Second(1 << 40)
_NO_RUNS = EMPTY.encode()


class RollupStore:
    """Implements `monitor.results.stores.ports.Rollups`. Threads may share it.

    `is_remote`: buckets are marked for publication to a remote store.
    """

    def __init__(self, path: Path, *, is_remote: bool) -> None:
        self._file = FollowerFile(path)
        self._changed = int(is_remote)
        self._lock = Lock()

    def absorb(
        self, runs: Sequence[Timed], through: int, zone: ZoneInfo, eras: Eras = ONE_ERA
    ) -> None:
        """Of two runs of one slot and era the first one logged counts. A run of an hour that was
        forgotten stays in the log alone: its bucket would begin anew, and replace a complete one in
        a remote store."""
        groups: defaultdict[tuple[FoldKey, Second], list[Timed]] = defaultdict(list)
        for run in runs:
            if not run.is_absurd:
                groups[run.key, hour_of(run.slot)].append(run)
        days: defaultdict[tuple[int, Second], list[int]] = defaultdict(list)
        with self._lock, self._file.transaction() as connection:
            forgotten = _position(connection, _FORGOTTEN)
            for (key, start), group in groups.items():
                if start < forgotten:
                    continue
                subject = self._file.subject(connection, key)
                added = self._add(connection, subject, start, group, eras)
                for run in added.fresh:
                    if run.duration_us is not None:
                        days[subject, run.slot].append(run.duration_us)
                mark_hours_and_days(connection, subject, added.contested, zone)
            self._add_days(connection, days, zone)
            self._enter_era(connection, eras)
            connection.execute("INSERT OR REPLACE INTO position VALUES (?, ?)", (READER, through))
            reached("store.windows.before")
        reached("store.windows.after")

    def _enter_era(self, connection: sqlite3.Connection, eras: Eras) -> None:
        """Where the prober's clock was set, runs counted before may count differently now; so may
        the runs of earlier eras that were added just now."""
        number, known = eras.present.number, _position(connection, _ERA)
        if number == known:
            return
        mark_changed_by_eras(connection, eras, known)
        connection.execute("INSERT OR REPLACE INTO position VALUES (?, ?)", (_ERA, number))

    def _add(
        self,
        connection: sqlite3.Connection,
        subject: int,
        start: Second,
        group: list[Timed],
        eras: Eras,
    ) -> Unseen:
        """Add to one hour the runs that it has not counted; returns those."""
        found = connection.execute(
            "SELECT looks, sketch FROM hour WHERE start = ? AND subject = ?", (start, subject)
        ).fetchone()
        if found is not None and found[0] is None:
            return Unseen()
        places = unpack_runs(start, found[0]) if found else {}
        added = unseen(group, places, eras)
        if not added:
            return added
        former = Sketch.decode(found[1]) if found else EMPTY
        sketch = former + Sketch.of(_durations(added.fresh))
        connection.execute(
            "INSERT OR REPLACE INTO hour VALUES (?, ?, ?, ?, ?)",
            (
                start,
                subject,
                pack_runs(start, places),
                sketch.encode(),
                self._changed if sketch.runs else 0,
            ),
        )
        return added

    def _add_days(
        self,
        connection: sqlite3.Connection,
        durations: Mapping[tuple[int, Second], list[int]],
        zone: ZoneInfo,
    ) -> None:
        starts: dict[Second, Second] = {}
        by_day: defaultdict[tuple[Second, int], list[int]] = defaultdict(list)
        for (subject, slot), of_day in durations.items():
            # Clocks change on whole quarters of an hour, so each quarter lies in one day.
            quarter = Second(slot - slot % 900)
            if quarter not in starts:
                starts[quarter] = day_of(quarter, zone)
            by_day[starts[quarter], subject] += of_day
        for (start, subject), of_day in by_day.items():
            found = connection.execute(
                "SELECT sketch FROM day WHERE start = ? AND subject = ?", (start, subject)
            ).fetchone()
            sketch = (Sketch.decode(found[0]) if found else EMPTY) + Sketch.of(of_day)
            connection.execute(
                "INSERT OR REPLACE INTO day VALUES (?, ?, ?, ?)",
                (start, subject, sketch.encode(), self._changed),
            )

    def unpublished(self, limit: int) -> Sequence[LatencyBucket]:
        found: list[LatencyBucket] = []
        with self._lock, self._file.reading() as connection:
            for width in Width:
                rows = connection.execute(
                    f"SELECT check_id, location, start, sketch FROM {width}"  # noqa: S608 - an enum
                    " JOIN subject ON subject.id = subject WHERE changed = 1"
                    " ORDER BY start, subject LIMIT ?",
                    (limit - len(found),),
                )
                found += [_bucket(width, *row) for row in rows]
        return found

    def published(self, buckets: Sequence[LatencyBucket]) -> None:
        with self._lock, self._file.transaction() as connection:
            for bucket in buckets:
                subject = self._file.subject(connection, (bucket.check, bucket.location))
                connection.execute(
                    f"UPDATE {bucket.width} SET changed = 0"  # noqa: S608 - an enum
                    " WHERE start = ? AND subject = ? AND sketch = ?",
                    (bucket.start, subject, bucket.sketch.encode()),
                )

    def read(
        self, key: FoldKey, starts: Sequence[Second], width: Width, unread: Unread | None = None
    ) -> list[LatencyBucket]:
        """Those of these buckets that have a run, in the order of `starts`. They include the runs
        of this key that are not absorbed yet, where `unread` gives them."""
        with self._lock, self._file.reading() as connection:
            subject = self._file.known_subject(connection, key)
            by_start = self._sketches(connection, subject, starts, width)
            fresh = unread.not_absorbed(connection, subject) if unread else ()
        if unread:
            for start, sketch in unread.sketches(fresh, width).items():
                by_start[start] = by_start.get(start, EMPTY) + sketch
        return [
            LatencyBucket(check=key[0], location=key[1], width=width, start=at, sketch=by_start[at])
            for at in starts
            if at in by_start and by_start[at].runs
        ]

    def _sketches(
        self,
        connection: sqlite3.Connection,
        subject: int | None,
        starts: Sequence[Second],
        width: Width,
    ) -> dict[Second, Sketch]:
        found = {}
        for start in starts if subject is not None else ():
            row = connection.execute(
                f"SELECT sketch FROM {width} WHERE start = ? AND subject = ?",  # noqa: S608
                (start, subject),
            ).fetchone()
            if row is not None:
                found[start] = Sketch.decode(row[0])
        return found

    def recounts(self, limit: int, zone: ZoneInfo, eras: Eras) -> Sequence[Recount]:
        with self._lock, self._file.reading() as connection:
            forgotten = Second(_position(connection, _FORGOTTEN))
            return marked(connection, limit, zone, eras, forgotten)

    def recounted(self, recount: Recount, sketch: Sketch | None) -> None:
        with self._lock, self._file.transaction() as connection:
            subject = self._file.subject(connection, recount.key)
            mark_counted(connection, recount, subject, sketch, changed=self._changed)

    def places(self, key: FoldKey, start: Second) -> Places:
        """Where in the log the runs of one hour are, in order of slot."""
        with self._lock, self._file.reading() as connection:
            subject = self._file.known_subject(connection, key)
            row = connection.execute(
                "SELECT looks FROM hour WHERE start = ? AND subject = ?", (start, subject)
            ).fetchone()
        return unpack_runs(start, row[0]) if row and row[0] is not None else {}

    def subjects(self) -> list[FoldKey]:
        """Every check and location that ever had a run."""
        with self._lock, self._file.reading() as connection:
            rows = connection.execute(
                "SELECT check_id, location FROM subject ORDER BY check_id, location"
            ).fetchall()
        return [(CheckId(check), LocationId(location)) for check, location in rows]

    def mark_all_unpublished(self) -> None:
        """Where a remote store begins to be filled, every bucket is to be published to it, once;
        and again where the embedded store was in use in between, which it knows nothing of."""
        with self._lock, self._file.transaction() as connection:
            if not self._changed:
                connection.execute("DELETE FROM position WHERE reader = ?", (_PUBLISHING,))
                return
            is_first = connection.execute(
                "INSERT OR IGNORE INTO position VALUES (?, 0)", (_PUBLISHING,)
            ).rowcount
            if is_first:
                connection.execute("UPDATE hour SET changed = 1 WHERE sketch <> ?", (_NO_RUNS,))
                connection.execute("UPDATE day SET changed = 1")

    def first_hour(self) -> Second:
        """Before it there are no runs; far in the future where there are none at all."""
        with self._lock, self._file.reading() as connection:
            (start,) = connection.execute("SELECT min(start) FROM hour").fetchone()
        return _NEVER if start is None else Second(start)

    def position(self) -> int:
        with self._lock, self._file.reading() as connection:
            return _position(connection, READER)

    def forget(self, *, places: Second, hours: Second, days: Second) -> None:
        """Drop what lies before these seconds: the places of runs in the log, hours, days. Buckets
        that are still to be published stay."""
        with self._lock, self._file.transaction() as connection:
            connection.execute(
                "UPDATE hour SET looks = NULL WHERE start < ? AND start >= ? AND looks IS NOT NULL",
                (places, places - 40 * _DAY),
            )
            connection.execute("DELETE FROM hour WHERE start < ? AND changed = 0", (hours,))
            if hours > _position(connection, _FORGOTTEN):
                connection.execute(
                    "INSERT OR REPLACE INTO position VALUES (?, ?)", (_FORGOTTEN, hours)
                )
            connection.execute("DELETE FROM day WHERE start < ? AND changed = 0", (days,))

    def close(self) -> None:
        with self._lock:
            self._file.close()


def _position(connection: sqlite3.Connection, reader: str) -> int:
    row = connection.execute("SELECT seq FROM position WHERE reader = ?", (reader,)).fetchone()
    return int(row[0]) if row else 0


def _durations(runs: Iterable[Timed]) -> list[int]:
    return [run.duration_us for run in runs if run.duration_us is not None]


def _bucket(width: Width, check: str, location: str, start: int, sketch: bytes) -> LatencyBucket:
    return LatencyBucket(
        check=CheckId(check),
        location=LocationId(location),
        width=width,
        start=Second(start),
        sketch=Sketch.decode(sketch),
    )


def hours_back(span: Interval) -> Iterable[Second]:
    """The hours that touch a span, the last one first."""
    first = hour_of(span.start)
    return (Second(at) for at in range(hour_of(Second(span.end - 1)), first - 1, -3_600))
