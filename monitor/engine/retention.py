"""From which second on results are kept, by a wall clock that may be wrong.

A machine that comes up years ahead of its time would otherwise drop everything at its first look:
after a leap nothing is dropped for a day, in which somebody may notice.
"""

from __future__ import annotations

from monitor.domain.interval import Second
from monitor.ports.clock import Clock

LEAP_S = 86_400
"""Time that has passed without us: of a wall clock set forward, or of a log that ended long ago."""
QUIET_S = 86_400.0
_DAY = 86_400


class Retention:
    """Ask `keep_from` whenever something is to be dropped. `newest` is the slot of the newest
    result at the start, None where there is none."""

    def __init__(self, clock: Clock, newest: Second | None) -> None:
        self._clock = clock
        self._wall, self._monotonic = clock.wall(), clock.monotonic()
        is_leap = newest is not None and self._wall - newest > LEAP_S
        self._quiet_until = self._monotonic + QUIET_S if is_leap else self._monotonic

    @property
    def is_held(self) -> bool:
        """Whether nothing is dropped for now."""
        self._look()
        return self._clock.monotonic() < self._quiet_until

    def keep_from(self, days: int) -> Second:
        """The first second whose results are kept: so many days ago, or the first of all."""
        if self.is_held:
            return Second(0)
        return Second(self._clock.now() - days * _DAY)

    def _look(self) -> None:
        wall, monotonic = self._clock.wall(), self._clock.monotonic()
        leap = (wall - self._wall) - (monotonic - self._monotonic)
        self._wall, self._monotonic = wall, monotonic
        if leap > LEAP_S:
            self._quiet_until = monotonic + QUIET_S
