"""Slots: when each check is due. A wheel on a 50 ms grid, phases spread, no stampede.

Slots are whole UTC seconds; beneath them each check has a place on the grid. They are counted on
the monotonic clock, anchored to the wall. Pure but for the clock handed in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from monitor.domain.catalogue import Check
from monitor.domain.interval import Second
from monitor.domain.observation import CheckId
from monitor.ports.clock import Clock

GRID = 0.05
_PER_SECOND = round(1 / GRID)
STEP_TOLERANCE = 1.0
"""A wall clock that is further off its anchor has been set."""


@dataclass(frozen=True, slots=True)
class Due:
    """A slot whose time has come. `at` is the monotonic moment at which it should begin."""

    check: Check
    slot: Second
    at: float


@dataclass(slots=True)
class _Place:
    """Where a check stands: its phase, and the slot that comes next."""

    check: Check
    phase: int
    fraction: float
    next_slot: Second
    last_issued: Second | None = None
    turn: int = field(default=0)
    """Entries of the wheel made before the last re-anchoring are void."""


class SlotWheel:
    """Gives what is due; buckets by grid tick, so a tick costs what it gives.

    A backward step of the wall issues no slot a second time: a check waits until its next new
    one. Time that a forward step skips has no slots: it is a gap.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._places: dict[CheckId, _Place] = {}
        self._buckets: dict[int, list[tuple[CheckId, int]]] = {}
        self._tick = 0
        self.wall_steps = 0
        self.last_step_s = 0.0
        self._anchor()

    def plan(self, checks: Iterable[Check], start: Second) -> None:
        """These checks from `start` on, and no others. One that stays keeps its rhythm."""
        wanted = {check.id: check for check in checks}
        for gone in self._places.keys() - wanted.keys():
            del self._places[gone]
        for ident, check in wanted.items():
            place = self._places.get(ident)
            if place is None or place.check.interval != check.interval:
                last = place.last_issued if place else None
                self._places[ident] = place = _place(check, start, last)
                self._put(place)
            else:
                place.check = check

    def due(self) -> list[Due]:
        """Everything whose moment has come since the last call, in order of time."""
        self._watch_wall()
        now_tick = self._tick_of(self._clock.monotonic())
        found: list[Due] = []
        for tick in self._passed(now_tick):
            for ident, turn in self._buckets.pop(tick, ()):
                place = self._places.get(ident)
                if place is not None and place.turn == turn:
                    found.append(self._issue(place))
        self._tick = now_tick
        return found

    def next_at(self) -> float:
        """The monotonic moment of the next bucket that holds anything; at most a second away, so
        that a step of the wall is seen."""
        horizon = self._tick + _PER_SECOND
        ahead = (t for t in range(self._tick + 1, horizon) if t in self._buckets)
        return self._moment(next(ahead, horizon))

    def _passed(self, now_tick: int) -> Iterable[int]:
        """The ticks since the last call; after a long stall only the buckets that exist."""
        if now_tick - self._tick <= len(self._buckets) + 2:
            return range(self._tick + 1, now_tick + 1)
        return sorted(t for t in self._buckets if t <= now_tick)

    def _issue(self, place: _Place) -> Due:
        due = Due(place.check, place.next_slot, self._when(place, place.next_slot))
        place.last_issued = place.next_slot
        place.next_slot = Second(place.next_slot + place.check.interval)
        self._put(place)
        return due

    def _put(self, place: _Place) -> None:
        tick = self._tick_of(self._when(place, place.next_slot))
        bucket = self._buckets.setdefault(max(tick, self._tick + 1), [])
        bucket.append((place.check.id, place.turn))

    def _watch_wall(self) -> None:
        step = self._clock.wall() - self._wall_at(self._clock.monotonic())
        if abs(step) <= STEP_TOLERANCE:
            return
        self.wall_steps += 1
        self.last_step_s = step
        self._anchor()
        self._buckets.clear()
        now = self._clock.now()
        for place in self._places.values():
            place.turn += 1
            place.next_slot = _first_slot(place, Second(now + 1))
            self._put(place)

    def _anchor(self) -> None:
        self._mono0 = self._clock.monotonic()
        self._wall0 = self._clock.wall()
        self._tick = 0

    def _wall_at(self, monotonic: float) -> float:
        return self._wall0 + (monotonic - self._mono0)

    def _when(self, place: _Place, slot: Second) -> float:
        return self._mono0 + (slot + place.fraction - self._wall0)

    def _tick_of(self, monotonic: float) -> int:
        return int((monotonic - self._mono0) / GRID + 1e-6)

    def _moment(self, tick: int) -> float:
        return self._mono0 + tick * GRID


def _place(check: Check, start: Second, last_issued: Second | None) -> _Place:
    digest = hashlib.blake2b(check.id.encode(), digest_size=8).digest()
    spread = int.from_bytes(digest, "big")
    place = _Place(
        check=check,
        phase=spread % check.interval,
        fraction=(spread // check.interval) % _PER_SECOND * GRID,
        next_slot=start,
        last_issued=last_issued,
    )
    place.next_slot = _first_slot(place, start)
    return place


def _first_slot(place: _Place, start: Second) -> Second:
    """The first slot of the check's rhythm at or after `start` that it has not used."""
    if place.last_issued is not None:
        start = max(start, Second(place.last_issued + 1))
    return Second(start + (place.phase - start) % place.check.interval)
