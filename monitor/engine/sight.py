"""Whether the monitor itself can see: told once when it goes blind, taken back when it sees."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.catalogue import Catalogue
from monitor.domain.interval import Second
from monitor.engine.notices import give_notice
from monitor.ports.journal import JournalTransaction

_CURSOR = "blind_since"


@dataclass(slots=True)
class Sights:
    """What rows said since the last transaction: not every tick has one.

    `blind_at` is the last slot that the gate answered for, `seen_at` the last one in which a
    check that asks the gate saw something itself.
    """

    blind_at: Second | None = None
    seen_at: Second | None = None

    def add(self, blind_at: Second | None, seen_at: Second | None) -> None:
        self.blind_at = _later(self.blind_at, blind_at)
        self.seen_at = _later(self.seen_at, seen_at)


def _later(one: Second | None, other: Second | None) -> Second | None:
    known = [second for second in (one, other) if second is not None]
    return max(known, default=None)


class Sight:
    """Read from rows of class `no_network` alone; kept in the journal across restarts."""

    def __init__(self, blind_since: Second | None) -> None:
        self.blind_since = blind_since

    @classmethod
    def restored(cls, tx: JournalTransaction) -> Sight:
        return cls(Second(tx.cursors.get(_CURSOR)) or None)

    def tell(
        self, tx: JournalTransaction, sights: Sights, catalogue: Catalogue, now: Second
    ) -> bool:
        """Give or take back the notice; whether either was done."""
        blind, seen = sights.blind_at, sights.seen_at
        if blind is not None and (seen is None or blind > seen) and self.blind_since is None:
            self._turn(tx, "monitor.blind", blind, catalogue, now)
            self.blind_since = blind
            return True
        if seen is not None and self.blind_since is not None and seen > (blind or 0):
            self._turn(tx, "monitor.sees", self.blind_since, catalogue, now)
            self.blind_since = None
            return True
        return False

    def _turn(
        self,
        tx: JournalTransaction,
        kind: str,
        since: Second,
        catalogue: Catalogue,
        now: Second,
    ) -> None:
        tx.cursors.set(_CURSOR, since if kind == "monitor.blind" else 0)
        give_notice(tx, kind, since, catalogue, now)
