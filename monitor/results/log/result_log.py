"""The result log in one SQLite file: append-only, committed in groups, durable when acknowledged.

This module is the writer's side; readers open the file read-only (`result_log_reader`).
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
"""Rows that one `prune` looks at: a few milliseconds, so that results never wait for it."""

_INSERT = f"INSERT INTO result ({COLUMNS}) VALUES ({', '.join('?' * 12)})"  # noqa: S608 - constants
AHEAD_S = 1
"""How far ahead of the clock a slot may lie: the fraction of a second that rounding takes."""
Count = Callable[[], float]
"""What is counted as the time, in seconds since 1970."""
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
    """The only writer of that log; a log without rows begins behind `after`. Raises LogTaken,
    LogFull, or sqlite3.DatabaseError for a file that is no log."""
    return SqliteResultLog(path, after=after, clock=clock or SystemClock())


def begins_after(now: Second) -> int:
    """Where a log that is made now begins, unless more is reserved: behind every place of one that
    was taken away, so that readers whose cursors stand in the old one read the new one from its
    first row."""
    return now * PLACES_A_SECOND


class SqliteResultLog:
    """Implements `monitor.results.log.ports.ResultLog`. One thread at a time may call it.

    `seq` is given here, grows by one a row and is never used again: the newest row is not pruned.
    """

    def __init__(self, path: Path, *, after: int = 0, clock: Clock) -> None:
        self._path = path
        self._water = HighWater(path)
        self._after = max(after, self._water.reserved)
        self.count: Count = clock.wall
        self._clock = clock
        self._born = self._lacks()
        self._logging_clock: LoggingClock | None = None
        self._days: LogDays | None = None
        self._lost_until = Second(0)
        self._lock = WriterLock(path)
        self._connection: sqlite3.Connection | None = None
        self._last = 0
        self._file: FileId | None = None
        self._eras: list[Era] | None = None
        """What results are stamped by, whichever file comes into the place; None until it is known
        of the first one."""
        self._commits_in_doubt = False
        try:
            with _told_as_full():
                self._start()
        except BaseException:
            self._lock.release()
            raise

    def append(self, batch: Sequence[Result], probe_states: Mapping[FoldKey, bytes | None]) -> int:
        """Commit a batch; the last `seq` of the log. On the disk when it returns."""
        with self._transaction() as connection:
            last = self._last + self._kept_already(connection)
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
            _remember(connection, probe_states)
        self._last, self._commits_in_doubt = last + len(rows), False
        self._water.took(self._last, int(now))
        return self._last

    def probe_states(self) -> Mapping[FoldKey, bytes]:
        with _told_as_full():
            rows = self._open().execute("SELECT location, check_id, data FROM memory").fetchall()
        return {(CheckId(check), LocationId(place)): data for place, check, data in rows}

    def begin_era(self, era: Era) -> None:
        begun = replace(era, first_seq=self._last + 1)
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO era VALUES (?, ?, ?)",
                (begun.number, begun.first_seq, era_row(begun)),
            )
        self._eras = [*(self._eras or []), begun]

    def note(self, figures: ProberMetrics, anchor: ClockAnchor | None = None) -> None:
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO figures VALUES (1, ?)", (json.dumps(asdict(figures)),)
            )
            if anchor is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO anchor VALUES (1, ?)", (json.dumps(asdict(anchor)),)
                )
        self._water.save()

    def prune(self, keep_days: int) -> int:
        """One small step: of the oldest `PRUNE_STEP` rows, those that were logged before the
        newest `keep_days` days of logging. Rows of an older version are given their days first."""
        with self._transaction() as connection:
            seen = self._drop_or_index(connection, keep_days)
        self._learn_lost()
        return seen

    def _drop_or_index(self, connection: sqlite3.Connection, keep_days: int) -> int:
        days = self._index(connection)
        if not days.is_whole:
            return days.index_step()
        kept = days.first_kept(keep_days)
        before = self._last if kept is None else min(kept, self._last)
        rows = connection.execute(
            "SELECT seq, slot, absurd FROM result WHERE seq < ? ORDER BY seq LIMIT ?",
            (before, PRUNE_STEP),
        ).fetchall()
        if rows:
            connection.execute("DELETE FROM result WHERE seq <= ?", (rows[-1][0],))
            days.dropped(rows)
        return len(rows)

    def lost_until(self) -> Second:
        """The second before which rows were dropped; 0 where none were. Other threads may ask."""
        return self._lost_until

    def newest_slot(self) -> Second | None:
        """That of the newest row which is not absurd, of the present era; None where it has none:
        what an era that was wrong saw says nothing of where the clock stands."""
        with _told_as_full():
            found = self._open().execute(
                "SELECT slot, era FROM result WHERE NOT absurd ORDER BY seq DESC LIMIT 1"
            )
            row = found.fetchone()
        return Second(row[0]) if row and row[1] == self._era else None

    def eras(self) -> Sequence[Era]:
        """Every era, oldest first; the one without a row of its own is the first."""
        with _told_as_full():
            rows = self._open().execute("SELECT told FROM era ORDER BY number").fetchall()
        return [FIRST_ERA, *(read_era(told) for (told,) in rows)]

    def anchor(self) -> ClockAnchor | None:
        with _told_as_full():
            row = self._open().execute("SELECT anchor FROM anchor").fetchone()
        return ClockAnchor(**json.loads(row[0])) if row else None

    def close(self) -> None:
        self._drop_connection()
        self._water.save()
        self._lock.release()

    def begin_anew(self, why: str) -> NoReturn:
        """Set this log aside and go on in a new one. Raises LogBegunAnew, or LogFull."""
        with _told_as_full():
            self._drop_connection()
            self._days = self._logging_clock = None
            try:
                loss = self._put_a_new_one(why)
            except OSError as error:
                raise LogFull(
                    f"{self._path} is {why}, and no new one can be made: {error}"
                ) from error
            self._last, self._commits_in_doubt, self._file = self._after, False, None
        aside = f", set aside as {loss.set_aside}" if loss.set_aside else ""
        raise LogBegunAnew(f"{self._path} was {why}{aside}: a new one is begun")

    def set_aside(self, file: FileId) -> None:
        """Begin anew where it is still that file which is written: a reader found it damaged.
        Raises LogBegunAnew, or LogFull."""
        if self._file == file:
            self.begin_anew("damaged")

    def _put_a_new_one(self, why: str) -> LogLoss:
        """Behind every row that was ever given. Raises sqlite3.Error or OSError."""
        now, remains = self._clock.now(), remains_of(self._path)
        after = max(self._last, self._after, begins_after(now), self._water.reserved)
        after = max(after, remains.last_seq)
        self._water.reserve(after)
        eras = remains.eras if self._eras is None else self._eras
        loss = begin_anew(self._path, remains, at=now, after=after, eras=eras, why=why)
        self._after = max(after, loss.behind)
        self._born = self._lacks(remains.last_slot or 0, *(era.was for era in eras))
        return loss

    def _lacks(self, *known: int) -> list[int]:
        """Seconds before which a log that is made now lacks rows: when that is, and what is known
        of another one, for the clock may be behind or ahead."""
        return sorted({self._clock.now(), self._water.newest, *known} - {0})

    def _start(self) -> None:
        self._open_or_begin_anew()
        if self._last < self._water.last:
            # An older copy was put into the place while nothing ran.
            self._go_on_in_another(self._water.reserved)

    def _go_on_in_another(self, behind: int) -> None:
        """In the file that has come into the place, in the eras that results are stamped by, behind
        what was given before; what it lacks is noted. Raises LogFull."""
        loss = LogLoss(at=self._clock.now(), why="replaced", behind=behind)
        eras = self._eras or []
        with self._transaction() as connection:
            write_eras(connection, eras)
            note_loss(connection, loss)
            self._index(connection).lacks(self._lacks(*(era.was for era in eras)))
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
                # Never before what was written already: readers' cursors stand behind that.
                self._last = max(end or self._after, self._last)
            if self._eras is None:
                kept = self._connection.execute("SELECT told FROM era ORDER BY number").fetchall()
                self._eras = [read_era(told) for (told,) in kept]
        return self._connection

    @property
    def _era(self) -> int:
        return self._eras[-1].number if self._eras else FIRST_ERA.number

    def _kept_already(self, connection: sqlite3.Connection) -> int:
        """How many of the batch are in the log: a COMMIT may have reported an error and have been
        durable all the same, and then all of it is there. In doubt until another is done."""
        if not self._commits_in_doubt:
            return 0
        (last,) = connection.execute("SELECT max(seq) FROM result").fetchone()
        return max(0, (last or 0) - self._last)

    def _see_that_it_is_in_its_place(self) -> None:
        """What is written into a file that nobody finds any more is lost. Raises LogBegunAnew."""
        present = file_id(self._path)
        if self._file is None or present == self._file:
            return
        self._part_from_it()
        if present is None:
            self.begin_anew("moved")
        self._follow_another()
        raise LogBegunAnew(f"{self._path} was replaced by another file: rows go on in that")

    def _part_from_it(self) -> None:
        """What stood beside the file alone goes into it, wherever it is now: what stays beside the
        place would be read as the rest of another log, or be lost."""
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
            self._go_on_in_another(self._last + 1)
        except Exception:
            # Nothing is written in it yet of all this: the next attempt finds it anew.
            self._file = former
            raise

    def _index(self, connection: sqlite3.Connection) -> LogDays:
        if self._days is None:
            # The clock follows the monotonic one from the first time on, whatever is read anew.
            if self._logging_clock is None:
                self._logging_clock = restored_clock(connection, self._clock)
            self._days = LogDays(connection, self._logging_clock, self._born)
        return self._days

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing of it is durable afterwards. Raises LogFull, and nothing was kept."""
        with _told_as_full():
            try:
                self._see_that_it_is_in_its_place()
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
        """Undo; after anything but a full disk a new connection makes the next attempt."""
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


def _remember(connection: sqlite3.Connection, probe_states: Mapping[FoldKey, bytes | None]) -> None:
    kept = [
        (place, check, data) for (check, place), data in probe_states.items() if data is not None
    ]
    gone = [(place, check) for (check, place), data in probe_states.items() if data is None]
    if kept:
        connection.executemany("INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", kept)
    if gone:
        connection.executemany("DELETE FROM memory WHERE location = ? AND check_id = ?", gone)


@contextmanager
def _told_as_full() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if _code(error) in _CANNOT_WRITE:
            raise LogFull(str(error)) from error
        raise


def _code(error: Exception) -> int:
    """SQLite's primary result code; the extended ones carry it in their low byte."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
