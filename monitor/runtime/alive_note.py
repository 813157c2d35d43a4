"""That a role works, as it notes it in its own file: for whoever asks after its health, and imports
little."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from monitor.domain.time.age import ClockReading


def read_alive(path: Path) -> ClockReading | None:
    """When it last noted so; None before the first time. Raises sqlite3.Error."""
    found = read_note(path, "alive")
    return None if found is None else ClockReading(**json.loads(found))


def read_note(path: Path, name: str) -> str | None:
    """What it noted under that name; None where it did not. Raises sqlite3.Error."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA query_only = ON")
        found = connection.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
    finally:
        connection.close()
    return None if found is None else str(found[0])
