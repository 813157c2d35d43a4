"""The prober's counts of itself: how late runs begin, how its loop lags, what was missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

_ENOUGH = 20_000


@dataclass(slots=True)
class ProberCounters:
    """Counters that only grow, and what was measured since `forget`."""

    started: int = 0
    finished: int = 0
    held: int = 0
    unseen: int = 0
    unresolved: int = 0
    lateness_s: list[float] = field(default_factory=list)
    loop_lag_s: float = 0.0
    """The worst since `forget`."""

    def begun(self, late_s: float) -> None:
        self.started += 1
        if len(self.lateness_s) < _ENOUGH:
            self.lateness_s.append(late_s if late_s > 0 else 0.0)

    def woken(self, late_s: float) -> None:
        """A timer of the loop came so late; everything else that waited was as late."""
        self.loop_lag_s = max(self.loop_lag_s, late_s)

    def forget(self) -> None:
        """Begin a new span of measuring."""
        self.lateness_s.clear()
        self.loop_lag_s = 0.0


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed; 0 without values.

    >>> quantile([3.0, 1.0, 2.0, 4.0], 0.5), quantile([1.0, 9.0], 0.99), quantile([], 0.5)
    (2.0, 9.0, 0.0)
    """
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
