"""Runs that are in the log and not counted yet: which of them count, and in which bucket."""

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
    """The runs that the log has of one check and location after a cursor, which was read before
    they were; `zone` is that of their days."""

    runs: Sequence[Timed]
    zone: ZoneInfo
    eras: Eras = ONE_ERA

    def not_absorbed(self, connection: sqlite3.Connection, subject: int | None) -> list[Timed]:
        """What absorbing them would add: some may have been absorbed meanwhile. Where a slot has a
        run of another era, that one counts until the bucket is counted again."""
        groups: defaultdict[Second, list[Timed]] = defaultdict(list)
        for run in self.runs:
            groups[hour_of(run.slot)].append(run)
        fresh: list[Timed] = []
        for start, group in groups.items():
            found = connection.execute(
                "SELECT looks FROM hour WHERE start = ? AND subject = ?", (start, subject)
            ).fetchone()
            if found is None or found[0] is not None:
                places = unpack_runs(start, found[0]) if found else {}
                fresh += unseen(group, places, self.eras).fresh
        return fresh

    def sketches(self, runs: Iterable[Timed], width: Width) -> dict[Second, Sketch]:
        """By the start of their bucket."""
        found: defaultdict[Second, list[int]] = defaultdict(list)
        for run in runs:
            if run.duration_us is not None:
                is_day = width is Width.DAY
                start = day_of(run.slot, self.zone) if is_day else hour_of(run.slot)
                found[start].append(run.duration_us)
        return {start: Sketch.of(durations) for start, durations in found.items()}


@dataclass(slots=True)
class Unseen:
    """Runs that an hour had not counted. `fresh` ones add to its sketch, `contested` ones are in
    the slot of another era's run, `hidden` ones are of an era that was wrong."""

    fresh: list[Timed] = field(default_factory=list)
    contested: list[Timed] = field(default_factory=list)
    hidden: list[Timed] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.fresh or self.contested or self.hidden)


def unseen(group: Iterable[Timed], places: Places, eras: Eras) -> Unseen:
    """The runs of one hour that are not in `places`, to which they are added: of two of one slot
    and era the first one logged counts."""
    found = Unseen()
    for run in group:
        seqs = places.get(run.slot, ())
        if not add_place(places, run.slot, run.seq, eras):
            continue
        if seqs:
            found.contested.append(run)
        else:
            is_wrong = eras.is_wrong(eras.of(run.seq))
            (found.hidden if is_wrong else found.fresh).append(run)
    return found
