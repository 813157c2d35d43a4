"""What is left of the day in which nothing is dropped, in a file of its own."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path


class QuietFile:
    """Implements `monitor.results.log.retention.QuietTime`. Never raises: where the disk is
    full the time is counted again from the last value written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> float:
        try:
            left_s = float(self._path.read_text("ascii"))
        except (OSError, ValueError):
            return 0.0
        return left_s if math.isfinite(left_s) else 0.0

    def write(self, left_s: float) -> None:
        with contextlib.suppress(OSError):
            if left_s <= 0:
                self._path.unlink(missing_ok=True)
                return
            aside = self._path.with_name(f"{self._path.name}.aside")
            aside.write_text(f"{left_s:.0f}\n", "ascii")
            aside.replace(self._path)
