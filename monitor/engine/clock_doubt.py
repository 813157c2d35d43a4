"""Whether the machine's clock is believed: told once when it is not, and taken back."""

from __future__ import annotations

from monitor.domain.catalogue import Catalogue
from monitor.domain.interval import Second
from monitor.engine.notices import give_notice
from monitor.ports.journal import JournalTransaction
from monitor.ports.results import ClockAnchor

DOUBTED, TRUSTED = "monitor.clock_doubted", "monitor.clock_trusted"
_CURSOR = "clock_doubted_since"


def tell_doubt(
    tx: JournalTransaction, anchor: ClockAnchor | None, catalogue: Catalogue, now: Second
) -> bool:
    """Give or take back the notice; whether either was done."""
    since = Second(tx.cursors.get(_CURSOR))
    is_doubted = anchor is not None and anchor.distrusted_s != 0
    if is_doubted == bool(since):
        return False
    tx.cursors.set(_CURSOR, now if is_doubted else 0)
    give_notice(tx, DOUBTED if is_doubted else TRUSTED, since or now, catalogue, now)
    return True
