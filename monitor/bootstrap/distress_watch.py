"""What is wrong with the disk and the journal, seen and told without either."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from monitor.bootstrap.core_figures import disk_figures
from monitor.engine.distress import Distress, Trouble

EVERY_S = 5.0
SILENT_S = 5.0
"""A tick comes twice a second; so long without one, and the journal fails or hangs."""
NO_ROOM = 256 << 10
"""Bytes of room with which SQLite cannot be counted upon to commit."""
_log = logging.getLogger("core")


async def watch_over(distress: Distress, data_dir: Path, silent_s: Callable[[], float]) -> None:
    """For ever. `silent_s` tells how long ago a tick came through."""
    while True:
        try:
            distress.see(_trouble(data_dir, silent_s()))
            await distress.deliver()
        except Exception:  # noqa: BLE001 - what decides and tells outages goes on without it
            _log.exception("distress.failed")
        await asyncio.sleep(EVERY_S)


def _trouble(data_dir: Path, silent_s: float) -> Trouble | None:
    disk = disk_figures(data_dir)
    if disk is not None and disk.free < NO_ROOM:
        return Trouble.FULL
    return Trouble.JOURNAL if silent_s > SILENT_S else None
