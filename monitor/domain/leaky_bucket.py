"""How often something may happen: so many at once, then as many as leak."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`most` within `window_s` are free; then one a `window_s / most`."""

    most: int
    window_s: float


@dataclass(slots=True)
class LeakyBucket:
    """By the seconds of a clock that nobody sets.

    >>> limit, bucket = Limit(most=2, window_s=10), LeakyBucket()
    >>> for _ in range(2):
    ...     bucket.fill(limit, 0.0)
    >>> bucket.wait_s(limit, 0.0), bucket.wait_s(limit, 5.0)
    (5.0, 0.0)
    """

    level: float = 0.0
    at: float = 0.0

    def wait_s(self, limit: Limit, now: float) -> float:
        """How long until there is room for one more; 0 where there is."""
        over = self._left(limit, now) - (limit.most - 1)
        return max(0.0, over * limit.window_s / limit.most)

    def fill(self, limit: Limit, now: float, by: int = 1) -> None:
        """Count one, whether there is room or not; -1 takes one back."""
        self.level, self.at = max(0.0, self._left(limit, now) + by), now

    def _left(self, limit: Limit, now: float) -> float:
        return max(0.0, self.level - (now - self.at) * limit.most / limit.window_s)
