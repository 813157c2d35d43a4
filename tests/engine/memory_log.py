"""A result log in memory, for tests of what reads it."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.domain.interval import Interval
from monitor.domain.observation import LoggedResult, Result
from monitor.ports.results import Figures, FoldKey


class MemoryLog:
    """`ResultReader` over a list; `add` appends as a prober would."""

    def __init__(self) -> None:
        self.rows: list[LoggedResult] = []

    def add(self, *results: Result) -> None:
        for result in results:
            self.rows.append(LoggedResult(seq=len(self.rows) + 1, result=result))

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
