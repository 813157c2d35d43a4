"""Whether this process stood still: a paused machine, SIGSTOP, swap, a processor given to others.

What struck meanwhile says nothing of a target: the answer may lie in a socket that nobody read. So
the time that a stall took is given back to every look under way, and no time-out, reset or slowness
of such a look is believed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from math import inf
from time import monotonic

STALL_S = 1.0
"""A loop that did not come round for longer than this stood still."""
BEAT_S = 0.25
"""How often it is seen to come round; of each stall so much still counts, so that looks end however
often the process is stopped."""
WINDOW_S = 300.0
"""Stalls are counted over so long."""


class StallDetector:
    """`start` it within a running loop, `stop` it at the end; until then nothing is a stall.

    Which of the loop's callbacks runs first on waking differs from loop to loop: a timer that was
    due, or a socket that is ready. So whoever asks finds out for himself, and need not wait for the
    next beat.
    """

    __slots__ = ("_alive_at", "_clock", "_lost_s", "_recent", "_timer", "count")

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._alive_at = inf
        self._lost_s = 0.0
        self._recent: deque[float] = deque(maxlen=1000)
        self._timer: asyncio.TimerHandle | None = None
        self.count = 0

    def start(self) -> None:
        self._alive_at = self._clock()
        self._beat()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._alive_at = None, inf

    def lost_s(self) -> float:
        """Seconds that all stalls have taken so far: it only grows."""
        now = self._clock()
        if now - self._alive_at > STALL_S:
            self._lost_s += now - self._alive_at - BEAT_S
            self._alive_at = now
            self._recent.append(now)
            self.count += 1
        return self._lost_s

    def recent(self) -> int:
        """How many stalls ended within the last `WINDOW_S`."""
        first = self._clock() - WINDOW_S
        return sum(ended >= first for ended in self._recent)

    def _beat(self) -> None:
        self.lost_s()
        self._alive_at = self._clock()
        self._timer = asyncio.get_running_loop().call_later(BEAT_S, self._beat)
