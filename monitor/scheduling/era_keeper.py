"""Which era of the clock a prober is in: at its start, and whenever somebody sets the wall clock.

Within one boot CLOCK_BOOTTIME shows what the wall clock ought to show, however long nothing ran.
After a boot there is no such proof. Where the clock then shows a second that is in the log already,
it goes back; else a new era begins, which may turn out to have been wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from monitor.domain.time.clock import Clock
from monitor.domain.time.eras import REMEMBERED, Era, Origin, next_era
from monitor.domain.time.interval import Second
from monitor.results.log.ports import ClockAnchor
from monitor.scheduling.grid_clock import CORRECTION_S, GridClock, MayFollow, WallStep

_DRIFT = 0.0005
"""How far a wall clock may be slewed against CLOCK_BOOTTIME, as a fraction of the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEnd:
    """What the log says about the clock of its writer."""

    eras: Sequence[Era]
    anchor: ClockAnchor | None = None
    newest: Second | None = None
    """The slot of the newest row of the last era; None where that era has no row yet."""


class EraKeeper:
    """`offer` hands a new era to the log's writer, which writes it before any result of the era."""

    def __init__(
        self,
        clock: Clock,
        end: LogEnd,
        *,
        offer: Callable[[Era], None],
        may_follow: MayFollow = lambda at: True,
    ) -> None:
        self._clock = clock
        self._eras = list(end.eras[-REMEMBERED:])
        self._newest = end.newest
        if end.newest is None and self.number > 0:
            # The era has no result yet: it has begun, and no earlier second belongs to it.
            self._newest = Second(self._eras[-1].began_at - 1)
        self._offer = offer
        self._may_follow = may_follow
        self.time = self._start(end.anchor)

    @property
    def number(self) -> int:
        return self._eras[-1].number

    def step(self, step: WallStep) -> int:
        """Begin the era of a clock that was set. Returns its number."""
        self._begin(Origin.STEP, step.at, step.was)
        return self.number

    def anchor(self) -> ClockAnchor:
        """What counts as the time now, for the next process and for other roles."""
        return ClockAnchor(
            wall=self.time.count(),
            boottime=self._clock.boottime(),
            boot_id=self._clock.boot_id(),
            distrusted_s=self.time.distrusted_s,
        )

    def _start(self, anchor: ClockAnchor | None) -> GridClock:
        if anchor is not None and anchor.boot_id == self._clock.boot_id():
            return self._start_in_boot(anchor)
        return self._start_after_boot(is_known=anchor is not None)

    def _start_in_boot(self, anchor: ClockAnchor) -> GridClock:
        passed = self._clock.boottime() - anchor.boottime
        expected, wall = anchor.wall + passed, self._clock.wall()
        if abs(wall - expected) <= CORRECTION_S + passed * _DRIFT:
            return self._grid_clock(used=self._newest)
        if wall < expected and not self._may_follow(Second(int(wall))):
            return self._grid_clock(count=expected, used=self._newest)
        self._begin(Origin.STEP, Second(int(wall) + 1), Second(int(expected) + 1))
        return self._grid_clock()

    def _start_after_boot(self, *, is_known: bool) -> GridClock:
        wall = self._clock.wall()
        begins = Second(int(wall) + 1)
        if self._newest is None or begins > self._newest:
            if is_known:
                after = begins if self._newest is None else Second(self._newest + 1)
                self._begin(Origin.BOOT, begins, after)
            return self._grid_clock()
        after = Second(self._newest + 1)
        if self._may_follow(begins):
            self._begin(Origin.BOOT, begins, after)
            return self._grid_clock()
        self._begin(Origin.BOOT, after, after)
        return self._grid_clock(count=float(self._newest), used=self._newest)

    def _grid_clock(self, count: float | None = None, used: Second | None = None) -> GridClock:
        return GridClock(self._clock, count=count, used=used, may_follow=self._may_follow)

    def _begin(self, origin: Origin, at: Second, was: Second) -> None:
        era = next_era(self._eras, origin, at, was)
        self._eras = [*self._eras, era][-REMEMBERED:]
        self._offer(era)
