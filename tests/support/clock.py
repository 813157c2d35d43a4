"""A clock that moves only when a test says so."""

from __future__ import annotations

from datetime import datetime

from monitor.domain.interval import Second

# 2026-10-01T00:00:00Z: a month's first second, with no daylight saving near it.
START = Second(1_790_812_800)


class FakeClock:
    """Implements `monitor.ports.clock.Clock`.

    >>> clock = FakeClock(Second(100))
    >>> clock.advance(1.5)
    >>> clock.now(), clock.monotonic()
    (101, 1.5)
    >>> clock.step(-60)
    >>> clock.now(), clock.monotonic()
    (41, 1.5)
    """

    def __init__(self, start: Second = START, *, monotonic: float = 0.0) -> None:
        self._wall = float(start)
        self._monotonic = monotonic

    @classmethod
    def at(cls, instant: str) -> FakeClock:
        """A clock that stands at an ISO 8601 instant with its offset."""
        return cls(second(instant))

    def now(self) -> Second:
        return Second(int(self._wall))

    def wall(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Time goes by: both clocks move."""
        if seconds < 0:
            raise ValueError("time only goes forward; step() sets the wall clock back")
        self._wall += seconds
        self._monotonic += seconds

    def advance_to(self, when: Second) -> None:
        """Time goes by until the wall clock shows `when`."""
        self.advance(when - self._wall)

    def step(self, seconds: float) -> None:
        """Somebody sets the wall clock: the monotonic one does not notice."""
        self._wall += seconds


def second(instant: str) -> Second:
    """The whole UTC second of an ISO 8601 instant, which must carry its offset.

    >>> second("2026-10-01T00:00:00Z")
    1790812800
    """
    moment = datetime.fromisoformat(instant)
    if moment.tzinfo is None:
        raise ValueError(f"{instant!r} carries no offset")
    return Second(int(moment.timestamp()))
