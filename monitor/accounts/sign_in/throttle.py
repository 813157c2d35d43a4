"""Limits on tries to sign in. Who guesses is slowed down; a colleague is never locked out: an
account that is under attack still opens from an address that has opened it before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeAlias

from monitor.domain.leaky_bucket import LeakyBucket, Limit

_MOST_KEYS = 10_000
"""Beyond, the keys that were seen longest ago are forgotten: memory is bounded under a flood."""


PAIR = Limit(most=5, window_s=300)
"""One account from one address."""
ADDRESS = Limit(most=30, window_s=900)
"""Any accounts from one address: an office behind one address has several people."""
ACCOUNT = Limit(most=50, window_s=3_600)
"""One account from addresses that have never opened it."""


@dataclass(frozen=True, slots=True)
class _Pair:
    account: str
    address: str


@dataclass(frozen=True, slots=True)
class _Address:
    address: str


@dataclass(frozen=True, slots=True)
class _Account:
    account: str


_Key: TypeAlias = _Pair | _Address | _Account
"""Types of their own: an empty name or address is another key than none."""


@dataclass(slots=True)
class Throttle:
    """Failures by account and address, in memory, by a clock that nobody sets. Threads may share
    it."""

    _buckets: OrderedDict[_Key, LeakyBucket] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, account: str, address: str, now: float, *, is_known: bool) -> float:
        """How long this try has to wait; 0 where it may be judged now, and then it has been
        counted as a failure. `is_known`: this address has opened the account before."""
        limits = _limits(account, address, is_known=is_known)
        with self._lock:
            found = ((self._buckets.get(key), limit) for key, limit in limits.items())
            wait_s = max((b.wait_s(limit, now) for b, limit in found if b), default=0.0)
            if wait_s == 0:
                self._count(limits, now)
            return wait_s

    def succeeded(self, account: str, address: str, now: float, *, is_known: bool) -> None:
        """The try that was taken was right: it counts nowhere, and the pair begins anew. What
        others did goes on to count."""
        limits = _limits(account, address, is_known=is_known)
        with self._lock:
            for key, limit in limits.items():
                if bucket := self._buckets.get(key):
                    bucket.fill(limit, now, -1)
            self._buckets.pop(_Pair(account, address), None)

    def _count(self, limits: Mapping[_Key, Limit], now: float) -> None:
        for key, limit in limits.items():
            self._buckets.setdefault(key, LeakyBucket(at=now)).fill(limit, now)
            self._buckets.move_to_end(key)
        while len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)


def _limits(account: str, address: str, *, is_known: bool) -> Mapping[_Key, Limit]:
    limits: dict[_Key, Limit] = {_Pair(account, address): PAIR, _Address(address): ADDRESS}
    return limits if is_known else {**limits, _Account(account): ACCOUNT}
