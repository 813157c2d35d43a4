"""The grid's time: the wall's ticks counted on the monotonic clock, and what a step does to them.

A wall clock that is set forward skips seconds: nobody looked in them. One that is set back shows
seconds again that were used already: they are not used twice.
"""

from __future__ import annotations

from monitor.domain.interval import Second
from monitor.engine.wheel import TICKS_PER_SECOND, Tick, first_tick
from monitor.ports.clock import Clock

STEP_S = 1.0
"""A wall clock further than this from where the monotonic one says it is has been set."""
_EARLY_S = 0.001
"""A loop's timers are that coarse: a tick that is not due for a millisecond is due."""


class Timebase:
    """Anchored at the start and again after each step. Ticks are used in order, once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._anchor()
        # The present second may have been used by the process before this one.
        self._next = self._began = first_tick(Second(clock.now() + 1))
        self._used: list[tuple[Tick, Tick]] = []
        self.steps = 0
        self.last_step_s = 0.0

    def now(self) -> Tick:
        """The tick of this moment."""
        since = self._clock.monotonic() - self._monotonic + _EARLY_S
        return Tick(int((self._wall + since) * TICKS_PER_SECOND))

    def moment(self, tick: Tick) -> float:
        """When a tick is due, on the monotonic clock."""
        return self._monotonic + (tick / TICKS_PER_SECOND - self._wall)

    def advance(self) -> tuple[Tick, Tick]:
        """The ticks from the last call to this moment, first and last; empty if last < first.
        Those that `is_used` knows have had their turn."""
        first, last = self._next, self.now()
        self._next = Tick(max(first, last + 1))
        return first, last

    @property
    def next(self) -> Tick:
        """The first tick that no `advance` has given yet."""
        return self._next

    def is_used(self, tick: Tick) -> bool:
        """Whether that tick came before the wall clock was set back."""
        return any(first <= tick < end for first, end in self._used)

    def follow_wall(self) -> float | None:
        """Where the wall clock has been set by more than a second, take it up; by how much."""
        expected = self._wall + (self._clock.monotonic() - self._monotonic)
        step = self._clock.wall() - expected
        if abs(step) <= STEP_S:
            return None
        self.steps += 1
        self.last_step_s = step
        self._anchor()
        self._used = _joined([*self._used, (self._began, self._next)])
        self._next = self._began = self.now()
        return step

    def _anchor(self) -> None:
        self._monotonic = self._clock.monotonic()
        self._wall = self._clock.wall()


def _joined(spans: list[tuple[Tick, Tick]]) -> list[tuple[Tick, Tick]]:
    out: list[tuple[Tick, Tick]] = []
    for first, end in sorted(spans):
        if out and first <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        elif first < end:
            out.append((first, end))
    return out
