"""The result log in one SQLite file: append-only, committed in groups, durable when acknowledged.

This module is the writer's side; readers open the file read-only (`monitor.results.log.reader`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import NoReturn

from monitor.domain.checks.observation import CheckId, LocationId, Result
from monitor.domain.time.clock import Clock
from monitor.domain.time.eras import FIRST_ERA, Era
from monitor.domain.time.interval import Second
from monitor.results.log.days import PLACES_A_SECOND, LogDays, restored_clock
from monitor.results.log.file import LogTaken, WriterLock, connect_writer
from monitor.results.log.high_water import HighWater
from monitor.results.log.ports import (
    ClockAnchor,
    FoldKey,
    LogBegunAnew,
    LogFull,
    LogLoss,
    ProberMetrics,
)
from monitor.results.log.reader import open_reader
from monitor.results.log.retention import LoggingClock
from monitor.results.log.rows import COLUMNS, era_row, read_era, row_of
from monitor.results.log.set_aside import (
    FileId,
    begin_anew,
    begun_behind,
    file_id,
    is_damage,
    note_loss,
    remains_of,
    take_up_half_done,
    write_eras,
)
from monitor.runtime.kill_points import reached
from monitor.runtime.system_clock import SystemClock

__all__ = ["LogTaken", "SqliteResultLog", "open_log", "open_reader"]

PRUNE_STEP = 1000
"""Rows that one `prune` examines: a few milliseconds, so that results never wait for it."""

_INSERT = f"INSERT INTO result ({COLUMNS}) VALUES ({', '.join('?' * 12)})"  # noqa: S608 - constants
AHEAD_S = 1
"""How far ahead of the clock a slot may lie: rounding takes a fraction of a second."""
Count = Callable[[], float]
"""Returns what is counted as the time, in seconds since 1970."""
_CANNOT_WRITE = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_TOOBIG,
    }
)


def open_log(path: Path, *, after: int = 0, clock: Clock | None = None) -> SqliteResultLog:
    """Make the only writer of that log; a log without rows begins behind `after`. Raises LogTaken,
    LogFull, or sqlite3.DatabaseError for a file that is no log."""
    return SqliteResultLog(path, after=after, clock=clock or SystemClock())


def begins_after(now: Second) -> int:
    """The number behind which a log that is made now begins, unless more is reserved. It is behind
    every number of a log that was removed, so that readers with cursors of the old log read the new
    one from its first row."""
    return now * PLACES_A_SECOND


class SqliteResultLog:
    """Implements `monitor.results.log.ports.ResultLog`. One thread at a time may call it.

    `seq` is assigned here, grows by one a row and is never used again: the newest row is not
    pruned.
    """

    def __init__(self, path: Path, *, after: int = 0, clock: Clock) -> None:
        self._path = path
        self._water = HighWater(path)
        self._after = max(after, self._water.reserved)
        self.count: Count = clock.wall
        self._clock = clock
        self._missing_before = self._seconds_missing()
        self._logging_clock: LoggingClock | None = None
        self._days: LogDays | None = None
        self._lost_until = Second(0)
        self._lock = WriterLock(path)
        self._connection: sqlite3.Connection | None = None
        self._last = 0
        self._file: FileId | None = None
        self._eras: list[Era] | None = None
        """The eras that results are stamped with, whichever file comes into the place; None until
        those of the first file are known."""
        self._commits_in_doubt = False
        try:
            with _raising_log_full():
                self._start()
        except BaseException:
            self._lock.release()
            raise

    def append(self, batch: Sequence[Result], probe_states: Mapping[FoldKey, bytes | None]) -> int:
        """Commit a batch; returns the log's last `seq`. On the disk when it returns."""
        with self._transaction() as connection:
            last = self._last + self._already_stored(connection)
            batch = batch[last - self._last :]
            self._water.reserve(last + len(batch))
            now, era = self.count(), self._era
            rows = [
                row_of(seq, result, is_absurd=result.slot > now + AHEAD_S or result.era != era)
                for seq, result in enumerate(batch, last + 1)
            ]
            connection.executemany(_INSERT, rows)
            if batch:
                self._index(connection).note(last + 1, (result.slot for result in batch))
            _write_probe_states(connection, probe_states)
        self._last, self._commits_in_doubt = last + len(rows), False
        self._water.took(self._last, int(now))
        return self._last

    def probe_states(self) -> Mapping[FoldKey, bytes]:
        with _raising_log_full():
            rows = self._open().execute("SELECT location, check_id, data FROM memory").fetchall()
        return {(CheckId(check), LocationId(location)): data for location, check, data in rows}

    def begin_era(self, era: Era) -> None:
        begun = replace(era, first_seq=self._last + 1)
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO era VALUES (?, ?, ?)",
                (begun.number, begun.first_seq, era_row(begun)),
            )
        self._eras = [*(self._eras or []), begun]

    def note(self, metrics: ProberMetrics, anchor: ClockAnchor | None = None) -> None:
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO figures VALUES (1, ?)", (json.dumps(asdict(metrics)),)
            )
            if anchor is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO anchor VALUES (1, ?)", (json.dumps(asdict(anchor)),)
                )
        self._water.save()

    def prune(self, keep_days: int) -> int:
        """One small step: of the oldest `PRUNE_STEP` rows, drop those that were logged before the
        newest `keep_days` days of logging. Rows of an older version are assigned to days first."""
        with self._transaction() as connection:
            examined = self._drop_or_index(connection, keep_days)
        self._learn_lost()
        return examined

    def _drop_or_index(self, connection: sqlite3.Connection, keep_days: int) -> int:
        days = self._index(connection)
        if not days.is_whole:
            return days.index_step()
        first_kept = days.first_kept(keep_days)
        before = self._last if first_kept is None else min(first_kept, self._last)
        rows = connection.execute(
            "SELECT seq, slot, absurd FROM result WHERE seq < ? ORDER BY seq LIMIT ?",
            (before, PRUNE_STEP),
        ).fetchall()
        if rows:
            connection.execute("DELETE FROM result WHERE seq <= ?", (rows[-1][0],))
            days.dropped(rows)
        return len(rows)

    def lost_until(self) -> Second:
        """The second before which rows were dropped; 0 where none were. Any thread may call it."""
        return self._lost_until

    def newest_slot(self) -> Second | None:
        """The slot of the newest row which is not absurd, where it is of the present era; else
        None, for what an era that was wrong saw says nothing of where the clock stands."""
        with _raising_log_full():
            cursor = self._open().execute(
                "SELECT slot, era FROM result WHERE NOT absurd ORDER BY seq DESC LIMIT 1"
            )
            row = cursor.fetchone()
        return Second(row[0]) if row and row[1] == self._era else None

    def eras(self) -> Sequence[Era]:
        """Every era, oldest first; the first one has no row of its own."""
        with _raising_log_full():
            rows = self._open().execute("SELECT told FROM era ORDER BY number").fetchall()
        return [FIRST_ERA, *(read_era(text) for (text,) in rows)]

    def anchor(self) -> ClockAnchor | None:
        with _raising_log_full():
            row = self._open().execute("SELECT anchor FROM anchor").fetchone()
        return ClockAnchor(**json.loads(row[0])) if row else None

    def close(self) -> None:
        self._drop_connection()
        self._water.save()
        self._lock.release()

    def begin_anew(self, why: str) -> NoReturn:
        """Set this log aside and continue in a new one. Raises LogBegunAnew, or LogFull."""
        with _raising_log_full():
            self._drop_connection()
            self._days = self._logging_clock = None
            try:
                loss = self._replace(why)
            except OSError as error:
                raise LogFull(
                    f"{self._path} is {why}, and no new one can be made: {error}"
                ) from error
            self._last, self._commits_in_doubt, self._file = self._after, False, None
        aside = f", set aside as {loss.set_aside}" if loss.set_aside else ""
        raise LogBegunAnew(f"{self._path} was {why}{aside}: a new one is begun")

    def set_aside(self, file: FileId) -> None:
        """Begin anew where that file is still the one that is written: a reader found it damaged.
        Raises LogBegunAnew, or LogFull."""
        if self._file == file:
            self.begin_anew("damaged")

    def _replace(self, why: str) -> LogLoss:
        """Begin a log behind every number that was ever given. Raises sqlite3.Error or OSError."""
        now, remains = self._clock.now(), remains_of(self._path)
        after = max(self._last, self._after, begins_after(now), self._water.reserved)
        after = max(after, remains.last_seq)
        self._water.reserve(after)
        eras = remains.eras if self._eras is None else self._eras
        loss = begin_anew(self._path, remains, at=now, after=after, eras=eras, why=why)
        self._after = max(after, loss.behind)
        self._missing_before = self._seconds_missing(
            remains.last_slot or 0, *(era.was for era in eras)
        )
        return loss

    def _seconds_missing(self, *known: int) -> list[int]:
        """Seconds before which a log that is made now lacks rows: the present, and what is known of
        another log, for the clock may be behind or ahead."""
        return sorted({self._clock.now(), self._water.newest, *known} - {0})

    def _start(self) -> None:
        self._open_or_begin_anew()
        if self._last < self._water.last:
            # An older copy was put into the place while no writer ran.
            self._continue_in_file(self._water.reserved)

    def _continue_in_file(self, behind: int) -> None:
        """Continue in the file that has come into the place, in the eras that results are stamped
        with, behind the numbers given before. What the file lacks is noted. Raises LogFull."""
        loss = LogLoss(at=self._clock.now(), why="replaced", behind=behind)
        eras = self._eras or []
        with self._transaction() as connection:
            write_eras(connection, eras)
            note_loss(connection, loss)
            self._index(connection).mark_missing(self._seconds_missing(*(era.was for era in eras)))
        self._last = behind

    def _learn_lost(self) -> None:
        days = self._index(self._open())
        if days.is_whole:
            self._lost_until = Second(days.lost_until())

    def _open_or_begin_anew(self) -> None:
        take_up_half_done(self._path)
        try:
            self._index(self._open())
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            with suppress(LogBegunAnew):
                self.begin_anew("damaged")
            self._index(self._open())
        self._learn_lost()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect_writer(self._path)
            self._file = file_id(self._path)
            (last,) = self._connection.execute("SELECT max(seq) FROM result").fetchone()
            if not self._commits_in_doubt:
                end = max(last or 0, begun_behind(self._connection))
                # Never before the rows already written: readers' cursors stand behind those.
                self._last = max(end or self._after, self._last)
            if self._eras is None:
                stored = self._connection.execute("SELECT told FROM era ORDER BY number").fetchall()
                self._eras = [read_era(text) for (text,) in stored]
        return self._connection

    @property
    def _era(self) -> int:
        return self._eras[-1].number if self._eras else FIRST_ERA.number

    def _already_stored(self, connection: sqlite3.Connection) -> int:
        """How many of the batch are in the log. A COMMIT may have reported an error and have been
        durable all the same: then all of it is there. The doubt lasts until another is done."""
        if not self._commits_in_doubt:
            return 0
        (last,) = connection.execute("SELECT max(seq) FROM result").fetchone()
        return max(0, (last or 0) - self._last)

    def _require_in_place(self) -> None:
        """Rows that are written into a file which no reader finds are lost. Raises LogBegunAnew."""
        present = file_id(self._path)
        if self._file is None or present == self._file:
            return
        self._close_displaced()
        if present is None:
            self.begin_anew("moved")
        self._follow_another()
        raise LogBegunAnew(f"{self._path} was replaced by another file: rows go on in that")

    def _close_displaced(self) -> None:
        """Close the file; what only its WAL had goes into it, wherever it is now. A WAL that stays
        beside the place would be read as the rest of another log, or be lost."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._drop_connection()

    def _follow_another(self) -> None:
        former = self._file
        self._days = self._logging_clock = None
        self._commits_in_doubt = False
        try:
            self._open_or_begin_anew()
            self._continue_in_file(self._last + 1)
        except Exception:
            # None of this is written in the file yet: the next attempt finds it again.
            self._file = former
            raise

    def _index(self, connection: sqlite3.Connection) -> LogDays:
        if self._days is None:
            # It follows the monotonic clock from the first time on, whatever is read again.
            if self._logging_clock is None:
                self._logging_clock = restored_clock(connection, self._clock)
            self._days = LogDays(connection, self._logging_clock, self._missing_before)
        return self._days

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it is durable afterwards, or nothing. Raises LogFull where nothing was stored."""
        with _raising_log_full():
            try:
                self._require_in_place()
                connection = self._open()
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                reached("log.commit.before")
                self._commit(connection)
            except OSError as error:
                self._give_up(error)
                raise LogFull(str(error)) from error
            except sqlite3.Error as error:
                self._give_up(error)
                if is_damage(error):
                    self.begin_anew("damaged")
                raise
        reached("log.commit.after")

    def _commit(self, connection: sqlite3.Connection) -> None:
        before = self._commits_in_doubt
        self._commits_in_doubt = True
        connection.execute("COMMIT")
        self._commits_in_doubt = before

    def _give_up(self, error: Exception) -> None:
        """Roll back; after any error but a full disk the next attempt has a new connection."""
        self._days, connection = None, self._connection
        if connection is None:
            return
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._drop_connection()
            return
        if _code(error) != sqlite3.SQLITE_FULL:
            self._drop_connection()

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _write_probe_states(
    connection: sqlite3.Connection, probe_states: Mapping[FoldKey, bytes | None]
) -> None:
    present = [
        (location, check, data)
        for (check, location), data in probe_states.items()
        if data is not None
    ]
    absent = [(location, check) for (check, location), data in probe_states.items() if data is None]
    if present:
        connection.executemany("INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", present)
    if absent:
        connection.executemany("DELETE FROM memory WHERE location = ? AND check_id = ?", absent)


@contextmanager
def _raising_log_full() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if _code(error) in _CANNOT_WRITE:
            raise LogFull(str(error)) from error
        raise


def _code(error: Exception) -> int:
    """SQLite's primary result code; the extended ones carry it in their low byte."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
