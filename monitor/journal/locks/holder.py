"""Who holds a SQLite journal while others wait for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from monitor.journal.database import (
    HELD_BUSY_MS,
    explain_wait,
    is_sqlite,
    open_engine,
    parse_url,
    sqlite_file,
)
from monitor.journal.locks import lock_query
from monitor.journal.ports import JournalBusy
from monitor.journal.transaction import lock_out_others

_WRITE, _RECOVER = 120, 122
"""Bytes of the -shm file: https://www.sqlite.org/walformat.html#locks"""
_PENDING, _RESERVED = 0x40000000, 0x40000001
"""Bytes of the database itself, for a program that does not use the log."""
_PATIENCE_S = 5.0


def find_holder(url: str) -> int | None:
    """The process whose transaction others wait for; None where there is none, or none that can be
    seen from here. PostgreSQL ends such a transaction by itself, and nobody is named."""
    parsed = parse_url(url)
    if not is_sqlite(parsed):
        return None
    file = sqlite_file(parsed)
    index = file.with_name(f"{file.name}-shm")
    found = _ask(
        f"{index}:{_WRITE}", f"{index}:{_RECOVER}", f"{file}:{_RESERVED}", f"{file}:{_PENDING}"
    )
    return int(found) if found.isdigit() else None


def is_held(url: str) -> bool:
    """Whether a transaction could not begin now, for another one is under way. Raises JournalError
    where it could not for another reason."""
    parsed = parse_url(url)
    engine = open_engine(parsed, busy_ms=HELD_BUSY_MS)
    try:
        with engine.begin() as connection:
            lock_out_others(connection)
    except SQLAlchemyError as error:
        explained = explain_wait(parsed, error)
        if isinstance(explained, JournalBusy):
            return True
        raise explained from error
    finally:
        engine.dispose()
    return False


def _ask(*places: str) -> str:
    program = str(Path(lock_query.__file__))
    try:
        asked = subprocess.run(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-I", "-S", program, *places],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout.strip()
