"""Checks whose name leads to an address inside, which the guard refuses: each is reported once.

Such a check says nothing of its target, so nobody would learn of it without searching. A name may
lead there now and then, each time to another address: that is one case, until it has long led
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE, Change
from monitor.domain.checks.observation import CheckId, FailureId, LoggedResult
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction
from monitor.self_monitoring.system_alert import system_alerts

ADDRESS_REFUSED = FailureId("address_refused")
QUIET_S = 86_400
"""A check of which nothing was refused for so many seconds may be reported again."""
_NOTE_EVERY_S = 3_600


class RefusedWatch:
    """The outbox holds one system alert for each (check, address). When each check was last refused
    is stored in the journal, to the hour, so that a restart forgets none."""

    def __init__(self) -> None:
        self._noted: dict[CheckId, Second] = {}
        self._new: dict[CheckId, str] = {}

    def take(self, rows: Iterable[LoggedResult]) -> None:
        for row in rows:
            result = row.result
            if result.failure == ADDRESS_REFUSED and not row.is_absurd:
                self._new[result.check] = str(result.evidence.get("address", "?"))

    def report(self, tx: JournalTransaction, catalogue: Catalogue, now: Second) -> bool:
        """Returns whether anything was reported."""
        found, self._new = self._new, {}
        new = [check for check in found if self._is_new(tx, check, now)]
        reported = [_report(tx, check, found[check], catalogue, now) for check in new]
        return any(reported)

    def _is_new(self, tx: JournalTransaction, check: CheckId, now: Second) -> bool:
        last = self._noted.get(check)
        if last is None:
            last = Second(tx.cursors.get(_cursor(check)))
        # A clock that was set back makes it no new case.
        if not 0 <= now - last < _NOTE_EVERY_S:
            tx.cursors.set(_cursor(check), now)
            self._noted[check] = now
        return now - last >= QUIET_S


def _cursor(check: CheckId) -> str:
    return f"refused.{check}"


def _report(
    tx: JournalTransaction, check: CheckId, address: str, catalogue: Catalogue, now: Second
) -> bool:
    event = f"{SystemAlert.ADDRESS_REFUSED}:{check}={address}"
    if not tx.outbox.enqueue(system_alerts(event, event, catalogue.alerting, now)):
        return False
    change = Change(
        at=now,
        actor=MACHINE.id,
        kind=SystemAlert.ADDRESS_REFUSED,
        subject=str(check),
        before={},
        after={"address": address},
    )
    tx.changes.append([change])
    return True
