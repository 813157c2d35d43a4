"""Steps of the wall clock, for tasks that wait for a time of day."""

from __future__ import annotations

from monitor.domain.time.clock import Clock

STEP_S = 1.0
"""A clock that is slewed stays within this between two readings; one that was set does not."""


class WallSteps:
    """Compares the wall clock with CLOCK_BOOTTIME, which nobody sets, from reading to reading."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead_s = self._read_ahead_s()

    def take(self) -> float:
        """By how many seconds the wall clock was set since the last call."""
        before, self._ahead_s = self._ahead_s, self._read_ahead_s()
        step = self._ahead_s - before
        return step if abs(step) > STEP_S else 0.0

    def _read_ahead_s(self) -> float:
        return self._clock.wall() - self._clock.boottime()
