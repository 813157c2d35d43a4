"""The time as the prober counts it, for the roles beside it.

While the prober does not believe the machine's clock, its slots lie where that clock is not: the
roles that decide, publish and send use the prober's count then.
"""

from __future__ import annotations

from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.results.log.ports import ClockAnchor


class CountedClock:
    """The machine's clock (`monitor.domain.time.clock.Clock`), until an anchor says otherwise."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._anchor: ClockAnchor | None = None

    def follow(self, anchor: ClockAnchor | None) -> None:
        """Use what the prober says of the clock from now on."""
        self._anchor = anchor

    def now(self) -> Second:
        return Second(int(self.wall()))

    def wall(self) -> float:
        anchor = self._anchor
        if anchor is None or not anchor.distrusted_s or anchor.boot_id != self._clock.boot_id():
            return self._clock.wall()
        return anchor.wall + (self._clock.boottime() - anchor.boottime)

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def boottime(self) -> float:
        return self._clock.boottime()

    def boot_id(self) -> str:
        return self._clock.boot_id()
