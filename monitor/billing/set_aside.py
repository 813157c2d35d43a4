"""Parts of a month that were computed before it is issued, as files of one folder.

They are worth some seconds of work and nothing else: a file that is lost or damaged is made again.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from monitor.runtime.kill_points import reached


class SetAsideFiles:
    """Implements `credits.report.chunk.SetAside`. The folder is made with its first file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, name: str, packed: bytes) -> None:
        """Written beside it and renamed, so that nobody finds half a file."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        fresh = self._folder / f".{name}.{os.getpid()}"
        fresh.write_bytes(packed)
        reached("closing.part.before")
        fresh.replace(self._folder / name)
        reached("closing.part.after")

    def clear(self) -> None:
        with suppress(FileNotFoundError):
            shutil.rmtree(self._folder)
