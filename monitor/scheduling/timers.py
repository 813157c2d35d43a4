"""Timers: moments at which something is to be done, many of them on one timer of the loop.

Each check run has a moment at which it would be cut off, and hardly any run reaches it. One loop
timer for each would cost more than the run's bookkeeping; here it is an entry that is cancelled.

The timers use a clock that stops while the process stands still (`monitor.scheduling.stalls`). So a
stall puts off all that were set before it, and data that is ready in a socket is read before any of
them strikes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from math import inf
from time import monotonic

from monitor.scheduling.stalls import StallDetector

_log = logging.getLogger(__name__)
_EARLY_S = 0.001
"""How coarse a loop's timers are."""

Call = Callable[[], None]


class Timer:
    """One moment; call `cancel` when it does not matter any more."""

    __slots__ = ("call",)

    def __init__(self, call: Call) -> None:
        self.call: Call | None = call

    def cancel(self) -> None:
        self.call = None


class Timers:
    """Call `set` within a running loop, with a monotonic moment. `close` ends the loop's timer."""

    def __init__(self, stalls: StallDetector | None = None) -> None:
        self.stalls = stalls or StallDetector()
        self._ahead: list[tuple[float, int, Timer]] = []
        self._numbers = count()
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = inf

    def set(self, when: float, call: Call) -> Timer:
        timer = Timer(call)
        # As the clock without stalls will show it.
        moment = when - self.stalls.lost_s()
        heappush(self._ahead, (moment, next(self._numbers), timer))
        if moment < self._wakes_at:
            self._wake_at(moment)
        return timer

    def close(self) -> None:
        """Drop everything that was set."""
        self._ahead.clear()
        self._wake_at(inf)

    def _wake_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wakes_at = when
        if when < inf:
            # The loop's clock and `monotonic` are one.
            due = when + self.stalls.lost_s()
            self._timer = asyncio.get_running_loop().call_at(due, self._wake)

    def _wake(self) -> None:
        self._wake_at(inf)
        now = monotonic() - self.stalls.lost_s() + _EARLY_S
        while self._ahead and (self._ahead[0][0] <= now or self._ahead[0][2].call is None):
            _, _, timer = heappop(self._ahead)
            if timer.call is not None:
                _do(timer.call)
        if self._ahead and self._ahead[0][0] < self._wakes_at:
            self._wake_at(self._ahead[0][0])


def _do(call: Call) -> None:
    """An error of one call must not keep the others from being made."""
    try:
        call()
    except Exception:  # noqa: BLE001 - logged; the next one goes on
        _log.exception("alarm_broke")
