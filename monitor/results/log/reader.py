"""A reader of the result log: read-only, in short reads; the caller has the cursor."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias, TypeVar

from monitor.domain.checks.observation import CheckId, FailureId, LocationId, LoggedResult
from monitor.domain.time.eras import FIRST_ERA, Era
from monitor.domain.time.interval import Second
from monitor.results.log.days import DAY
from monitor.results.log.file import SCHEMA_VERSION, connect_reader
from monitor.results.log.ports import ClockAnchor, LogLoss, ProberMetrics, RunRow
from monitor.results.log.rows import COLUMNS, FIRST_FORM_COLUMNS, OUTCOMES, read_era, result_of
from monitor.results.log.set_aside import FileId, file_id

T = TypeVar("T")
Read: TypeAlias = Callable[[str, tuple[object, ...]], list[T]]
"""Reads the rows that meet a condition, with its values."""

_log = logging.getLogger(__name__)
_RUN_COLUMNS = "seq, check_id, location, slot, revision, outcome, failure, era"
_FIRST_FORM_RUN_COLUMNS = _RUN_COLUMNS.replace("era", "0")
_ALL = "SELECT (SELECT min(seq) FROM result), (SELECT max(seq) FROM result)"
_RANGES = (
    "SELECT first_seq, last_seq FROM day WHERE day >= ?"
    " UNION ALL SELECT first_seq, last_seq FROM unindexed ORDER BY 1"
)
_COMPLETE = (
    "SELECT (SELECT count(*) FROM mark),"
    " (SELECT max(complete_from) FROM mark WHERE complete_from <= ?)"
)
_PICKED = 500

# In two subqueries, for one would walk through all rows between the ends.
_ENDS = "SELECT (SELECT min(seq) FROM result WHERE seq > ?), (SELECT max(seq) FROM result)"


def open_reader(path: Path) -> SqliteResultReader:
    """A reader of a log that may not be there yet; until then it reads as empty."""
    return SqliteResultReader(path)


class SqliteResultReader:
    """Implements `monitor.results.log.ports.ResultReader`; threads may share it.

    Each read ends before it returns, so no snapshot is held that would keep the WAL growing.
    Raises sqlite3.Error where the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._end: tuple[int, int] | None = None
        """(cursor, version) at which the last read found nothing."""
        self._ends_before: dict[int, int] = {}
        """Where the log was first found to end, for each cursor that lies ahead of that."""
        self._is_second_form = False
        self._eras: Sequence[Era] = (FIRST_ERA,)
        self._file: FileId | None = None

    def read(self, after: int, limit: int) -> Sequence[LoggedResult]:
        """The rows after a cursor. Where nothing was committed since none were found, it only reads
        the file's version."""
        with self._lock:
            version = self._version()
            if version is None or self._end == (after, version):
                return ()
            rows = self._behind(after, limit, self._results)
            self._end = None if rows else (after, version)
        return [result_of(row) for row in rows]

    def depth(self, after: int) -> int:
        """How many rows stand after a cursor; `seq` has no holes, so the ends give it."""
        with self._lock:
            rows = self._rows(_ENDS, (after,))
        return rows[0][1] - rows[0][0] + 1 if rows and rows[0][0] is not None else 0

    def newest(self) -> int:
        """The last row's place; 0 while there is none."""
        with self._lock:
            rows = self._rows(_ENDS, (0,))
        return int(rows[0][1] or 0) if rows else 0

    def ranges(self, since: Second) -> Sequence[tuple[int, int]]:
        """From the days that the writer stores; all rows where it stores none yet."""
        with self._lock:
            query = _RANGES if self._is_indexed() else _ALL
            rows = self._rows(query, () if query is _ALL else (since // DAY,))
        return _joined(row for row in rows if row[0] is not None)

    def between(self, first: int, last: int, checks: Collection[CheckId]) -> Sequence[RunRow]:
        """Reads through that range. Few checks are selected within SQLite, for most of a row's cost
        is to bring it out."""
        picked = tuple(checks) if len(checks) <= _PICKED else ()
        only = f" AND check_id IN ({','.join('?' * len(picked))})" if picked else ""
        with self._lock:
            is_indexed = self._is_indexed()
            columns, real = (
                (_RUN_COLUMNS, " AND NOT absurd") if is_indexed else (_FIRST_FORM_RUN_COLUMNS, "")
            )
            rows = self._rows(
                f"SELECT {columns} FROM result WHERE seq BETWEEN ? AND ?{real}{only} ORDER BY seq",  # noqa: S608
                (first, last, *picked),
            )
        runs = map(_run_row, rows)
        return list(runs) if picked else [run for run in runs if run.check in checks]

    def complete_from(self, until: Second) -> Second | None:
        with self._lock:
            rows = self._rows(_COMPLETE, (until + DAY,)) if self._is_indexed() else []
        if not rows or not rows[0][0]:
            return None
        return Second(rows[0][1] or 0)

    def eras(self) -> Sequence[Era]:
        """They are read again where there is a new one."""
        with self._lock:
            newest = self._of_eras("SELECT coalesce(max(number), 0) FROM era")
            if newest and newest[0][0] != self._eras[-1].number:
                rows = self._of_eras("SELECT told FROM era ORDER BY number")
                self._eras = (FIRST_ERA, *(read_era(text) for (text,) in rows))
            return self._eras

    def anchor(self) -> ClockAnchor | None:
        with self._lock:
            rows = self._of_eras("SELECT anchor FROM anchor")
        return ClockAnchor(**json.loads(rows[0][0])) if rows else None

    def losses(self) -> Sequence[LogLoss]:
        with self._lock:
            has_losses = self._rows("SELECT 1 FROM sqlite_master WHERE name = 'lost'", ())
            rows = self._rows("SELECT told FROM lost ORDER BY at", ()) if has_losses else []
        return [LogLoss(**json.loads(text)) for (text,) in rows]

    def metrics(self) -> ProberMetrics | None:
        with self._lock:
            rows = self._rows("SELECT figures FROM figures", ())
        return ProberMetrics(**json.loads(rows[0][0])) if rows else None

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection | None:
        """The connection to the log that is in the place now: another file may have come there."""
        present = file_id(self._path)
        if self._connection is not None and present != self._file:
            self._connection.close()
            self._connection = None
        if self._connection is None:
            self._connection = connect_reader(self._path)
            self._file = present
            self._end = None
            self._ends_before = {}
            self._is_second_form = False
            self._eras = (FIRST_ERA,)
        return self._connection

    def _behind(self, after: int, limit: int, read: Read[T]) -> list[T]:
        """The rows behind a cursor. One that is ahead of a log which is still written is of another
        log, of which this is an older copy: what is new in it is read all the same."""
        behind = "seq > ? ORDER BY seq LIMIT ?"
        rows = read(behind, (after, limit))
        if rows or not after:
            return rows
        ended = self._ended_before(after)
        return [] if ended is None else read(behind, (ended, limit))

    def _ended_before(self, cursor: int) -> int | None:
        """Where the log ended when this cursor was first found ahead of it. None where the cursor
        is not ahead, and until the log grows: its writer may still correct what has come there."""
        end = max((row[0] or 0 for row in self._rows("SELECT max(seq) FROM result", ())), default=0)
        if not end or end >= cursor:
            self._ends_before.pop(cursor, None)
            return None
        ended = self._ends_before.setdefault(cursor, end)
        if ended == end:
            return None
        _log.warning("log.cursor_ahead", extra={"cursor": cursor, "read_from": ended})
        return ended

    def _results(self, condition: str, values: tuple[object, ...]) -> list[Any]:
        """Whole rows; those of a log that has no eras are of the first one."""
        columns = COLUMNS if self._is_indexed() else FIRST_FORM_COLUMNS
        return self._rows(f"SELECT {columns} FROM result WHERE {condition}", values)  # noqa: S608

    def _of_eras(self, query: str) -> list[Any]:
        return self._rows(query, ()) if self._is_indexed() else []

    def _is_indexed(self) -> bool:
        """Whether the log has days and eras. It is queried until it has: the prober upgrades the
        log while readers have it open."""
        connection = self._open()
        if not self._is_second_form and connection is not None:
            version = _one(connection.execute("PRAGMA user_version"))
            self._is_second_form = version >= SCHEMA_VERSION
        return self._is_second_form

    def _version(self) -> int | None:
        """It changes whenever the writer commits; None while there is no log."""
        connection = self._open()
        return None if connection is None else _one(connection.execute("PRAGMA data_version"))

    def _rows(self, query: str, values: tuple[object, ...]) -> list[Any]:
        connection = self._open()
        return [] if connection is None else connection.execute(query, values).fetchall()


def _one(cursor: sqlite3.Cursor) -> int:
    (value,) = cursor.fetchone()
    return int(value)


def _run_row(
    row: tuple[int, CheckId, LocationId, Second, int, str, FailureId | None, int],
) -> RunRow:
    seq, check, location, slot, revision, outcome, failure, era = row
    return RunRow(seq, check, location, slot, revision, OUTCOMES[outcome], failure, era)


def _joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges in order of their starts, joined into ranges that do not touch."""
    out: list[tuple[int, int]] = []
    for first, last in ranges:
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return out
