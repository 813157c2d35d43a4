"""A result log in memory, for tests of what reads it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from monitor.domain.interval import Second
from monitor.domain.observation import CheckId, LoggedResult, Result
from monitor.ports.results import Figures, LookRow


class MemoryLog:
    """`ResultReader` over a list; `add` appends as a prober would."""

    def __init__(self) -> None:
        self.rows: list[LoggedResult] = []
        self.begins: Second | None = Second(0)
        """What it tells that it is complete from."""
        self.lost = 0
        self.walked = 0
        """Rows that were walked through to find some between others."""

    def add(self, *results: Result) -> None:
        for result in results:
            self.rows.append(LoggedResult(seq=len(self.rows) + 1, result=result))

    def lose(self, count: int) -> None:
        """The first rows were pruned."""
        self.lost = count

    def read(self, after: int, limit: int) -> Sequence[LoggedResult]:
        return self.rows[after : after + limit]

    def depth(self, after: int) -> int:
        return len(self.rows) - after

    def ranges(self, since: Second) -> Sequence[tuple[int, int]]:
        return [(1, len(self.rows))] if self.rows else []

    def between(self, first: int, last: int, checks: Collection[CheckId]) -> Sequence[LookRow]:
        self.walked += min(last, len(self.rows)) - first + 1
        return [
            LookRow(row.seq, r.check, r.location, r.slot, r.revision, r.outcome, r.failure)
            for row in self.rows[max(first - 1, self.lost) : last]
            if (r := row.result).check in checks
        ]

    def complete_from(self, until: Second) -> Second | None:
        return self.begins

    def figures(self) -> Figures | None:
        return None
