"""Single results out of the log, by check and slot: those that bound outages.

The log has no index but its order: rows come as they are seen, so a slot's rows lie together. What
came late lies elsewhere in its day, and is looked for there.
"""

from __future__ import annotations

import logging
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from monitor.domain.checks.observation import LoggedResult, Result
from monitor.domain.time.eras import Eras
from monitor.domain.time.interval import Second
from monitor.results.log.days import DAY
from monitor.results.log.ports import ResultKey
from monitor.results.log.reader import SqliteResultReader
from monitor.results.log.rows import result_of

_NEAR = 20_000
"""Rows about a slot's place among which its own are: two minutes of a large installation."""
_AT_ONCE = 500
_log = logging.getLogger(__name__)
_RANGE = (
    "SELECT first_seq, last_seq FROM day WHERE day = ?"
    " UNION ALL SELECT first_seq, last_seq FROM unindexed"
)
_PLACE = "SELECT slot FROM result WHERE seq >= ? ORDER BY seq LIMIT 1"


class BoundingResults:
    """Reads the log where there is one; each call opens it, for there is one a month."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def found(self, wanted: Collection[ResultKey]) -> Mapping[ResultKey, Result]:
        """Those that count, of two eras that saw a slot; one that is gone is left out, and so is
        all of a log that cannot be read: what was decided stands without them."""
        try:
            with closing(_Places(self._path)) as places:
                return places.found(wanted)
        except sqlite3.Error as error:
            _log.warning("log.not_copied", extra={"error": str(error)})
            return {}


class _Places(SqliteResultReader):
    """The reader, asked for rows by their slots."""

    def found(self, wanted: Collection[ResultKey]) -> Mapping[ResultKey, Result]:
        eras = Eras(self.eras())
        by_day: defaultdict[int, set[ResultKey]] = defaultdict(set)
        for key in wanted:
            by_day[key.slot // DAY].add(key)
        out: dict[ResultKey, Result] = {}
        for day in sorted(by_day):
            out |= _counting(self._of_day(day, by_day[day]), eras)
        return out

    def _of_day(self, day: int, wanted: Collection[ResultKey]) -> Iterator[LoggedResult]:
        """Rows of these keys, one for each era that saw it."""
        ranges = self._ranges_of(day)
        missing = set(wanted)
        for row in self._near_their_slots(ranges, wanted):
            missing.discard(_key(row))
            yield row
        for first, last in ranges if missing else ():
            yield from self._picked(first, last, missing)

    def _ranges_of(self, day: int) -> Sequence[tuple[int, int]]:
        with self._lock:
            if self._is_indexed():
                return [row for row in self._rows(_RANGE, (day,)) if row[0] is not None]
            ends = self._rows("SELECT min(seq), max(seq) FROM result", ())
        return [row for row in ends if row[0] is not None]

    def _near_their_slots(
        self, ranges: Sequence[tuple[int, int]], wanted: Collection[ResultKey]
    ) -> Iterator[LoggedResult]:
        by_slot: defaultdict[Second, set[ResultKey]] = defaultdict(set)
        for key in wanted:
            by_slot[key.slot].add(key)
        for slot, keys in sorted(by_slot.items()):
            for first, last in ranges:
                place = self._place(first, last, slot)
                yield from self._picked(max(first, place - _NEAR), min(last, place + _NEAR), keys)

    def _place(self, first: int, last: int, slot: Second) -> int:
        """Where in a range the slots begin to be as late as this one."""
        while first < last:
            middle = (first + last) // 2
            with self._lock:
                rows = self._rows(_PLACE, (middle,))
            if not rows or rows[0][0] >= slot:
                last = middle
            else:
                first = middle + 1
        return first

    def _picked(
        self, first: int, last: int, wanted: Collection[ResultKey]
    ) -> Iterator[LoggedResult]:
        checks = sorted({key.check for key in wanted})
        for start in range(0, len(checks), _AT_ONCE):
            some = checks[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            with self._lock:
                rows = self._results(
                    f"seq BETWEEN ? AND ? AND check_id IN ({marks})", (first, last, *some)
                )
            for row in map(result_of, rows):
                if not row.is_absurd and _key(row) in wanted:
                    yield row


def _counting(rows: Iterable[LoggedResult], eras: Eras) -> dict[ResultKey, Result]:
    seen: defaultdict[ResultKey, dict[int, Result]] = defaultdict(dict)
    for row in rows:
        seen[_key(row)][row.seq] = row.result
    chosen = {key: eras.last_counting(key.slot, own) for key, own in seen.items()}
    return {key: seen[key][seq] for key, seq in chosen.items() if seq is not None}


def _key(row: LoggedResult) -> ResultKey:
    return ResultKey(row.result.check, row.result.location, row.result.slot)
