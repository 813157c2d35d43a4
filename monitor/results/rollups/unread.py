"""Looks that stand in the log and are not counted in yet: which of them count, and where."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from monitor.domain.time.eras import ONE_ERA, Eras
from monitor.domain.time.interval import Second
from monitor.results.rollups.latency import Width, day_of, hour_of
from monitor.results.rollups.packed_runs import Places, add_place, unpack_runs
from monitor.results.rollups.sketch import Sketch
from monitor.results.stores.ports import Timed


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """One check's and location's looks as the log has them after a cursor, which was read before
    they were; the zone is that of their days."""

    looks: Sequence[Timed]
    zone: ZoneInfo
    eras: Eras = ONE_ERA

    def not_absorbed(self, connection: sqlite3.Connection, subject: int | None) -> list[Timed]:
        """What absorbing them would add: meanwhile some of them may have been. Where another era's
        look stands in one's slot, that one counts until it was counted anew."""
        groups: defaultdict[Second, list[Timed]] = defaultdict(list)
        for look in self.looks:
            groups[hour_of(look.slot)].append(look)
        fresh: list[Timed] = []
        for start, group in groups.items():
            found = connection.execute(
                "SELECT looks FROM hour WHERE start = ? AND subject = ?", (start, subject)
            ).fetchone()
            if found is None or found[0] is not None:
                seen = unpack_runs(start, found[0]) if found else {}
                fresh += unseen(group, seen, self.eras).fresh
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


@dataclass(slots=True)
class Unseen:
    """Looks that an hour had not seen. `fresh` ones add to its sketch, `contested` ones stand in
    the slot of another era's look, `hidden` ones are of an era that was wrong."""

    fresh: list[Timed] = field(default_factory=list)
    contested: list[Timed] = field(default_factory=list)
    hidden: list[Timed] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.fresh or self.contested or self.hidden)


def unseen(group: Iterable[Timed], seen: Places, eras: Eras) -> Unseen:
    """The looks of one hour that are not among these, to which they are added: of two of one slot
    and era the first one logged counts."""
    found = Unseen()
    for look in group:
        seqs = seen.get(look.slot, ())
        if not add_place(seen, look.slot, look.seq, eras):
            continue
        if seqs:
            found.contested.append(look)
        else:
            is_wrong = eras.is_wrong(eras.of(look.seq))
            (found.hidden if is_wrong else found.fresh).append(look)
    return found
