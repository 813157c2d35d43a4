"""Whether the file of a SQLite journal is still the one that its core writes, where another was
copied over it as well: the same name and inode, and other pages under our write-ahead log.

The holder's row of the lease tells files apart, for each core's start writes it anew, and the
holder moves its time on. It is read past the log and all caches, from the file alone: there it is
as old as the last checkpoint, and never older than what stood there before.
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
_FOREIGN_AT = 2
_DAMAGED_AT = 4
"""At which look on end a file without our table is another one, and one that cannot be read is
damaged: a copy may be half done before."""
_Row = tuple[int, str, int, int]
_HOLDER = "SELECT epoch, host, pid, taken_at FROM core_epoch"
_MOVE_ON = (
    "UPDATE core_epoch SET taken_at = max(taken_at + 1, CAST(strftime('%s', 'now') AS INTEGER))"
    " WHERE epoch = ?"
)


class OwnFile:
    """Made once the lease is taken and its epoch counted. Raises sqlite3.Error."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            self._mine: _Row = connection.execute(_HOLDER).fetchone()
            # So that the file has it from now on; a reader may be in the way, then it has it later.
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        self._former = _held_before(file)
        self._seen = -1
        self._failed = 0
        self._stamped_at = time.monotonic()

    def look(self) -> None:
        """Raises Deposed where the file holds something else than we ever wrote, JournalDamaged
        where it cannot be read."""
        try:
            found = _in_the_file(self._file)
        except sqlite3.Error as error:
            self._doubt(error)
            return
        self._failed = 0
        if not self._is_mine(found):
            self._part_from_it()
        self._stamp()

    def _is_mine(self, found: _Row | None) -> bool:
        if found is None:
            return self._is_unwritten(found)
        *holder, taken_at = found
        if holder == [*self._mine[:3]] and taken_at >= max(self._seen, self._mine[3]):
            self._seen = taken_at
            return True
        return self._is_unwritten(found)

    def _is_unwritten(self, found: _Row | None) -> bool:
        """No checkpoint has reached the file since the lease was taken."""
        return self._seen < 0 and found == self._former

    def _doubt(self, error: sqlite3.Error) -> None:
        is_damaged = is_damage(error)
        is_foreign = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        if self._is_unwritten(None) or not (is_damaged or is_foreign):
            return
        self._failed += 1
        if is_damaged and self._failed >= _DAMAGED_AT:
            # By the disk as likely as by a person: our log may be what mends it.
            raise JournalDamaged(f"{self._file}: {error}")
        if is_foreign and self._failed >= _FOREIGN_AT:
            self._part_from_it()

    def _part_from_it(self) -> NoReturn:
        """What is in our log belongs to pages that are gone, and would be written over those that
        came: emptied, it can be copied into nothing, also by whoever has it open still."""
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
        """A copy that is older than this run's last checkpoint is known by it."""
        if time.monotonic() - self._stamped_at < _STAMP_S:
            return
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(self._file, timeout=1, isolation_level=None)) as connection,
        ):
            connection.execute(_MOVE_ON, (self._mine[0],))
            self._stamped_at = time.monotonic()


def _in_the_file(file: Path) -> _Row | None:
    """As SQLite reads a file that nobody writes: without its log. It knows of our other connections
    to it, which an `open` and `close` of our own would take the locks from."""
    uri = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        found: _Row | None = connection.execute(_HOLDER).fetchone()
    return found


def _held_before(file: Path) -> _Row | None:
    with suppress(sqlite3.Error):
        return _in_the_file(file)
    return None
