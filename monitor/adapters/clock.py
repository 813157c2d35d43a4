"""The machine's clock: the one place that reads it."""

from __future__ import annotations

import time

from monitor.domain.interval import Second


class SystemClock:
    """Implements `monitor.ports.clock.Clock`."""

    __slots__ = ()

    def now(self) -> Second:
        return Second(int(time.time()))

    def wall(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()
