"""Parts of a month that were computed before it is issued, as files of one folder.

They are worth some seconds of work and nothing else: a file that is lost, damaged or not ours to
read is made again. They hold customers' figures: what a month that was issued has left is deleted
with the next one's.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from credits.report.chunk import CannotSetAside
from monitor.runtime.kill_points import reached

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


class SetAsideFiles:
    """Implements `credits.report.chunk.SetAside`. The folder is made with its first file, for its
    owner and group alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            return None

    def put(self, name: str, packed: bytes) -> None:
        """Written beside it and renamed, so that nobody finds half a file. As the port says."""
        try:
            self._written(name, packed)
        except OSError as error:
            raise CannotSetAside(f"{error.filename or self._folder}: {error.strerror}") from error

    def clear(self) -> None:
        """What cannot be deleted stays: the month is issued by then, whatever becomes of it."""
        for folder in (self._folder, *self._earlier()):
            shutil.rmtree(folder, ignore_errors=True)

    def _earlier(self) -> Iterator[Path]:
        """What months before left: they were issued by somebody who was killed right then."""
        if not _MONTH.fullmatch(self._folder.name) or not self._folder.parent.is_dir():
            return
        for folder in self._folder.parent.iterdir():
            if _MONTH.fullmatch(folder.name) and folder.name < self._folder.name:
                yield folder

    def _written(self, name: str, packed: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        fresh = self._folder / f".{name}.{os.getpid()}"
        try:
            fresh.write_bytes(packed)
            reached("closing.part.before")
            fresh.replace(self._folder / name)
        except OSError:
            with suppress(OSError):
                fresh.unlink()
            raise
        reached("closing.part.after")
