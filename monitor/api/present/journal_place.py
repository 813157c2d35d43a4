"""How far a journal has got. One that was put back from a copy goes on under the same numbers with
something else, and what was kept of the other is then wrong."""

from __future__ import annotations

from typing import NamedTuple

from monitor.domain.change import Change
from monitor.journal.ports import Decided, JournalTransaction


class JournalPlace(NamedTuple):
    """The newest change and the newest decision, and what they are."""

    change: int
    decision: int
    changed: tuple[Change, ...]
    decided: tuple[tuple[int, Decided], ...]

    @classmethod
    def read(cls, tx: JournalTransaction) -> JournalPlace:
        return cls._at(tx, tx.changes.last(), tx.transitions.newest())

    def is_in(self, tx: JournalTransaction) -> bool:
        """Whether this journal is the same, and has come by here."""
        return self == self._at(tx, self.change, self.decision)

    def is_beyond(self, before: JournalPlace) -> bool:
        return self.change >= before.change and self.decision >= before.decision

    @classmethod
    def _at(cls, tx: JournalTransaction, change: int, decision: int) -> JournalPlace:
        """Of an empty journal nothing stands at its end."""
        changed = tx.changes.since(change - 1, 1)
        decided = tx.transitions.decided_after(decision - 1, 1)
        return cls(
            change=change, decision=decision,
            changed=tuple(c for c in changed if c.seq == change),
            decided=tuple(d for d in decided if d[0] == decision),
        )  # fmt: skip
