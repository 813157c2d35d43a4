"""Finds damage in the middle of a SQLite journal before somebody needs the damaged part."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from monitor.journal.database import is_damage, is_sqlite, parse_url, sqlite_file
from monitor.journal.ports import JournalDamaged, JournalError


def check_integrity(url: str) -> None:
    """Read the whole journal once, on a separate connection that keeps no writer waiting. Does
    nothing for PostgreSQL, which has its own tools for it. Raises JournalDamaged, or JournalError
    where the journal cannot be read now."""
    parsed = parse_url(url)
    if not is_sqlite(parsed):
        return
    file = sqlite_file(parsed)
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            (result,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise (JournalDamaged if is_damage(error) else JournalError)(f"{file}: {error}") from error
    if result != "ok":
        raise JournalDamaged(f"{file}: {' '.join(result.split())}")
