"""The lock of a SQLite journal: `flock` on a file beside it, freed when its holder dies."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType

from sqlalchemy.engine import URL

from monitor.journal.database import sqlite_file
from monitor.journal.locks.ports import LeaseTaken
from monitor.journal.ports import Deposed


class FileLock:
    """The file says who holds the lock. It stays: a lock on a removed file guards nothing."""

    def __init__(self, url: URL) -> None:
        database = sqlite_file(url)
        self._database = database
        self._file: tuple[int, int] | None = None
        self._path = database.with_name(f"{database.name}.lock")
        self._fd: int | None = None

    def __enter__(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Not inherited by children (PEP 446): the lock ends with this process.
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            raise LeaseTaken(_refusal(self._path)) from None
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{socket.gethostname()} {os.getpid()}\n".encode(), 0)
        self._fd = fd

    def keep(self) -> None:
        """A process cannot lose a `flock` while it lives, but the journal may be moved away or
        replaced: what is written then is found by nobody. Raises Deposed."""
        present = _file_id(self._database)
        if self._file is None:
            self._file = present
        if present is None or present != self._file:
            done = "moved away" if present is None else "replaced by another file"
            raise Deposed(f"the journal {self._database} was {done} while it was in use")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _file_id(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _refusal(path: Path) -> str:
    host, _, pid = path.read_text("utf-8").strip().partition(" ")
    # A holder writes its name right after taking the lock; a reader may come in between.
    holder = f"on {host or 'an unknown host'} (pid {pid or 'not yet known'})"
    return f"another core holds this journal: {holder}, by {path}; stop it first"
