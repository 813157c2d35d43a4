"""A fold's looks in little memory, in order of slot though they come in order of logging.

Most looks find what the one before found, an interval later: they are kept as runs of slots. A
month of a check that looks every minute is some tens of runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from typing import NamedTuple

from monitor.domain.checks.observation import FailureId, Outcome
from monitor.domain.time.interval import Second

MAX_STRANDS = 16
"""What is out of order in more ways than these is kept look by look."""


class Found(NamedTuple):
    """What looks of a run have in common."""

    era: int
    revision: int
    outcome: Outcome
    failure: FailureId | None


_Placed = tuple[int, int, int, Found]
"""(slot, -era, strand, found): of equal slots the later era comes first, then the first logged."""


@dataclass(slots=True)
class _Run:
    first: int
    found: Found
    step: int = 0
    count: int = 1

    def takes(self, slot: int, found: Found) -> bool:
        """Whether this look goes on with the run; if so, it is in it now."""
        if found != self.found:
            return False
        if self.count == 1:
            self.step = slot - self.first
        elif slot != self.first + self.step * self.count:
            return False
        self.count += 1
        return True


@dataclass(slots=True)
class _Strand:
    """Runs whose slots ascend."""

    last: int = -1
    runs: list[_Run] = field(default_factory=list)

    def add(self, slot: int, found: Found) -> int:
        self.last = slot
        if self.runs and self.runs[-1].takes(slot, found):
            return 0
        self.runs.append(_Run(slot, found))
        return 1

    def placed(self, number: int) -> Iterator[_Placed]:
        for run in self.runs:
            end = run.first + (run.step or 1) * run.count
            for slot in range(run.first, end, run.step or 1):
                yield slot, -run.found.era, number, run.found


class CompactRuns:
    """Add looks in order of `seq`, then read them `in_order`."""

    __slots__ = ("_loose", "_strands", "pieces")

    def __init__(self) -> None:
        self._strands = [_Strand()]
        self._loose: list[tuple[int, int, int, int, Found]] = []
        self.pieces = 0
        """What they take: one a run."""

    def add(self, slot: Second, found: Found) -> int:
        """How many pieces more there are now: 0 where a run goes on."""
        more = self._place(slot, found)
        self.pieces += more
        return more

    def _place(self, slot: Second, found: Found) -> int:
        """A slot goes to the first strand that it ascends. All strands before have passed it, so of
        looks of one slot the one that was logged first stands in the earlier strand."""
        for strand in self._strands:
            if slot > strand.last:
                return strand.add(slot, found)
        if len(self._strands) < MAX_STRANDS:
            self._strands.append(_Strand())
            return self._strands[-1].add(slot, found)
        self._loose.append((slot, -found.era, MAX_STRANDS, len(self._loose), found))
        return 1

    def in_order(self) -> Iterator[tuple[Second, Found]]:
        """By slot. Where a later era looked as well, what an earlier one saw is left out."""
        held: tuple[int, int] | None = None
        for slot, before_era, _, found in self._placed():
            if held is None or slot != held[0]:
                held = (slot, before_era)
            elif before_era != held[1]:
                continue
            yield Second(slot), found

    def _placed(self) -> Iterator[_Placed]:
        ways = [strand.placed(number) for number, strand in enumerate(self._strands)]
        if self._loose:
            ways.append((slot, era, n, found) for slot, era, n, _, found in sorted(self._loose))
        return ways[0] if len(ways) == 1 else merge(*ways, key=_order)


def _order(placed: _Placed) -> tuple[int, int, int]:
    return placed[:3]
