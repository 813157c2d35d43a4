"""Open incidents and the maintenance around now, read again only where they may have changed.

Whoever writes either writes a change in the same transaction, so the change feed shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.incidents.incident import Incident
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.time.interval import Interval, Second
from monitor.journal.ports import JournalTransaction

_DAY = 86_400
_READ_EVERY = 3600
"""Windows come nearer without any change: they are read this many seconds ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRecords:
    """`windows` are those that touch the day before now, and some that are still to come."""

    last_change: int
    at: Second
    incidents: Sequence[Incident]
    windows: Sequence[MaintenanceWindow]

    @classmethod
    def read(cls, tx: JournalTransaction, now: Second, before: OpenRecords | None) -> OpenRecords:
        last_change = tx.changes.last()
        if before is not None and before.still_holds(last_change, now):
            return before
        around = Interval(Second(now - _DAY), Second(now + _READ_EVERY + 1))
        return cls(
            last_change=last_change,
            at=now,
            incidents=tx.incidents.unresolved(),
            windows=tx.maintenance.touching(around),
        )

    def still_holds(self, last_change: int, now: Second) -> bool:
        return last_change == self.last_change and 0 <= now - self.at < _READ_EVERY
