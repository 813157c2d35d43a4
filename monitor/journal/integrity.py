"""Damage in the middle of a SQLite journal is found before somebody needs what stood there."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from monitor.journal.database import is_damage, is_sqlite, parse_url, sqlite_file
from monitor.journal.ports import JournalDamaged, JournalError


def check_integrity(url: str) -> None:
    """Read all of it once, on a connection of its own that keeps no writer waiting; of PostgreSQL
    its own tools take care. Raises JournalDamaged, or JournalError where it cannot be read now."""
    parsed = parse_url(url)
    if not is_sqlite(parsed):
        return
    file = sqlite_file(parsed)
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise (JournalDamaged if is_damage(error) else JournalError)(f"{file}: {error}") from error
    if said != "ok":
        raise JournalDamaged(f"{file}: {' '.join(said.split())}")
