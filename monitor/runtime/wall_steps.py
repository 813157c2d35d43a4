"""Steps of the wall clock, as a duty that waits for a time of day has to know of them."""

from __future__ import annotations

from monitor.domain.time.clock import Clock

STEP_S = 1.0
"""A clock that is slewed stays within this between two looks; one that was set does not."""


class WallSteps:
    """Compares the wall clock with CLOCK_BOOTTIME, which nobody sets, from look to look."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead_s = self._look()

    def take(self) -> float:
        """By how many seconds the wall clock was set since the last time this was asked."""
        before, self._ahead_s = self._ahead_s, self._look()
        step = self._ahead_s - before
        return step if abs(step) > STEP_S else 0.0

    def _look(self) -> float:
        return self._clock.wall() - self._clock.boottime()
