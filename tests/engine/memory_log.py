"""A result log in memory, for tests of what reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.domain.eras import FIRST_ERA, Era, Origin, next_era
from monitor.domain.interval import Interval, Second
from monitor.domain.observation import LoggedResult, Result
from monitor.ports.results import ClockAnchor, Figures, FoldKey


class MemoryLog:
    """`ResultReader` over a list; `add` appends as a prober would."""

    def __init__(self) -> None:
        self.rows: list[LoggedResult] = []
        self._eras = [FIRST_ERA]

    def add(self, *results: Result) -> None:
        """Of the present era, whatever its clock says."""
        era = self._eras[-1].number
        for result in results:
            logged = LoggedResult(seq=len(self.rows) + 1, result=replace(result, era=era))
            self.rows.append(logged)

    def add_absurd(self, *results: Result) -> None:
        for result in results:
            logged = LoggedResult(seq=len(self.rows) + 1, result=result, is_absurd=True)
            self.rows.append(logged)

    def set_clock(self, at: Second, was: Second, origin: Origin = Origin.STEP) -> Era:
        """A new era begins, as where a prober finds its clock set."""
        self._eras.append(next_era(self._eras, origin, at, was))
        return self._eras[-1]

    def eras(self) -> Sequence[Era]:
        return self._eras

    def anchor(self) -> ClockAnchor | None:
        return None

    def read(self, after: int, limit: int) -> Sequence[LoggedResult]:
        return self.rows[after : after + limit]

    def depth(self, after: int) -> int:
        return len(self.rows) - after

    def slots(self, key: FoldKey, window: Interval) -> Sequence[LoggedResult]:
        mine = [
            r
            for r in self.rows
            if (r.result.check, r.result.location) == key and r.result.slot in window
        ]
        return sorted(mine, key=lambda r: (r.result.slot, r.seq))

    def figures(self) -> Figures | None:
        return None
