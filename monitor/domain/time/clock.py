"""The clock, injected everywhere: wall seconds for timestamps, monotonic for durations within one
process, boottime for those across processes and restarts."""

from __future__ import annotations

from typing import Protocol

from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second


class Clock(Protocol):
    def now(self) -> Second:
        """The wall clock in whole UTC seconds. It may step in either direction."""
        ...

    def wall(self) -> float:
        """The wall clock with its fraction, for anchoring alone."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow; comparable within one process."""
        ...

    def boottime(self) -> float:
        """Seconds since the machine booted, sleep included (CLOCK_BOOTTIME): nobody sets it, and
        every process of the same `boot_id` reads the same."""
        ...

    def boot_id(self) -> str:
        """Which boot `boottime` counts from."""
        ...


def read_clock(clock: Clock) -> ClockReading:
    """This moment, by which another process or a later one can tell how old a thing is."""
    return ClockReading(at=clock.now(), boottime=clock.boottime(), boot_id=clock.boot_id())
