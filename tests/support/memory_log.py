"""A result log in memory, for tests of what reads it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from monitor.domain.checks.observation import CheckId, LoggedResult, Result
from monitor.domain.time.eras import FIRST_ERA, Era, Origin, next_era
from monitor.domain.time.interval import Second
from monitor.results.log.ports import ClockAnchor, LogLoss, ProberMetrics, RunRow


class MemoryLog:
    """`ResultReader` over a list; `add` appends as a prober would."""

    def __init__(self) -> None:
        self.rows: list[LoggedResult] = []
        self._eras = [FIRST_ERA]
        self.begins: Second | None = Second(0)
        """What it tells that it is complete from."""
        self.lost = 0
        self.told_losses: list[LogLoss] = []
        self.walked = 0
        """Rows that were walked through to find some between others."""

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

    def losses(self) -> Sequence[LogLoss]:
        return self.told_losses

    def become_another(self) -> None:
        """A new log takes this one's place, behind every cursor: it knows no eras."""
        self._eras = [FIRST_ERA]

    def lose(self, count: int) -> None:
        """The first rows were pruned."""
        self.lost = count

    def read(self, after: int, limit: int) -> Sequence[LoggedResult]:
        return self.rows[after : after + limit]

    def depth(self, after: int) -> int:
        return len(self.rows) - after

    def ranges(self, since: Second) -> Sequence[tuple[int, int]]:
        return [(1, len(self.rows))] if self.rows else []

    def between(self, first: int, last: int, checks: Collection[CheckId]) -> Sequence[RunRow]:
        self.walked += min(last, len(self.rows)) - first + 1
        return [
            RunRow(row.seq, r.check, r.location, r.slot, r.revision, r.outcome, r.failure, r.era)
            for row in self.rows[max(first - 1, self.lost) : last]
            if (r := row.result).check in checks and not row.is_absurd
        ]

    def complete_from(self, until: Second) -> Second | None:
        return self.begins

    def metrics(self) -> ProberMetrics | None:
        return None
