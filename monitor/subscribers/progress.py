"""Whether a dispatcher comes any further: a task that runs is no proof of it."""

from __future__ import annotations

from monitor.domain.time.clock import Clock

STUCK_AFTER_S = 300.0
"""Longer than any one message may take, with each step of it as slow as is allowed."""


class Progress:
    """Noted with each round and each message; who rests says for how long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = clock.monotonic() + STUCK_AFTER_S

    def note(self, rest_s: float = 0.0) -> None:
        self._until = self._clock.monotonic() + rest_s + STUCK_AFTER_S

    @property
    def is_stuck(self) -> bool:
        return self._clock.monotonic() > self._until
