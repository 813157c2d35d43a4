"""A component's days that nothing can change any more, and what they come to."""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter

from monitor.domain.availability import Seconds, add_up
from monitor.domain.time.interval import Second
from statuspage.view.model import PublicDay

_START = attrgetter("window.start")


class ClosedDays:
    """Oldest first and without a hole. The sum is worked out once for as long as they stand."""

    __slots__ = ("_days", "_total")

    def __init__(self) -> None:
        self._days: tuple[PublicDay, ...] = ()
        self._total = Seconds()

    def __len__(self) -> int:
        return len(self._days)

    def begin_at(self, first: Second, most: int) -> None:
        """Drop the days that have left a span of so many that begins there, and all of them where
        the clock was set back."""
        kept = self._days[bisect_left(self._days, first, key=_START) :]
        if kept and (kept[0].window.start > first or len(kept) > most):
            kept = ()
        if len(kept) < len(self._days):
            self._hold(kept)

    def with_open(
        self, closing: list[PublicDay], still_open: list[PublicDay]
    ) -> tuple[tuple[PublicDay, ...], Seconds]:
        """Take in the days that close now; all of them with those still open, and their sum."""
        if closing:
            self._hold((*self._days, *closing))
        total = add_up([self._total, *(day.seconds for day in still_open)])
        return (*self._days, *still_open), total

    def _hold(self, days: tuple[PublicDay, ...]) -> None:
        self._days = days
        self._total = add_up(day.seconds for day in days)
