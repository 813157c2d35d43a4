"""What is wrong with the disk, the journal and the routes, seen and told without any of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from monitor.alerting.direct_alerts import DirectAlerts
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.roles.core.collector import disk_metrics

EVERY_S = 5.0
SILENT_S = 5.0
"""A tick comes twice a second; so long without one, and the journal fails or hangs."""
NO_ROOM = 256 << 10
"""Bytes of room with which SQLite cannot be counted upon to commit."""
_log = logging.getLogger("core")


async def watch_over(
    distress: DirectAlerts,
    unheard: DirectAlerts,
    data_dir: Path,
    silent_s: Callable[[], float],
    is_unheard: Callable[[], bool],
) -> None:
    """For ever. `silent_s` tells how long ago a tick came through, `is_unheard` whether no route
    takes an alert: that is tried on all of their targets, until one takes it."""
    while True:
        try:
            distress.see(_trouble(data_dir, silent_s()))
            unheard.see(SystemAlert.ALERTS_UNDELIVERED if is_unheard() else None)
            await asyncio.gather(distress.deliver(), unheard.deliver())
        except Exception:  # noqa: BLE001 - what decides and tells outages goes on without it
            _log.exception("distress.failed")
        await asyncio.sleep(EVERY_S)


def _trouble(data_dir: Path, silent_s: float) -> SystemAlert | None:
    disk = disk_metrics(data_dir)
    if disk is not None and disk.free < NO_ROOM:
        return SystemAlert.DISK_FULL
    return SystemAlert.JOURNAL_AWAY if silent_s > SILENT_S else None
