"""Checks that a name leads inside, where the guard does not follow: each told once.

Nothing is said of the target, so nobody would hear of such a check but by looking for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE, Change
from monitor.domain.interval import Second
from monitor.domain.observation import CheckId, FailureId, LoggedResult, Outcome
from monitor.engine.notices import notices
from monitor.ports.journal import JournalTransaction

REFUSED = "monitor.address_refused"
ADDRESS_REFUSED = FailureId("address_refused")


class RefusedWatch:
    """The outbox keeps one notice for each (check, address), across restarts. A check whose name
    leads to another address each time is told of once until it has been seen again."""

    def __init__(self) -> None:
        self._told: set[CheckId] = set()
        self._new: dict[CheckId, str] = {}

    def take(self, rows: Iterable[LoggedResult]) -> None:
        for row in rows:
            result = row.result
            if row.is_absurd:
                continue
            if result.failure == ADDRESS_REFUSED:
                if result.check not in self._told:
                    self._new[result.check] = str(result.evidence.get("address", "?"))
            elif self._told and result.outcome is not Outcome.UNKNOWN:
                self._told.discard(result.check)

    def tell(self, tx: JournalTransaction, catalogue: Catalogue, now: Second) -> bool:
        """Whether anything was told."""
        found, self._new = self._new, {}
        self._told.update(found)
        told = [_tell(tx, check, where, catalogue, now) for check, where in found.items()]
        return any(told)


def _tell(
    tx: JournalTransaction, check: CheckId, address: str, catalogue: Catalogue, now: Second
) -> bool:
    event = f"{REFUSED}:{check}={address}"
    if not tx.outbox.owe(notices(event, event, catalogue.alerting, now)):
        return False
    tx.changes.append(
        [Change(at=now, actor=MACHINE.id, kind=REFUSED, subject=str(check), before={},
                after={"address": address})]
    )  # fmt: skip
    return True
