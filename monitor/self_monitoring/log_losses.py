"""Reports to operators what a result log lost: how many rows, and of which time."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.domain.catalogue import Catalogue
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.i18n.formats import utc_iso
from monitor.journal.ports import JournalTransaction
from monitor.results.log.ports import LogLoss
from monitor.self_monitoring.system_alert import raise_alert

_CURSOR = "log_loss_behind"
_FORMER_CURSOR = "log_loss_told"
"""Of the version before: the second of a loss. A wrong clock could put it before the last one."""
_PLACES_A_SECOND = 1000
"""A log that such a version began goes on behind the row so many times its second, or later."""


def report_losses(
    tx: JournalTransaction, losses: Sequence[LogLoss], catalogue: Catalogue, now: Second
) -> bool:
    """One system alert for each that was not reported yet. Returns whether there was one."""
    reported_behind = max(
        tx.cursors.get(_CURSOR), tx.cursors.get(_FORMER_CURSOR) * _PLACES_A_SECOND
    )
    unreported = sorted((loss for loss in losses if _behind(loss) > reported_behind), key=_behind)
    for loss in unreported:
        event = str(loss.behind or "")
        raise_alert(
            tx, SystemAlert.RESULTS_LOST, loss.at, catalogue, now, about=describe(loss), event=event
        )
        tx.cursors.set(_CURSOR, _behind(loss))
    return bool(unreported)


def _behind(loss: LogLoss) -> int:
    return loss.behind or loss.at * _PLACES_A_SECOND


def describe(loss: LogLoss) -> str:
    """The file that still holds the rows, and which rows they are.

    >>> span = {"first_slot": Second(0), "last_slot": Second(60)}
    >>> describe(LogLoss(at=Second(9), why="damaged", set_aside="a.db", rows=2, **span))
    'a.db=2 rows, 1970-01-01T00:00:00+00:00 – 1970-01-01T00:01:00+00:00'
    >>> describe(LogLoss(at=Second(9), why="moved"))
    '—=moved'
    """
    if loss.rows is None or loss.first_slot is None or loss.last_slot is None:
        return f"{loss.set_aside or '—'}={loss.why}"
    span = f"{utc_iso(loss.first_slot)} – {utc_iso(loss.last_slot)}"
    return f"{loss.set_aside or '—'}={loss.rows} rows, {span}"
