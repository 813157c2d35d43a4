"""What may be dropped, by a wall clock that may be wrong.

The log counts the age of its rows on a clock of its own. Elsewhere a machine that starts years
ahead of its time would drop everything at once: so after a leap nothing is dropped for a day of our
running, in which somebody may notice.
"""

from __future__ import annotations

from typing import Protocol

from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

LEAP_S = 86_400
"""More time has passed without us: the wall clock was set forward, or the log ended long ago."""
QUIET_S = 86_400.0
_DAY = 86_400


class LoggingClock:
    """Seconds of logging: the age of a row is counted in them, whatever its slot says.

    While a writer runs it follows the monotonic clock, which nobody sets. Between two writers it
    adds what the wall clock says has passed, but never less than nothing and never more than a
    day: a machine that starts years ahead, or back, makes no row older than it is. A longer time
    without logging is thus not counted, and rows are kept for longer.
    """

    def __init__(self, clock: Clock, stored: tuple[int, int] | None) -> None:
        """`stored` is what it showed, and the wall clock beside it, when it was last written. A new
        clock begins at the wall clock, so that its days look like days."""
        self._clock = clock
        self._began = clock.monotonic()
        wall = clock.now()
        seconds, since = stored or (wall, wall)
        self._base = seconds + min(max(0, wall - since), _DAY)

    def now(self) -> int:
        """It never goes back."""
        return int(self._base + (self._clock.monotonic() - self._began))

    def reading(self) -> tuple[int, int]:
        """What to store for the next one."""
        return self.now(), self._clock.now()


class QuietTime(Protocol):
    """What is left of the quiet day, stored over a restart: by then the newest result has the wrong
    time as well, and no leap can be detected any more."""

    def read(self) -> float:
        """Seconds; 0.0 where there is none."""
        ...

    def write(self, left_s: float) -> None: ...


class Retention:
    """Call `keep_from` whenever something is to be dropped. `newest` is the slot of the newest
    result at the start, None where there is none."""

    def __init__(self, clock: Clock, newest: Second | None, quiet: QuietTime) -> None:
        self._clock = clock
        self._quiet = quiet
        self._wall, self._monotonic = clock.wall(), clock.monotonic()
        self._left_s = quiet.read()
        if newest is not None and self._wall - newest > LEAP_S:
            self._begin_quiet()

    @property
    def is_held(self) -> bool:
        """Whether nothing is dropped for now."""
        self._update()
        return self._left_s > 0

    def keep_from(self, days: int) -> Second:
        """The first second whose results are kept: `days` days ago, or the first of all."""
        if self.is_held:
            return Second(0)
        return Second(self._clock.now() - days * _DAY)

    def _update(self) -> None:
        wall, monotonic = self._clock.wall(), self._clock.monotonic()
        spent = monotonic - self._monotonic
        leap = (wall - self._wall) - spent
        self._wall, self._monotonic = wall, monotonic
        if leap > LEAP_S:
            self._begin_quiet()
        elif self._left_s > 0:
            self._left_s = max(0.0, self._left_s - spent)
            self._quiet.write(self._left_s)

    def _begin_quiet(self) -> None:
        self._left_s = QUIET_S
        self._quiet.write(self._left_s)
