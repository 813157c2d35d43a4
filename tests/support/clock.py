"""A clock that moves only when a test says so."""

from __future__ import annotations

from datetime import datetime

from monitor.domain.time.interval import Second

# 2026-10-01T00:00:00Z: a month's first second, with no daylight saving near it.
START = Second(1_790_812_800)


class FakeClock:
    """Implements `monitor.domain.time.clock.Clock`.

    >>> clock = FakeClock(Second(100))
    >>> clock.advance(1.5)
    >>> clock.now(), clock.monotonic()
    (101, 1.5)
    >>> clock.step(-60)
    >>> clock.now(), clock.monotonic()
    (41, 1.5)
    """

    def __init__(
        self,
        start: Second = START,
        *,
        monotonic: float = 0.0,
        boottime: float = 0.0,
        boot_id: str = "boot-1",
    ) -> None:
        self._wall = float(start)
        self._monotonic = monotonic
        self._boottime = boottime
        self._boot_id = boot_id

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

    def boottime(self) -> float:
        return self._boottime

    def boot_id(self) -> str:
        return self._boot_id

    def advance(self, seconds: float) -> None:
        """Time goes by: all clocks move."""
        if seconds < 0:
            raise ValueError("time only goes forward; step() sets the wall clock back")
        self._wall += seconds
        self._monotonic += seconds
        self._boottime += seconds

    def advance_to(self, when: Second) -> None:
        """Time goes by until the wall clock shows `when`."""
        self.advance(when - self._wall)

    def step(self, seconds: float) -> None:
        """Somebody sets the wall clock: the others do not notice."""
        self._wall += seconds

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: the monotonic clock stands still."""
        self._wall += seconds
        self._boottime += seconds

    def reboot(self, *, boot_id: str) -> None:
        """The machine starts anew: the wall clock goes on, the others begin again."""
        self._boot_id = boot_id
        self._monotonic = self._boottime = 0.0


def second(instant: str) -> Second:
    """The whole UTC second of an ISO 8601 instant, which must carry its offset.

    >>> second("2026-10-01T00:00:00Z")
    1790812800
    """
    moment = datetime.fromisoformat(instant)
    if moment.tzinfo is None:
        raise ValueError(f"{instant!r} carries no offset")
    return Second(int(moment.timestamp()))
