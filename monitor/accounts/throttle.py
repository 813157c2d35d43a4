"""Limits on tries to sign in. Who guesses is slowed down; a colleague is never locked out: an
account that is under attack still opens from an address that has opened it before.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

_MOST_KEYS = 10_000
"""Beyond, the keys that were seen longest ago are forgotten: memory is bounded under a flood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`tries` failures within `window_s` are free; then one a `window_s / tries`."""

    tries: int
    window_s: float


PAIR = Limit(tries=5, window_s=300)
"""One account from one address."""
ADDRESS = Limit(tries=30, window_s=900)
"""Any accounts from one address: an office behind one address has several people."""
ACCOUNT = Limit(tries=50, window_s=3_600)
"""One account from addresses that have never opened it."""


@dataclass(slots=True)
class _Bucket:
    """A leaky bucket of failures."""

    level: float = 0.0
    at: float = 0.0

    def leaked(self, limit: Limit, now: float) -> float:
        return max(0.0, self.level - (now - self.at) * limit.tries / limit.window_s)

    def wait_s(self, limit: Limit, now: float) -> float:
        over = self.leaked(limit, now) - (limit.tries - 1)
        return max(0.0, over * limit.window_s / limit.tries)

    def fill(self, limit: Limit, now: float) -> None:
        self.level, self.at = self.leaked(limit, now) + 1, now


@dataclass(slots=True)
class Throttle:
    """Failures by account and address, in memory, by a clock that nobody sets."""

    _buckets: OrderedDict[tuple[str, str], _Bucket] = field(default_factory=OrderedDict)

    def wait_s(self, account: str, address: str, now: float, *, is_known: bool) -> float:
        """How long this try has to wait; 0 where it may be judged now. `is_known`: this address has
        opened the account before."""
        limits = _keys(account, address, is_known=is_known)
        found = ((self._buckets.get(key), limit) for key, limit in limits)
        return max((b.wait_s(limit, now) for b, limit in found if b), default=0.0)

    def failed(self, account: str, address: str, now: float) -> None:
        for key, limit in _keys(account, address, is_known=False):
            bucket = self._buckets.setdefault(key, _Bucket(at=now))
            bucket.fill(limit, now)
            self._buckets.move_to_end(key)
        while len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)

    def succeeded(self, account: str, address: str) -> None:
        """The pair begins anew; what others did goes on to count."""
        self._buckets.pop((account, address), None)


def _keys(account: str, address: str, *, is_known: bool) -> list[tuple[tuple[str, str], Limit]]:
    limits = [((account, address), PAIR), (("", address), ADDRESS)]
    return limits if is_known else [*limits, ((account, ""), ACCOUNT)]
