"""How old a thing is where somebody may have set the wall clock since: two clocks are read, and
the greater age counts.

The wall clock alone makes old things young for as long as it was set back by. CLOCK_BOOTTIME is set
by nobody, but counts from a boot: it gives the age of what was read in the same boot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from monitor.domain.time.interval import Second

SKEW_S = 5
"""Two machines that agree on the time still differ by this much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """A moment by both clocks. An empty `boot_id` says that the second one was not read, as by a
    version before this one."""

    at: Second
    boottime: float = 0.0
    boot_id: str = ""


def age_s(then: ClockReading, now: ClockReading) -> float:
    """Seconds that have passed at least, as either clock says; infinite where neither can tell.

    Within one boot, a wall clock set back an hour hides nothing:

    >>> begun = ClockReading(at=Second(9_000), boottime=50.0, boot_id="a")
    >>> age_s(begun, ClockReading(at=Second(5_460), boottime=110.0, boot_id="a"))
    60.0

    For another boot there is only the wall clock; what it shows as still to come has no age:

    >>> age_s(begun, ClockReading(at=Second(9_030), boottime=2.0, boot_id="b"))
    30.0
    >>> age_s(begun, ClockReading(at=Second(5_460), boottime=2.0, boot_id="b"))
    inf
    """
    by_wall = float(now.at - then.at)
    if then.boot_id and then.boot_id == now.boot_id:
        return max(0.0, by_wall, now.boottime - then.boottime)
    return max(0.0, by_wall) if by_wall >= -SKEW_S else math.inf
