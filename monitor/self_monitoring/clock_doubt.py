"""Whether the machine's clock is believed: reported once when it is not, and when it is again."""

from __future__ import annotations

from monitor.domain.catalogue import Catalogue
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import ClockAnchor
from monitor.self_monitoring.system_alert import raise_alert

_CURSOR = "clock_doubted_since"


def is_doubted(anchor: ClockAnchor | None) -> bool:
    return anchor is not None and anchor.distrusted_s != 0


def doubted_since(tx: JournalTransaction) -> Second | None:
    """Since when operators know that it is not believed."""
    return Second(tx.cursors.get(_CURSOR)) or None


def report_doubt(
    tx: JournalTransaction, anchor: ClockAnchor | None, catalogue: Catalogue, now: Second
) -> bool:
    """Raise the system alert, or the one that it is over. Returns whether either was raised."""
    since = Second(tx.cursors.get(_CURSOR))
    doubted = is_doubted(anchor)
    if doubted == bool(since):
        return False
    tx.cursors.set(_CURSOR, now if doubted else 0)
    raise_alert(
        tx,
        SystemAlert.CLOCK_DOUBTED if doubted else SystemAlert.CLOCK_TRUSTED,
        since or now,
        catalogue,
        now,
    )
    return True
