"""Copies what can still be read of a damaged SQLite journal into a new file.

The damaged file is only read. Each table is walked by its row numbers. The walk skips a page that
cannot be read, so that one bad page costs only the rows on it or beneath it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.journal.database import parse_url
from monitor.journal.migrate import upgrade
from monitor.journal.ports import JournalError
from monitor.journal.schema import HEAD, REVISIONS

_AT_ONCE = 500
_FINENESS = 2_000
"""Behind a bad page so many rows are tried one by one. Beyond them, a step is this fraction of the
rows that could not be read so far, and the rows that the last step skipped are searched. Readable
rows between two bad pages are missed only where they are fewer than a step."""
_LAST = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredTable:
    """`is_whole`: every page of it could be read."""

    name: str
    rows: int
    is_whole: bool


def recover(damaged: Path, new: Path) -> list[RecoveredTable]:
    """Raises JournalError where the new file is there already, or nothing can be read at all."""
    if new.exists():
        raise JournalError(f"{new} is there already: name a new file")
    with closing(_open_damaged(damaged)) as source:
        revision = _revision(source)
        upgrade(parse_url(f"sqlite:///{new.absolute()}"), revision)
        with closing(sqlite3.connect(new, isolation_level=None)) as target:
            target.execute("PRAGMA foreign_keys = OFF")
            target.execute("BEGIN IMMEDIATE")
            # What was taken as a step once is not judged again, with half of it perhaps lost.
            _stamp(target, f"copying-{revision}")
            done = [_recover_table(source, target, name) for name in _tables(target)]
            _stamp(target, revision)
            target.execute("COMMIT")
    return done


def _open_damaged(damaged: Path) -> sqlite3.Connection:
    if not damaged.is_file():
        raise JournalError(f"there is no journal at {damaged}")
    source = sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)
    source.text_factory = lambda text: text.decode(errors="replace")
    try:
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        source.close()
        raise JournalError(
            f"nothing of {damaged} can be read ({error}): put back a copy of it"
        ) from error
    return source


def _revision(source: sqlite3.Connection) -> str:
    try:
        (found,) = source.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.Error, TypeError):
        return HEAD
    if found not in REVISIONS:
        raise JournalError(f"the journal has schema {found}: take the estado that made it")
    return str(found)


def _stamp(target: sqlite3.Connection, version: str) -> None:
    target.execute("UPDATE alembic_version SET version_num = ?", [version])


def _tables(target: sqlite3.Connection) -> list[str]:
    names = target.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        " AND name != 'alembic_version' ORDER BY name"
    )
    return [name for (name,) in names]


def _recover_table(
    source: sqlite3.Connection, target: sqlite3.Connection, name: str
) -> RecoveredTable:
    columns = [row[1] for row in target.execute(f"PRAGMA table_info({name})")]
    listed = ", ".join(f'"{column}"' for column in columns)
    query = f"SELECT rowid, {listed} FROM {name} WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
    insert = f"INSERT OR REPLACE INTO {name} ({listed}) VALUES ({','.join('?' * len(columns))})"  # noqa: S608
    walk = _Walk(source, query)
    rows = 0
    for batch in walk:
        if not rows:
            # The migration inserted initial rows; the journal's own rows replace them.
            target.execute(f"DELETE FROM {name}")  # noqa: S608
        target.executemany(insert, [row[1:] for row in batch])
        rows += len(batch)
    return RecoveredTable(name=name, rows=rows, is_whole=walk.is_whole)


class _Walk:
    """Yields batches of the rows that can be read, in the order of their row numbers."""

    def __init__(self, source: sqlite3.Connection, query: str) -> None:
        self._source = source
        self._query = query
        self.is_whole = True

    def __iter__(self) -> Iterator[list[tuple[Any, ...]]]:
        position = -1
        while position < _LAST:
            rows = self._read(position, _AT_ONCE) or self._read(position, 1)
            if rows is None:
                position = self._next_readable(position)
                continue
            if not rows:
                return
            yield rows
            position = rows[-1][0]

    def _next_readable(self, bad: int) -> int:
        """The first position behind a bad one from which a row can be read."""
        last_bad, step = bad, 1
        while last_bad + step < _LAST and self._read(last_bad + step, 1) is None:
            last_bad += step
            step = max(1, (last_bad - bad) // _FINENESS)
        good = last_bad + step
        while good - last_bad > 1:
            middle = (last_bad + good) // 2
            if self._read(middle, 1) is None:
                last_bad = middle
            else:
                good = middle
        return good

    def _read(self, position: int, limit: int) -> list[tuple[Any, ...]] | None:
        try:
            return self._source.execute(self._query, (position, limit)).fetchall()
        except sqlite3.Error:
            self.is_whole = False
            return None
