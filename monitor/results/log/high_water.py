"""How far the numbers of a result log's rows have gone, in a file of its own beside the log.

Readers' cursors stand in a log that may be damaged, removed or replaced by an older copy, and the
clock that could give a number behind them all may be wrong. So numbers are reserved in blocks, on
the disk before a row has one of them: whatever log comes next begins behind the block.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from monitor.runtime.folders import sync_folder

RESERVED = 1_000_000
"""Numbers in a block: an hour of the largest installation, for one small write."""
_FIELDS = 3


class HighWater:
    """Of one log, for its one writer. `last` is a row that was committed, `reserved` the last
    number that a row may ever have had, `newest` the latest second that was counted; 0 where it is
    not known."""

    def __init__(self, log: Path) -> None:
        # Not named like SQLite's own files: whoever removes `results.db*` leaves it.
        self._path = log.with_suffix(".seq")
        self.last, self.reserved, self.newest = _read(self._path)

    def reserve(self, seq: int) -> None:
        """Rows up to that one may be committed. On the disk when it returns. Raises OSError."""
        if seq > self.reserved:
            self._write(seq + RESERVED, is_durable=True)
            self.reserved = seq + RESERVED

    def took(self, last: int, now: int) -> None:
        """Rows up to this one were committed."""
        self.last, self.newest = max(self.last, last), max(self.newest, now)

    def save(self) -> None:
        """Store what was taken, for the next start. Never raises: to be a little behind is safe."""
        if self.reserved:
            with suppress(OSError):
                self._write(self.reserved, is_durable=False)

    def _write(self, reserved: int, *, is_durable: bool) -> None:
        """In place, of one length, within one sector: at no moment is the file without content."""
        text = f"{self.last:020d} {reserved:020d} {self.newest:020d}\n".encode("ascii")
        is_new = not self._path.exists()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.pwrite(descriptor, text, 0)
            if is_durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(self._path.parent)


def _read(path: Path) -> tuple[int, int, int]:
    with suppress(OSError, ValueError):
        found = [int(word) for word in path.read_text("ascii").split()]
        if len(found) == _FIELDS and 0 <= found[0] <= found[1]:
            return found[0], found[1], found[2]
    return 0, 0, 0
