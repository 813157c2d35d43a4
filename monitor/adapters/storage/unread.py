"""Looks that stand in the log and are not counted in yet: which of them count, and where."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.adapters.storage.looks import unpack_looks
from monitor.domain.interval import Second
from monitor.domain.latency import Width, day_of, hour_of
from monitor.domain.sketch import Sketch
from monitor.ports.store import Timed


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """One check's and location's looks as the log has them after a cursor, which was read before
    they were; the zone is that of their days."""

    looks: Sequence[Timed]
    zone: ZoneInfo

    def not_absorbed(self, connection: sqlite3.Connection, subject: int | None) -> list[Timed]:
        """What absorbing them would add: meanwhile some of them may have been."""
        groups: defaultdict[Second, list[Timed]] = defaultdict(list)
        for look in self.looks:
            groups[hour_of(look.slot)].append(look)
        fresh: list[Timed] = []
        for start, group in groups.items():
            found = connection.execute(
                "SELECT looks FROM hour WHERE start = ? AND subject = ?", (start, subject)
            ).fetchone()
            if found is None or found[0] is not None:
                fresh += unseen(group, unpack_looks(start, found[0]) if found else {})
        return fresh

    def sketches(self, looks: Iterable[Timed], width: Width) -> dict[Second, Sketch]:
        """By the start of their window."""
        found: defaultdict[Second, list[int]] = defaultdict(list)
        for look in looks:
            if look.duration_us is not None:
                is_day = width is Width.DAY
                start = day_of(look.slot, self.zone) if is_day else hour_of(look.slot)
                found[start].append(look.duration_us)
        return {start: Sketch.of(durations) for start, durations in found.items()}


def unseen(group: Iterable[Timed], seen: dict[Second, int]) -> list[Timed]:
    """The looks of one hour whose slots are not among these, to which they are added: of two of
    one slot the first one logged counts."""
    fresh = []
    for look in group:
        if look.slot not in seen:
            seen[look.slot] = look.seq
            fresh.append(look)
    return fresh
