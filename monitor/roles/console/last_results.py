"""The last result of each check, from the newest part of the result log, followed as it grows."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

import structlog

from monitor.domain.checks.observation import LoggedResult, Result
from monitor.results.log.ports import FoldKey
from monitor.results.log.result_log import open_reader

_BACK = 5_000
"""How many rows before the core's place are read at first."""
_BATCH = 1_000
_MOST_BATCHES = 20


class LogTail:
    """Implements `monitor.api.ports.LastResults`."""

    def __init__(self, path: Path) -> None:
        self._reader = open_reader(path)
        self._lock = Lock()
        self._read_to: int | None = None
        self._last: dict[FoldKey, Result] = {}

    def through(self, cursor: int) -> Mapping[FoldKey, Result]:
        """Results that came after the core's place are in it too: they are as true. A log that
        cannot be read leaves what was read before."""
        with self._lock:
            is_far = self._read_to is None or cursor - self._read_to > _BACK
            # A log that begins anew has smaller places.
            is_anew = self._read_to is not None and cursor + _BACK < self._read_to
            if is_far or is_anew:
                self._read_to = max(0, cursor - _BACK)
            try:
                self._follow()
            except sqlite3.Error as error:
                structlog.get_logger().error("api.log_unreadable", error=str(error))
            return dict(self._last)

    def _follow(self) -> None:
        for _ in range(_MOST_BATCHES):
            rows = self._reader.read(self._read_to or 0, _BATCH)
            for row in rows:
                self._take(row)
            if len(rows) < _BATCH:
                return

    def _take(self, row: LoggedResult) -> None:
        self._read_to = row.seq
        result = row.result
        key = (result.check, result.location)
        before = self._last.get(key)
        if row.is_absurd:
            return
        if before is None or (before.era, before.slot) < (result.era, result.slot):
            self._last[key] = result
