"""An inbox in SQLite: its one writer, and a reader that never locks it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from monitor.domain.checks.observation import Json
from monitor.inbox.ports import UNREADABLE, InboxFull, InboxRow, InboxUnavailable, Unread
from monitor.runtime.kill_points import reached
from monitor.runtime.sqlite_file import connect

_T = TypeVar("_T")
MOST_ROWS = 20_000
MOST_BYTES = 16 << 20
_VERSION = 1
_SCHEMA = """
CREATE TABLE row (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE lineage (id TEXT NOT NULL);
INSERT INTO lineage VALUES (lower(hex(randomblob(8))));
"""


class Inbox:
    """The writer. It holds at most so many rows and bytes that nobody has read."""

    def __init__(
        self, path: Path, *, most_rows: int = MOST_ROWS, most_bytes: int = MOST_BYTES
    ) -> None:
        """Opened at the first use, and again after it failed."""
        self._path = path
        self._most_rows, self._most_bytes = most_rows, most_bytes
        self._connection: sqlite3.Connection | None = None
        self._rows = self._bytes = 0

    def append(self, kind: str, body: Mapping[str, Json]) -> None:
        """As the port says."""
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        with self._opened() as connection:
            size = len(text.encode())
            if self._rows >= self._most_rows or self._bytes + size > self._most_bytes:
                raise InboxFull(f"{self._path.name} holds {self._rows} rows that nobody read")
            reached("inbox.append.before")
            connection.execute("INSERT INTO row (kind, body) VALUES (?, ?)", (kind, text))
            reached("inbox.append.after")
            self._rows, self._bytes = self._rows + 1, self._bytes + size

    def lineage(self) -> str:
        """The file's own. Raises InboxUnavailable."""
        with self._opened() as connection:
            return _lineage(connection)

    def prune(self, through: int) -> None:
        """Delete what was read, without a trace in the file: rows hold addresses. Raises
        InboxUnavailable."""
        with self._opened() as connection:
            deleted = connection.execute("DELETE FROM row WHERE seq <= ?", (through,)).rowcount
            if deleted:
                self._count(connection)
            # Where a reader was in the way, the next call finds the log of writes again.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _count(self, connection: sqlite3.Connection) -> None:
        # Bytes as UTF-8, as `append` counts them.
        asked = "SELECT count(*), coalesce(sum(length(CAST(body AS BLOB))), 0) FROM row"
        self._rows, self._bytes = connection.execute(asked).fetchone()

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._connection is None:
                self._connection = self._open()
                self._count(self._connection)
            yield self._connection
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise InboxUnavailable(f"{self._path}: {error}") from error

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o750, exist_ok=True)
        # Made for its owner and group alone before anything is written: rows hold addresses.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o640))
        connection = connect(self._path, _SCHEMA, _VERSION, synchronous="FULL")
        connection.execute("PRAGMA secure_delete = ON")
        return connection


class InboxReader:
    """Reads the file that another process writes; it need not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._opened_file: tuple[int, int] | None = None

    def lineage(self) -> str:
        return self._read(_lineage) or ""

    def unread(self, after: int, limit: int) -> Unread:
        return self._read(lambda c: _unread(c, after, limit)) or Unread(lineage="", rows=())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _read(self, ask: Callable[[sqlite3.Connection], _T]) -> _T | None:
        """None where the file is not there yet, or was begun a moment ago."""
        try:
            connection = self._current()
            return None if connection is None else ask(connection)
        except sqlite3.Error as error:
            self.close()
            if "no such table" in str(error):
                return None
            raise InboxUnavailable(f"{self._path}: {error}") from error

    def _current(self) -> sqlite3.Connection | None:
        """A connection to the file that is there now: it may have been replaced."""
        try:
            found = self._path.stat()
        except OSError:
            self.close()
            return None
        identity = (found.st_dev, found.st_ino)
        if self._connection is None or identity != self._opened_file:
            self.close()
            uri = f"{self._path.absolute().as_uri()}?mode=rw"
            self._connection = sqlite3.connect(
                uri, uri=True, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA query_only = ON")
            self._opened_file = identity
        return self._connection


def _lineage(connection: sqlite3.Connection) -> str:
    (found,) = connection.execute("SELECT id FROM lineage").fetchone()
    return str(found)


def _unread(connection: sqlite3.Connection, after: int, limit: int) -> Unread:
    # As bytes: a text that is damaged would end the whole answer.
    asked = (
        "SELECT seq, CAST(kind AS BLOB), CAST(body AS BLOB) FROM row WHERE seq > ?"
        " ORDER BY seq LIMIT ?"
    )
    rows = [_row(*found) for found in connection.execute(asked, (after, limit))]
    return Unread(lineage=_lineage(connection), rows=rows)


def _row(seq: int, kind: bytes, written: bytes) -> InboxRow:
    """`UNREADABLE` where it is not what was appended: those behind it have their turn."""
    try:
        body = json.loads(written)
        if isinstance(body, dict):
            return InboxRow(seq=seq, kind=kind.decode(), body=body)
    except (ValueError, RecursionError):
        pass
    return InboxRow(seq=seq, kind=UNREADABLE, body={})
