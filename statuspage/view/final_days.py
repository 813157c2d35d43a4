"""A component's days that nothing can change any more, and their sum."""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter

from monitor.domain.availability import Seconds, add_up
from monitor.domain.time.interval import Second
from statuspage.view.model import PublicDay

_START = attrgetter("window.start")


class FinalDays:
    """Oldest first and without a gap. The sum is computed once, until the days change."""

    __slots__ = ("_days", "_total")

    def __init__(self) -> None:
        self._days: tuple[PublicDay, ...] = ()
        self._total = Seconds()

    def __len__(self) -> int:
        return len(self._days)

    def begin_at(self, first: Second, most: int) -> None:
        """Drop the days that have left the span, which begins at `first` and has room for `most` of
        them. Drop all of them where the clock was set back."""
        remaining = self._days[bisect_left(self._days, first, key=_START) :]
        if remaining and (remaining[0].window.start > first or len(remaining) > most):
            remaining = ()
        if len(remaining) < len(self._days):
            self._replace(remaining)

    def with_open(
        self, closing: list[PublicDay], still_open: list[PublicDay]
    ) -> tuple[tuple[PublicDay, ...], Seconds]:
        """Add the days that close now; return all of them with those still open, and their sum."""
        if closing:
            self._replace((*self._days, *closing))
        total = add_up([self._total, *(day.seconds for day in still_open)])
        return (*self._days, *still_open), total

    def _replace(self, days: tuple[PublicDay, ...]) -> None:
        self._days = days
        self._total = add_up(day.seconds for day in days)
