"""Finds and reports what is wrong with the disk, the journal and the routes, without using them."""

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
"""A tick comes twice a second. After so long without one the journal fails or hangs."""
NO_ROOM = 256 << 10
"""With fewer free bytes than this SQLite cannot be relied upon to commit."""
_log = logging.getLogger("core")


async def watch_over(
    fault_alerts: DirectAlerts,
    undelivered_alerts: DirectAlerts,
    data_dir: Path,
    silent_s: Callable[[], float],
    is_undelivered: Callable[[], bool],
) -> None:
    """Runs for ever. `silent_s` returns how many seconds ago a tick came through, `is_undelivered`
    whether no route takes an alert. That is then tried on all targets of the routes, until one
    takes it."""
    while True:
        try:
            fault_alerts.see(_present_fault(data_dir, silent_s()))
            undelivered_alerts.see(SystemAlert.ALERTS_UNDELIVERED if is_undelivered() else None)
            await asyncio.gather(fault_alerts.deliver(), undelivered_alerts.deliver())
        except Exception:  # noqa: BLE001 - what decides and reports outages goes on without it
            _log.exception("distress.failed")
        await asyncio.sleep(EVERY_S)


def _present_fault(data_dir: Path, silent_s: float) -> SystemAlert | None:
    disk = disk_metrics(data_dir)
    if disk is not None and disk.free < NO_ROOM:
        return SystemAlert.DISK_FULL
    return SystemAlert.JOURNAL_AWAY if silent_s > SILENT_S else None
