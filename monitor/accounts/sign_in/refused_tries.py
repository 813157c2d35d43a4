"""Tries to sign in that were refused, as the audit log has them: a flood of them must not fill it.

The first of an address in a minute have a row of their own. What is beyond is counted, and one row
a minute says how many there were and from where. Whether a name has an account changes nothing in
that: else the time that a refusal takes would tell.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from monitor.accounts.ports import AccountsTransaction
from monitor.domain.change import MACHINE
from monitor.domain.checks.observation import Json
from monitor.domain.leaky_bucket import LeakyBucket, Limit
from monitor.domain.time.interval import Second

EVERY_S = 60.0
OF_ADDRESS = Limit(most=5, window_s=60)
"""Rows of one address."""
OF_ALL = Limit(most=200, window_s=3_600)
"""Rows of all addresses: who has thousands of them fills nothing either."""
_MOST_ADDRESSES = 10_000
_NAMED = 10
"""So many addresses are named beside how many there were."""


@dataclass(slots=True)
class RefusedTries:
    """In memory, by a clock that nobody sets: what was counted in the last minute is lost with the
    process, or with a commit that fails. Threads may share it."""

    _of_all: LeakyBucket = field(default_factory=LeakyBucket)
    _of_address: OrderedDict[str, LeakyBucket] = field(default_factory=OrderedDict)
    _counted: Counter[str] = field(default_factory=Counter)
    _elsewhere: int = 0
    _since: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def has_row(self, network: str, now: float) -> bool:
        """Whether this try is written by itself; else it has been counted."""
        with self._lock:
            own = self._of_address.setdefault(network, LeakyBucket(at=now))
            self._of_address.move_to_end(network)
            if len(self._of_address) > _MOST_ADDRESSES:
                self._of_address.popitem(last=False)
            if own.wait_s(OF_ADDRESS, now) == 0 and self._of_all.wait_s(OF_ALL, now) == 0:
                own.fill(OF_ADDRESS, now)
                self._of_all.fill(OF_ALL, now)
                return True
            if self._total == 0:
                self._since = now
            self._count(network)
            return False

    def is_due(self, now: float) -> bool:
        """Whether something was counted that is to be written now."""
        with self._lock:
            return self._is_due(now)

    def write(self, tx: AccountsTransaction, at: Second, now: float) -> None:
        """What was counted, if it is due: one row, by whoever comes first."""
        with self._lock:
            if not self._is_due(now):
                return
            after = self._summary()
            self._counted.clear()
            self._elsewhere = 0
        tx.changes.append([MACHINE.change(at, "session.refused", "", after=after)])

    def _is_due(self, now: float) -> bool:
        return self._total > 0 and now - self._since >= EVERY_S

    @property
    def _total(self) -> int:
        return self._counted.total() + self._elsewhere

    def _count(self, network: str) -> None:
        if network in self._counted or len(self._counted) < _MOST_ADDRESSES:
            self._counted[network] += 1
        else:
            self._elsewhere += 1

    def _summary(self) -> dict[str, Json]:
        most: dict[str, Json] = dict(self._counted.most_common(_NAMED))
        return {"tries": self._total, "addresses": len(self._counted), "most": most}
