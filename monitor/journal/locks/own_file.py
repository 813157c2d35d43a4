"""Whether the file of a SQLite journal is still the one that its core writes. It also finds a file
that was copied over it: the same name and inode, but other pages under our write-ahead log.

Files are distinguished by the row of the lease's holder: each start of a core writes it anew, and
the holder advances its time. The row is read from the file alone, without the log and all caches.
There it is as old as the last checkpoint, and never older than what stood there before.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import NoReturn

from monitor.journal.database import is_damage
from monitor.journal.ports import Deposed, JournalDamaged

_STAMP_S = 60.0
_FOREIGN_AFTER = 2
_DAMAGED_AFTER = 4
"""After so many failed checks in a row a file without our table counts as another one, and a file
that cannot be read as damaged. Before that, a copy may be half done."""
_Row = tuple[int, str, int, int]
_HOLDER = "SELECT epoch, host, pid, taken_at FROM core_epoch"
_ADVANCE = (
    "UPDATE core_epoch SET taken_at = max(taken_at + 1, CAST(strftime('%s', 'now') AS INTEGER))"
    " WHERE epoch = ?"
)


class OwnFile:
    """Created after the lease is taken and the epoch incremented; may raise sqlite3.Error then."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            self._own_row: _Row = connection.execute(_HOLDER).fetchone()
            # So that the file has the row from now on; where a reader prevents it, later.
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        self._former_row = _read_former_row(file)
        self._seen_taken_at = -1
        self._failures = 0
        self._stamped_at = time.monotonic()

    def check(self) -> None:
        """Raises Deposed where the file holds something that we never wrote, JournalDamaged where
        it cannot be read."""
        try:
            found = _read_row(self._file)
        except sqlite3.Error as error:
            self._count_failure(error)
            return
        self._failures = 0
        if not self._is_own(found):
            self._abandon_file()
        self._stamp()

    def _is_own(self, found: _Row | None) -> bool:
        if found is None:
            return self._is_unwritten(found)
        *holder, taken_at = found
        if holder == [*self._own_row[:3]] and taken_at >= max(
            self._seen_taken_at, self._own_row[3]
        ):
            self._seen_taken_at = taken_at
            return True
        return self._is_unwritten(found)

    def _is_unwritten(self, found: _Row | None) -> bool:
        """Whether no checkpoint has reached the file since the lease was taken."""
        return self._seen_taken_at < 0 and found == self._former_row

    def _count_failure(self, error: sqlite3.Error) -> None:
        is_damaged = is_damage(error)
        is_foreign = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        if self._is_unwritten(None) or not (is_damaged or is_foreign):
            return
        self._failures += 1
        if is_damaged and self._failures >= _DAMAGED_AFTER:
            # The disk is as likely the cause as a person: our log may be what repairs the file.
            raise JournalDamaged(f"{self._file}: {error}")
        if is_foreign and self._failures >= _FOREIGN_AFTER:
            self._abandon_file()

    def _abandon_file(self) -> NoReturn:
        """Empty and remove our log: it belongs to pages that are gone, and would be written over
        the new ones. An empty log cannot be copied into any file, not even by a process that still
        has it open."""
        wal, index = (self._file.with_name(f"{self._file.name}-{end}") for end in ("wal", "shm"))
        with suppress(OSError):
            os.truncate(wal, 0)
        for path in (wal, index):
            with suppress(OSError):
                path.unlink()
        raise Deposed(
            f"the journal {self._file} was overwritten by another file while it was in use; "
            "stop the product before you copy a journal into the place, and copy it once more"
        )

    def _stamp(self) -> None:
        """Advance our row's time, by which a copy older than our last checkpoint is noticed."""
        if time.monotonic() - self._stamped_at < _STAMP_S:
            return
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(self._file, timeout=1, isolation_level=None)) as connection,
        ):
            connection.execute(_ADVANCE, (self._own_row[0],))
            self._stamped_at = time.monotonic()


def _read_row(file: Path) -> _Row | None:
    """The row as SQLite reads a file that nobody writes: without its log. SQLite knows of our other
    connections to the file; an `open` and `close` of our own would release their locks."""
    uri = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        found: _Row | None = connection.execute(_HOLDER).fetchone()
    return found


def _read_former_row(file: Path) -> _Row | None:
    with suppress(sqlite3.Error):
        return _read_row(file)
    return None
