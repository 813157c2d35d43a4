"""The result log's days: which rows hold a day's slots, when rows were logged, what was dropped.

Sparse tables beside the rows, written in the transactions that write or drop rows. A statement is
needed only where a day is new, or its rows are past the range that it covers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from statistics import median_low

from monitor.domain.time.clock import Clock
from monitor.results.log.retention import LoggingClock

DAY = 86_400
PLACES_A_SECOND = 1000
"""More than a log ever takes a second, over its life. A log begins behind so many times the wall
clock, so that its first `seq` says when it was made."""
AHEAD = 10_000
"""A day covers this many rows more than it has: its range is written once for all of them."""
INDEX_STEP = 5_000
"""Rows of an older version that one step assigns to days: a few milliseconds."""
_CLOCK_EVERY = 3_600

_COVER = (
    "INSERT INTO day VALUES (?, ?, ?) ON CONFLICT (day) DO UPDATE SET"
    " first_seq = min(first_seq, excluded.first_seq), last_seq = max(last_seq, excluded.last_seq)"
)
_LOGGED = (
    "INSERT INTO logged VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET"
    " first_seq = min(first_seq, excluded.first_seq)"
)
_LOST_UNTIL = (
    "SELECT max(complete_from) FROM mark AS day WHERE complete_from % 86400 = 0"
    " AND NOT EXISTS (SELECT 1 FROM mark WHERE complete_from = day.complete_from - 1)"
)
_FORGET_LOGGED = "DELETE FROM logged WHERE day < (SELECT max(day) FROM logged WHERE first_seq <= ?)"
Place = tuple[int, int]
"""(seq, slot) of a row."""


def restored_clock(connection: sqlite3.Connection, clock: Clock) -> LoggingClock:
    """The log's clock as the writer before this one left it. An older version stored none: its
    newest row then counts as logged when most of the slots about it say."""
    stored = connection.execute("SELECT seconds, wall FROM logging_clock").fetchone()
    if stored is None:
        newest = "SELECT slot FROM result ORDER BY seq DESC LIMIT ?"
        slots = [slot for (slot,) in connection.execute(newest, (INDEX_STEP,))]
        stored = (median_low(slots),) * 2 if slots else None
    return LoggingClock(clock, stored)


class LogDays:
    """Each call is made within a transaction of the writer. It remembers what it wrote: after a
    transaction that failed it must be made again."""

    def __init__(
        self, connection: sqlite3.Connection, clock: LoggingClock, missing_before: Sequence[int]
    ) -> None:
        """`missing_before`: the seconds before which a new log has no rows: when it was made, by
        the wall clock and by what else is known."""
        self._connection = connection
        self._clock = clock
        self._covered: dict[int, int] = dict(connection.execute("SELECT day, last_seq FROM day"))
        self._logged = self._one("SELECT max(day) FROM logged")
        self._clock_stored_at = self._one("SELECT seconds FROM logging_clock") or 0
        self._has_marks = bool(self._one("SELECT count(*) FROM mark"))
        self._missing_before = missing_before
        self.is_whole = self._one("SELECT count(*) FROM unindexed") == 0
        """Whether every row is covered by a day."""

    def note(self, first_seq: int, slots: Iterable[int]) -> None:
        """Rows are being written, from `first_seq` on."""
        self._cover(enumerate(slots, first_seq))
        seconds, wall = self._clock.reading()
        if not self._has_marks and self.is_whole:
            self.mark_missing(self._missing_before)
        if self._logged is None or seconds // DAY > self._logged:
            self._logged = seconds // DAY
            self._connection.execute(_LOGGED, (self._logged, first_seq))
            self._clock_stored_at = 0
        if seconds - self._clock_stored_at >= _CLOCK_EVERY:
            self._clock_stored_at = seconds
            self._connection.execute(
                "INSERT OR REPLACE INTO logging_clock VALUES (1, ?, ?)", (seconds, wall)
            )

    def mark_missing(self, seconds: Iterable[int]) -> None:
        """Another log had the rows before these seconds. A day's first second alone marks that the
        day before lost rows: where it is not that, the second before it is marked as well."""
        for second in seconds:
            self._mark([second] if second % DAY else [second - 1, second])

    def index_step(self) -> int:
        """Assign some rows of an older version to days; returns how many."""
        rows = self._connection.execute(
            "SELECT result.seq, slot FROM result, unindexed"
            " WHERE seq BETWEEN first_seq AND last_seq ORDER BY seq LIMIT ?",
            (INDEX_STEP,),
        ).fetchall()
        if not rows:
            self._connection.execute("DELETE FROM unindexed")
            self.is_whole = True
            return 0
        self._cover(rows)
        self._guess_logged(rows)
        self._connection.execute("UPDATE unindexed SET first_seq = ?", (rows[-1][0] + 1,))
        return len(rows)

    def first_kept(self, days: int) -> int | None:
        """The first row of the newest `days` days of logging; None where nothing was logged."""
        today = self._clock.now() // DAY
        return self._one("SELECT min(first_seq) FROM logged WHERE day >= ?", today - days)

    def lost_until(self) -> int:
        """The second before which rows were dropped; 0 where none were. Rows are dropped from days;
        what `mark_missing` marked is none of these."""
        if not self.is_whole:
            # It is not known yet of rows of an older version.
            return self._clock.now()
        return self._one(_LOST_UNTIL) or 0

    def dropped(self, rows: Sequence[tuple[int, int, int]]) -> None:
        """The log's first rows (seq, slot, whether it is absurd) are being deleted: their days are
        no longer whole. A day in the future has lost nothing."""
        last, ahead = rows[-1][0], self._clock.now() + DAY
        real = [slot for _, slot, is_absurd in rows if slot < ahead and not is_absurd]
        ends = {(slot // DAY + 1) * DAY for slot in real}
        self._mark(ends)
        self._connection.executemany(
            "DELETE FROM mark WHERE complete_from = ?", [(end - 1,) for end in ends]
        )
        self._connection.execute("DELETE FROM day WHERE last_seq <= ?", (last,))
        self._connection.execute(
            "UPDATE day SET first_seq = ? WHERE first_seq <= ?", (last + 1, last)
        )
        self._connection.execute(_FORGET_LOGGED, (last + 1,))
        self._covered = {day: until for day, until in self._covered.items() if until > last}

    def _cover(self, rows: Iterable[Place]) -> None:
        found: dict[int, list[int]] = {}
        for seq, slot in rows:
            found.setdefault(slot // DAY, [seq, seq])[1] = seq
        for day, (first, last) in found.items():
            covered = self._covered.get(day)
            if covered is None or last > covered or not self.is_whole:
                self._covered[day] = max(covered or 0, last + AHEAD)
                self._connection.execute(_COVER, (day, first, last + AHEAD))

    def _guess_logged(self, rows: Sequence[Place]) -> None:
        """Guess when rows of an older version were logged: when most of their slots say, but never
        before the rows in front of them and never in the future."""
        first, day = rows[0][0], median_low(slot for _, slot in rows) // DAY
        if not self._has_marks:
            made_at = _made_at(*rows[0])
            if made_at:
                self.mark_missing([made_at])
            else:
                self._mark([(day + 1) * DAY if made_at is None else made_at])
        before = self._one("SELECT max(day) FROM logged WHERE first_seq <= ?", first)
        day = min(max(day, before or 0), self._clock.now() // DAY)
        self._connection.execute(_LOGGED, (day, first))

    def _mark(self, seconds: Iterable[int]) -> None:
        marks = [(second,) for second in seconds]
        self._connection.executemany("INSERT OR IGNORE INTO mark VALUES (?)", marks)
        self._has_marks = True

    def _one(self, query: str, *values: int) -> int | None:
        row = self._connection.execute(query, values).fetchone()
        return None if row is None else row[0]


def _made_at(seq: int, slot: int) -> int | None:
    """When a log was made whose first row was never dropped; None where it was."""
    made_at, rest = divmod(seq - 1, PLACES_A_SECOND)
    return made_at if rest == 0 and (made_at == 0 or abs(slot - made_at) < DAY) else None
