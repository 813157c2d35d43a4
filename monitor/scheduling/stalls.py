"""Whether this process stood still: a paused machine, SIGSTOP, swap, a processor given to others,
or one answer that took all of the loop's time to read.

A deadline that struck meanwhile says nothing about a target: the answer may lie unread in a socket.
So every run under way gets back the time by which the loop came round late, in whatever pieces it
was lost. No time-out, reset or slowness of a run that lost most of its time is believed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from math import inf
from time import monotonic

STALL_S = 1.0
"""A loop that came round later than this stood still."""
BEAT_S = 0.05
"""How often the loop is to come round; this much of each stall counts as the run's own time."""
LAG_S = 0.02
"""A timer later than this is lag; less is the precision of timers."""
PIECES_S = 10.0
"""Where half of this time is lost in pieces, that is a stall too. A busy machine always loses some:
that alone is no reason to wake anybody, because each run gets back what it lost."""
WINDOW_S = 300.0
"""Recent stalls are counted over this time."""
_KEPT = 1000


class StallDetector:
    """`start` it within a running loop, `stop` it at the end; only in between are stalls counted.

    Which of the loop's callbacks runs first on waking differs from loop to loop: a timer that was
    due, or a socket that is ready. So `lost_s` measures when it is called, and need not wait for
    the next beat.
    """

    __slots__ = (
        "_blamed",
        "_due_at",
        "_late_s",
        "_lost_s",
        "_pieces_s",
        "_pieces_since",
        "_recent",
        "_timer",
        "clock",
        "count",
        "standstills",
    )

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self._due_at = inf
        self._late_s = 0.0
        self._lost_s = 0.0
        self._pieces_s = 0.0
        self._pieces_since = -inf
        self._recent: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._blamed: deque[tuple[float, str, float]] = deque(maxlen=_KEPT)
        self._timer: asyncio.TimerHandle | None = None
        self.count = 0
        """Stalls so far, those in pieces included."""
        self.standstills = 0
        """Grows with each stall that was one piece."""

    def start(self) -> None:
        self._beat()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._due_at = None, inf

    def lost_s(self) -> float:
        """Seconds lost to lateness so far; it only grows."""
        now = self.clock()
        late_s = now - self._due_at
        if late_s > LAG_S:
            self._due_at = now
            self._lose(late_s, now)
        return self._lost_s

    def recent(self) -> int:
        """How many stalls ended within the last `WINDOW_S`."""
        first = self.clock() - WINDOW_S
        return sum(ended >= first for ended, _ in self._recent)

    def attribute(self, name: str, held_s: float) -> None:
        """Note that this check's own steps held the loop for so long; no other run went on."""
        self._blamed.append((self.clock(), name, held_s))

    def culprit(self) -> str:
        """The check that held the loop for longest, where checks held it for at least half of the
        time of the recent stalls; else empty."""
        first = self.clock() - WINDOW_S
        lost_s = sum(lost for ended, lost in self._recent if ended >= first)
        held: dict[str, float] = {}
        for at, name, held_s in self._blamed:
            if at >= first:
                held[name] = held.get(name, 0.0) + held_s
        if not held or sum(held.values()) * 2 < lost_s:
            return ""
        return max(held, key=lambda name: held[name])

    def _lose(self, late_s: float, now: float) -> None:
        had_stood = self._late_s > STALL_S
        self._lost_s += late_s
        self._late_s += late_s
        stands = self._late_s > STALL_S
        self.standstills += stands
        if now - self._pieces_since > PIECES_S:
            self._pieces_s, self._pieces_since = 0.0, now
        self._pieces_s += late_s
        if (stands and not had_stood) or self._pieces_s * 2 > PIECES_S:
            self._recent.append((now, self._pieces_s))
            self._pieces_s = 0.0
            self.count += 1

    def _beat(self) -> None:
        self.lost_s()
        self._late_s = 0.0
        self._due_at = self.clock() + BEAT_S
        self._timer = asyncio.get_running_loop().call_later(BEAT_S, self._beat)
