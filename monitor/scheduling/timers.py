"""Moments at which something is to be done, many of them on one timer of the loop.

Each look has a moment at which it would be cut off, and hardly any lives to see it. A timer of the
loop's own for each of them costs more than the look's bookkeeping; here it is an entry that is
crossed out.

They lie on a clock that stands while the process does (`monitor.scheduling.stalls`): a stall puts
off all that were set before it, and what lies ready in a socket is read before any of them strikes.
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
"""A loop's timers are that coarse."""

Call = Callable[[], None]


class Timer:
    """One moment; `cancel` it when it does not matter any more."""

    __slots__ = ("call",)

    def __init__(self, call: Call) -> None:
        self.call: Call | None = call

    def cancel(self) -> None:
        self.call = None


class Timers:
    """Set, on the monotonic clock, within a running loop. `close` ends the timer."""

    def __init__(self, stalls: StallDetector | None = None) -> None:
        self.stalls = stalls or StallDetector()
        self._ahead: list[tuple[float, int, Timer]] = []
        self._numbers = count()
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = inf

    def set(self, when: float, call: Call) -> Timer:
        alarm = Timer(call)
        # As the clock without stalls will show it.
        moment = when - self.stalls.lost_s()
        heappush(self._ahead, (moment, next(self._numbers), alarm))
        if moment < self._wakes_at:
            self._wake_at(moment)
        return alarm

    def close(self) -> None:
        """Nothing that was set will be done."""
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
            _, _, alarm = heappop(self._ahead)
            if alarm.call is not None:
                _do(alarm.call)
        if self._ahead and self._ahead[0][0] < self._wakes_at:
            self._wake_at(self._ahead[0][0])


def _do(call: Call) -> None:
    """What one raises must not cost the others their moment."""
    try:
        call()
    except Exception:  # noqa: BLE001 - told, and the next one has its turn
        _log.exception("alarm_broke")
