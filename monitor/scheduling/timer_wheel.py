"""The timer wheel: which checks are due at which tick of a 50 ms grid. Pure, and without state.

Starts are gathered on the grid because at low rates the wake-ups of a loop cost more than the runs.
Each check has a place of its own, by a stable hash, so that they do not all wait for the full
minute.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NewType

from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import CheckId
from monitor.domain.time.interval import Second

Tick = NewType("Tick", int)
"""A place on the grid: the wall clock's time since 1970, in twentieths of a second."""

TICKS_PER_SECOND = 20
GRID_S = 1 / TICKS_PER_SECOND


def slot_of(tick: Tick) -> Second:
    """The whole second that a tick belongs to; the log stores it."""
    return Second(tick // TICKS_PER_SECOND)


def first_tick(second: Second) -> Tick:
    return Tick(second * TICKS_PER_SECOND)


def phase_of(check: CheckId, interval: int) -> int:
    """A check's place within its interval, in ticks: the same in every process and revision."""
    digest = hashlib.blake2b(check.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % (interval * TICKS_PER_SECOND)


class _Bucket:
    """The checks of one interval, by their phase."""

    __slots__ = ("period", "phases", "places")

    def __init__(self, interval: int) -> None:
        self.period = interval * TICKS_PER_SECOND
        self.places: dict[int, list[Check]] = {}
        self.phases: list[int] = []

    def distance(self, tick: Tick) -> int:
        """Ticks from `tick` to the next place with checks; 0 where its own place has some."""
        phase = tick % self.period
        place = bisect_left(self.phases, phase)
        if place < len(self.phases):
            return self.phases[place] - phase
        return self.phases[0] + self.period - phase


class TimerWheel:
    """When each check of a catalogue is due, for all time. A tick's cost grows with its checks."""

    __slots__ = ("_rings", "mean_per_tick")

    def __init__(self, checks: Iterable[Check]) -> None:
        buckets: dict[int, _Bucket] = {}
        self.mean_per_tick = 0.0
        for check in checks:
            bucket = buckets.setdefault(check.interval, _Bucket(check.interval))
            bucket.places.setdefault(phase_of(check.id, check.interval), []).append(check)
            self.mean_per_tick += 1 / bucket.period
        for bucket in buckets.values():
            bucket.phases = sorted(bucket.places)
        self._rings = tuple(buckets.values())

    def due(self, tick: Tick) -> list[Check]:
        """The checks that are due at this tick."""
        found: list[Check] = []
        for bucket in self._rings:
            found += bucket.places.get(tick % bucket.period, ())
        return found

    def next_from(self, tick: Tick) -> Tick | None:
        """The first tick at or after this one at which anything is due; None without checks."""
        if not self._rings:
            return None
        return Tick(tick + min(bucket.distance(tick) for bucket in self._rings))

    def between(self, first: Tick, last: Tick) -> Iterator[Tick]:
        """The ticks from `first` to `last`, both included, at which anything is due."""
        tick = self.next_from(first)
        while tick is not None and tick <= last:
            yield tick
            tick = self.next_from(Tick(tick + 1))
