"""For how long every logged look has been absurd: none counts, and nothing else says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.domain.observation import LoggedResult


class AbsurdRuns:
    """From the first to the last of those that stand at the log's end. A clock that is set makes
    the looks under way absurd, which end soon, however long nothing is looked at then."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._since: float | None = None
        self.lasted_s = 0.0

    def take(self, rows: Sequence[LoggedResult]) -> None:
        if not all(row.is_absurd for row in rows):
            self._since, self.lasted_s = None, 0.0
        if rows and rows[-1].is_absurd:
            self._since = self._monotonic() if self._since is None else self._since
            self.lasted_s = self._monotonic() - self._since
