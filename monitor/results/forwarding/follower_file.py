"""The follower's own file, `store.db`: its tables, and how it is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.results.log.ports import FoldKey
from monitor.results.stores.ports import StoreUnavailable
from monitor.runtime.sqlite_file import connect

SCHEMA_VERSION = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS position (
    reader TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subject (
    id INTEGER PRIMARY KEY,
    check_id TEXT NOT NULL,
    location TEXT NOT NULL,
    UNIQUE (check_id, location)
);
CREATE TABLE IF NOT EXISTS hour (
    start INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    looks BLOB,
    sketch BLOB NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (start, subject)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS hour_changed ON hour (start, subject) WHERE changed = 1;
CREATE TABLE IF NOT EXISTS day (
    start INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    sketch BLOB NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (start, subject)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS day_changed ON day (start, subject) WHERE changed = 1;
CREATE TABLE IF NOT EXISTS recount (
    width TEXT NOT NULL,
    start INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    PRIMARY KEY (width, start, subject)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead_letter (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    row TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS copied (
    target TEXT NOT NULL,
    check_id TEXT NOT NULL,
    location TEXT NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY (target, check_id, location, day)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS figures (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    figures TEXT NOT NULL
);
"""


class FollowerFile:
    """A connection, opened when first needed and again after a failure. One thread at a time.

    A lost position repeats work and loses nothing, so a commit need not wait for the disk: a
    transaction appears whole or not at all, also after a loss of power.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._subjects: dict[FoldKey, int] = {}

    @property
    def is_there(self) -> bool:
        return self._connection is not None or self._path.exists()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. Raises StoreUnavailable where the file cannot be written or read."""
        with self._between("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Reads of one consistent state. Raises StoreUnavailable."""
        with self._between("BEGIN") as connection:
            yield connection

    @contextmanager
    def _between(self, begin: str) -> Iterator[sqlite3.Connection]:
        """A transaction, from its beginning to its commit; any error within it closes the file."""
        try:
            connection = self._open()
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.close()
            raise StoreUnavailable(f"{self._path}: {error}") from error
        except BaseException:
            self.close()
            raise

    def subject(self, connection: sqlite3.Connection, key: FoldKey) -> int:
        """The number of a check and location; a new one where it has none. Within a transaction."""
        known = self.known_subject(connection, key)
        if known is not None:
            return known
        made = connection.execute(
            "INSERT INTO subject (check_id, location) VALUES (?, ?) RETURNING id", key
        ).fetchone()
        self._subjects[key] = made[0]
        return int(made[0])

    def known_subject(self, connection: sqlite3.Connection, key: FoldKey) -> int | None:
        known = self._subjects.get(key)
        if known is None:
            # Read one by one: of thousands of new checks at once each would read all the others.
            row = connection.execute(
                "SELECT id FROM subject WHERE check_id = ? AND location = ?", key
            ).fetchone()
            if row is None:
                return None
            known = self._subjects[key] = int(row[0])
        return known

    def close(self) -> None:
        """An open transaction is undone."""
        # A subject made in a transaction that failed has no number any more.
        self._subjects = {}
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, _SCHEMA, SCHEMA_VERSION, synchronous="NORMAL")
        return self._connection
