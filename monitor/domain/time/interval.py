"""Whole UTC seconds and half-open intervals of them: the only arithmetic of time shares.

A `Second` counts whole seconds since 1970-01-01T00:00:00Z (leap seconds ignored, as POSIX does).
Zones and datetimes belong to configuration and rendering; see `monitor.domain.time.calendar`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NewType

Second = NewType("Second", int)

FOREVER = Second(1 << 40)
"""The end of what has none yet."""


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """`[start, end)` in UTC seconds; empty where `end <= start`."""

    start: Second
    end: Second

    @property
    def seconds(self) -> int:
        return max(0, self.end - self.start)

    def __contains__(self, second: Second) -> bool:
        return self.start <= second < self.end

    def clip(self, other: Interval) -> Interval:
        """The part inside `other`; empty (zero seconds) where they are apart."""
        return Interval(max(self.start, other.start), min(self.end, other.end))

    def overlaps(self, other: Interval) -> bool:
        return self.clip(other).seconds > 0


@dataclass(frozen=True, slots=True)
class IntervalSet:
    """Disjoint, sorted, non-empty intervals: a set of seconds.

    >>> IntervalSet.of([Interval(0, 10), Interval(5, 20)]).seconds
    20
    """

    parts: tuple[Interval, ...] = ()

    @classmethod
    def of(cls, intervals: Iterable[Interval]) -> IntervalSet:
        """The union: order, overlaps and duplicates change nothing."""
        merged: list[Interval] = []
        for part in sorted(i for i in intervals if i.seconds):
            if merged and part.start <= merged[-1].end:
                merged[-1] = Interval(merged[-1].start, max(merged[-1].end, part.end))
            else:
                merged.append(part)
        return cls(tuple(merged))

    @property
    def seconds(self) -> int:
        return sum(part.seconds for part in self.parts)

    def __iter__(self) -> Iterator[Interval]:
        return iter(self.parts)

    def __and__(self, other: IntervalSet) -> IntervalSet:
        found: list[Interval] = []
        i, j = 0, 0
        while i < len(self.parts) and j < len(other.parts):
            a, b = self.parts[i], other.parts[j]
            both = a.clip(b)
            if both.seconds:
                found.append(both)
            if a.end <= b.end:
                i += 1
            else:
                j += 1
        return IntervalSet(tuple(found))

    def __sub__(self, other: IntervalSet) -> IntervalSet:
        left: list[Interval] = []
        for part in self.parts:
            start = part.start
            for removed in other.parts:
                if removed.end <= start or removed.start >= part.end:
                    continue
                if removed.start > start:
                    left.append(Interval(start, removed.start))
                start = max(start, removed.end)
            if start < part.end:
                left.append(Interval(start, part.end))
        return IntervalSet(tuple(left))
