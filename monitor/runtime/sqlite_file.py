"""How the one process that writes a SQLite file of ours opens it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Literal

BUSY_S = 5.0
_WAL_BYTES = 8 << 20


Upgrade = Callable[[sqlite3.Connection, int], None]
"""Changes what a file of that older version has already; new tables come from the schema."""


def connect(
    path: Path,
    schema: str,
    version: int,
    *,
    synchronous: Literal["NORMAL", "FULL"],
    upgrade: Upgrade | None = None,
) -> sqlite3.Connection:
    """A connection in WAL mode, with the tables made. `synchronous` is FULL where a commit has to
    be on the disk when it returns. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found > version:
            raise sqlite3.DatabaseError(f"form {found}, this program reads {version}")
        if found != version:
            if found and upgrade is not None:
                upgrade(connection, found)
            connection.executescript(schema)
            connection.execute(f"PRAGMA user_version = {version}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
