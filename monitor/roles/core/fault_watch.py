"""Finds and reports what is wrong with the disk, the journal and the routes, without using them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.alerting.direct_alerts import PATIENCE_S, DirectAlerts
from monitor.alerting.unrecorded_alerts import UnrecordedAlerts
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.roles.core.collector import disk_metrics
from monitor.roles.core.held_journal import HeldJournal
from monitor.state.unrecorded import UnrecordedStatus

EVERY_S = 2.0
SILENT_S = 5.0
"""A tick comes twice a second. After so long without one the journal fails or hangs."""
NO_ROOM = 256 << 10
"""With fewer free bytes than this SQLite cannot be relied upon to commit."""
_log = logging.getLogger("core")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is asked each time. `silent_s` is how many seconds ago a tick came through the journal,
    `is_undelivered` whether no route takes an alert, `unrecorded` what is not recorded yet; None
    where all is."""

    data_dir: Path
    held: HeldJournal
    silent_s: Callable[[], float]
    is_undelivered: Callable[[], bool]
    unrecorded: Callable[[], Sequence[UnrecordedStatus] | None]


async def watch_over(
    watched: Watched,
    fault_alerts: DirectAlerts,
    undelivered_alerts: DirectAlerts,
    unrecorded_alerts: UnrecordedAlerts,
) -> None:
    """Runs for ever. What no route takes is tried on all targets of the routes, until one takes
    it."""
    while True:
        try:
            await watched.held.look()
            _see_fault(watched, fault_alerts)
            undelivered = SystemAlert.ALERTS_UNDELIVERED if watched.is_undelivered() else None
            undelivered_alerts.see(undelivered)
            # Only beside the message that says why they are not incidents.
            is_told = fault_alerts.reported is SystemAlert.JOURNAL_HELD
            unrecorded_alerts.see(watched.unrecorded() if is_told else None)
            await asyncio.gather(
                fault_alerts.deliver(), undelivered_alerts.deliver(), unrecorded_alerts.deliver()
            )
        except Exception:  # noqa: BLE001 - what decides and reports outages goes on without it
            _log.exception("distress.failed")
        await asyncio.sleep(EVERY_S)


def _see_fault(watched: Watched, alerts: DirectAlerts) -> None:
    disk = disk_metrics(watched.data_dir)
    if disk is not None and disk.free < NO_ROOM:
        alerts.see(SystemAlert.DISK_FULL)
    elif watched.held.is_worth_telling:
        # Whoever can free it is named: there is nothing to wait for.
        alerts.see(SystemAlert.JOURNAL_HELD, watched.held.about, patience_s=0.0)
    elif watched.silent_s() > SILENT_S:
        alerts.see(SystemAlert.JOURNAL_AWAY, patience_s=PATIENCE_S)
    else:
        alerts.see(None)
