"""A fold's results in little memory, in order of slot though they come in order of logging.

Most results say what the one before said, an interval later: they are stored as series of slots. A
month of a check that runs every minute is some tens of series.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from typing import NamedTuple

from monitor.domain.checks.observation import FailureId, Outcome
from monitor.domain.time.interval import Second

MAX_STRANDS = 16
"""What is out of order in more ways than these is stored result by result."""


class Found(NamedTuple):
    """What the results of a series have in common."""

    era: int
    revision: int
    outcome: Outcome
    failure: FailureId | None


_Placed = tuple[int, int, int, Found]
"""(slot, -era, strand, found): of equal slots the later era comes first, then the first logged."""


@dataclass(slots=True)
class _Series:
    first: int
    found: Found
    step: int = 0
    count: int = 1

    def takes(self, slot: int, found: Found) -> bool:
        """Whether this result continues the series; if so, it is in it now."""
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
    """Series whose slots ascend."""

    last: int = -1
    series: list[_Series] = field(default_factory=list)

    def add(self, slot: int, found: Found) -> int:
        self.last = slot
        if self.series and self.series[-1].takes(slot, found):
            return 0
        self.series.append(_Series(slot, found))
        return 1

    def placed(self, number: int) -> Iterator[_Placed]:
        for one in self.series:
            end = one.first + (one.step or 1) * one.count
            for slot in range(one.first, end, one.step or 1):
                yield slot, -one.found.era, number, one.found


class CompactRuns:
    """Add results in order of `seq`, then read them `in_order`."""

    __slots__ = ("_loose", "_strands", "pieces")

    def __init__(self) -> None:
        self._strands = [_Strand()]
        self._loose: list[tuple[int, int, int, int, Found]] = []
        self.pieces = 0
        """The space that they take: one per series."""

    def add(self, slot: Second, found: Found) -> int:
        """How many more pieces there are now: 0 where a series continues."""
        more = self._place(slot, found)
        self.pieces += more
        return more

    def _place(self, slot: Second, found: Found) -> int:
        """A slot goes to the first strand that it ascends. All strands before have passed it, so of
        results of one slot the one that was logged first is in the earlier strand."""
        for strand in self._strands:
            if slot > strand.last:
                return strand.add(slot, found)
        if len(self._strands) < MAX_STRANDS:
            self._strands.append(_Strand())
            return self._strands[-1].add(slot, found)
        self._loose.append((slot, -found.era, MAX_STRANDS, len(self._loose), found))
        return 1

    def in_order(self) -> Iterator[tuple[Second, Found]]:
        """By slot. Where a later era has a result as well, that of an earlier one is left out."""
        last: tuple[int, int] | None = None
        for slot, before_era, _, found in self._placed():
            if last is None or slot != last[0]:
                last = (slot, before_era)
            elif before_era != last[1]:
                continue
            yield Second(slot), found

    def _placed(self) -> Iterator[_Placed]:
        ways = [strand.placed(number) for number, strand in enumerate(self._strands)]
        if self._loose:
            ways.append((slot, era, n, found) for slot, era, n, _, found in sorted(self._loose))
        return ways[0] if len(ways) == 1 else merge(*ways, key=_order)


def _order(placed: _Placed) -> tuple[int, int, int]:
    return placed[:3]
