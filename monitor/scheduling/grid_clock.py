"""The grid's time: the wall's ticks counted on the monotonic clock, and what a step does to them.

A wall clock that is set forward skips seconds: no check ran in them. One that is set back shows
seconds again that were used already: they are used again, in an era of their own. One that goes
back further than the past can be folded again is not believed: the count goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.scheduling.timer_wheel import TICKS_PER_SECOND, Tick, first_tick, slot_of

STEP_S = 1.0
"""A wall clock further than this from where the monotonic clock puts it has been set."""
CORRECTION_S = 10.0
"""A step up to this is a correction: no era begins, and no second is used again."""
_EARLY_S = 0.001
"""How coarse a loop's timers are: a tick that is due within a millisecond counts as due."""

MayFollow = Callable[[Second], bool]
"""Whether a clock that shows this second may be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WallStep:
    """The wall clock was set: its first second now, and the first one that nobody used before."""

    at: Second
    was: Second
    step_s: float


class GridClock:
    """Anchored at the start and again after each step. Ticks are used in order, once per era.

    `count` is what counts as the time at the start, where that is not the wall clock. `used` is the
    last second that was used before.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        count: float | None = None,
        used: Second | None = None,
        may_follow: MayFollow = lambda at: True,
    ) -> None:
        self._clock = clock
        self._may_follow = may_follow
        start = clock.wall() if count is None else count
        self._anchor(start)
        # The present second may have been used by the process before this one.
        begins = int(start) + 1
        self._next = first_tick(Second(begins if used is None else max(begins, used + 1)))
        self.steps = 0
        self.last_step_s = 0.0
        self.distrusted_s = start - clock.wall() if count is not None else 0.0

    def count(self) -> float:
        """What counts as the time, in seconds since 1970. Other threads may call it."""
        wall, monotonic, _ = self._anchored
        return wall + (self._clock.monotonic() - monotonic)

    def now(self) -> Tick:
        """The tick of this moment."""
        return Tick(int((self.count() + _EARLY_S) * TICKS_PER_SECOND))

    def moment(self, tick: Tick) -> float:
        """When a tick is due, on the monotonic clock."""
        wall, monotonic, _ = self._anchored
        return monotonic + (tick / TICKS_PER_SECOND - wall)

    def advance(self) -> tuple[Tick, Tick]:
        """The ticks from the last call to this moment, first and last; empty if last < first."""
        first, last = self._next, self.now()
        self._next = Tick(max(first, last + 1))
        return first, last

    @property
    def next(self) -> Tick:
        """The first tick that no `advance` has given yet."""
        return self._next

    def follow_wall(self) -> WallStep | None:
        """Follow a wall clock that was set by more than a second, where it may be believed. Returns
        how it was set, where that was more than a correction.

        CLOCK_BOOTTIME distinguishes a clock that was set from a machine that slept: during sleep
        the monotonic clock stood still.
        """
        wall = self._clock.wall()
        expected = self._expected()
        step = wall - expected
        if abs(step) <= STEP_S:
            self.distrusted_s = 0.0
            if abs(wall - self.count()) > STEP_S:
                self._anchor(wall)
            return None
        if step < 0 and not self._may_follow(Second(int(wall))):
            self.distrusted_s = -step
            return None
        self.steps += 1
        self.last_step_s = step
        self.distrusted_s = 0.0
        self._anchor(wall)
        if abs(step) <= CORRECTION_S:
            return None
        self._next = self.now()
        return WallStep(at=slot_of(self._next), was=Second(int(expected) + 1), step_s=step)

    def _expected(self) -> float:
        """What the wall clock shows if nobody has set it."""
        wall, _, boottime = self._anchored
        return wall + (self._clock.boottime() - boottime)

    def _anchor(self, count: float) -> None:
        """Set in one assignment: the log's writer reads it from its own thread."""
        self._anchored = (count, self._clock.monotonic(), self._clock.boottime())
