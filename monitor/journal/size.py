"""How much room a journal takes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from monitor.journal.database import explain, is_sqlite, open_reading, parse_url, sqlite_file

_SIZE = "SELECT pg_database_size(current_database())"


def journal_bytes(url: str) -> int:
    """Of the file and what waits beside it, or of the whole database. Raises JournalError, or
    OSError where there is no file."""
    parsed = parse_url(url)
    if is_sqlite(parsed):
        file = sqlite_file(parsed)
        beside = file.with_name(f"{file.name}-wal")
        return file.stat().st_size + (beside.stat().st_size if beside.exists() else 0)
    engine = open_reading(parsed)
    try:
        with engine.connect() as connection:
            return int(connection.execute(sa.text(_SIZE)).scalar_one())
    except SQLAlchemyError as error:
        raise explain(parsed, error) from error
    finally:
        engine.dispose()
