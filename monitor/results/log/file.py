"""The result log's file: its tables, how a writer and a reader open it, and who may write."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path

from monitor.runtime.sqlite_file import BUSY_S, connect

SCHEMA_VERSION = 2
FIRST_VERSION = 1
"""Without days and eras: the writer upgrades such a file."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS result (
    seq INTEGER PRIMARY KEY,
    location TEXT NOT NULL,
    check_id TEXT NOT NULL,
    slot INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    failure TEXT,
    message TEXT NOT NULL,
    phases TEXT,
    evidence TEXT,
    era INTEGER NOT NULL DEFAULT 0,
    absurd INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS era (
    number INTEGER PRIMARY KEY,
    first_seq INTEGER NOT NULL,
    told TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS anchor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    anchor TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS memory (
    location TEXT NOT NULL,
    check_id TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (location, check_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS figures (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    figures TEXT NOT NULL
);
-- Which rows a UTC day of slots may be among: `last_seq` runs ahead of the rows.
CREATE TABLE IF NOT EXISTS day (
    day INTEGER PRIMARY KEY,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL
);
-- The first row that was logged in each day of the logging clock, and where that clock stands.
CREATE TABLE IF NOT EXISTS logged (
    day INTEGER PRIMARY KEY,
    first_seq INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS logging_clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seconds INTEGER NOT NULL,
    wall INTEGER NOT NULL
);
-- Seconds before which slots may be missing: one for the log's birth, one a day that lost rows.
CREATE TABLE IF NOT EXISTS mark (
    complete_from INTEGER PRIMARY KEY
);
-- The rows of an older version that no day covers yet.
CREATE TABLE IF NOT EXISTS unindexed (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL
);
INSERT OR IGNORE INTO unindexed
    SELECT 1, (SELECT min(seq) FROM result), (SELECT max(seq) FROM result)
    WHERE EXISTS (SELECT 1 FROM result);
"""


class LogTaken(Exception):
    """Another process writes this log; the message names the file and its pid."""


def connect_writer(path: Path) -> sqlite3.Connection:
    """With tables, in WAL mode; a commit is on the disk when it returns. Raises sqlite3.Error."""
    return connect(path, _SCHEMA, SCHEMA_VERSION, synchronous="FULL", upgrade=_upgrade)


def _upgrade(connection: sqlite3.Connection, found: int) -> None:
    """Rows written before are of era 0; no row is touched."""
    if found == FIRST_VERSION:
        for column in ("era", "absurd"):
            if column not in columns_of(connection):
                connection.execute(
                    f"ALTER TABLE result ADD COLUMN {column} INTEGER NOT NULL DEFAULT 0"
                )


def columns_of(connection: sqlite3.Connection) -> frozenset[str]:
    """The columns of the result table: a log of the version before has fewer."""
    return frozenset(row[1] for row in connection.execute("PRAGMA table_info(result)"))


def connect_reader(path: Path) -> sqlite3.Connection | None:
    """Read-only; None while nobody has made the log yet. A log of the version before is read as
    well, until its prober is restarted. Raises sqlite3.Error."""
    if not path.exists():
        return None
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        # A writer that has only just made the file sets the version last.
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if FIRST_VERSION <= version <= SCHEMA_VERSION:
            return connection
    except sqlite3.Error:
        connection.close()
        raise
    connection.close()
    return None


class WriterLock:
    """One writer a log. A file beside it is locked until `release`, or until its holder dies."""

    def __init__(self, log: Path) -> None:
        """Raises LogTaken, or OSError."""
        path = log.with_name(f"{log.name}.lock")
        self._is_held = True
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._descriptor, 32).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise LogTaken(f"{log} is written by another process (pid {holder})") from None
        # On a full disk the pid may be missing; the lock holds all the same.
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            pass

    def release(self) -> None:
        if self._is_held:
            self._is_held = False
            os.close(self._descriptor)
