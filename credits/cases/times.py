"""Timestamps of a case, in whole seconds: local to its zone unless they have an offset."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from credits.fields import Fields, Problem, shown
from monitor.domain.time.calendar import second_of
from monitor.domain.time.interval import Interval, IntervalSet, Second

_A_TIME = "a time such as 2026-04-01T00:00:00, whole seconds"


class CaseFields(Fields):
    """Fields that hold times of one zone."""

    def __init__(
        self, values: Mapping[str, object], path: str, problems: list[Problem], zone: ZoneInfo
    ) -> None:
        super().__init__(values, path, problems)
        self.zone = zone

    def nested(self, key: str) -> CaseFields:
        return self._timed(self.inner(key))

    def nested_list(self, key: str) -> list[CaseFields]:
        return [self._timed(fields) for fields in self.inners(key)]

    def instant(self, key: str) -> Second:
        """The second of a timestamp; 0 and a problem where the text is no timestamp."""
        found = read_instant(self.values.get(key), self.zone)
        if found is None:
            self.complain(key, _A_TIME)
        return found or Second(0)

    def period(self, start: str = "start", end: str = "end") -> Interval:
        """A period that is not empty."""
        before = len(self.problems)
        span = Interval(self.instant(start), self.instant(end))
        if not span.seconds and len(self.problems) == before:
            self.complain(end, f"a time after {start} ({shown(self.values.get(start))})")
        return span

    def intervals(self, key: str) -> IntervalSet:
        """A list of [start, end] pairs; absent is empty."""
        out: list[Interval] = []
        for i, pair in enumerate(self.listed(key)):
            path = f"{self.at(key)}[{i}]"
            if not isinstance(pair, list) or len(pair) != 2:
                wanted = "a pair [start, end]"
                self.problems.append(Problem(path=path, wanted=wanted, got=shown(pair)))
                continue
            both = [read_instant(side, self.zone) for side in pair]
            for j, found in enumerate(both):
                if found is None:
                    where = f"{path}[{j}]"
                    self.problems.append(Problem(path=where, wanted=_A_TIME, got=shown(pair[j])))
            start, end = both
            if start is None or end is None:
                continue
            if end < start:
                wanted = f"a time not before {pair[0]!r}"
                self.problems.append(Problem(path=f"{path}[1]", wanted=wanted, got=shown(pair[1])))
            out.append(Interval(start, end))
        return IntervalSet.of(out)

    def _timed(self, fields: Fields) -> CaseFields:
        return CaseFields(fields.values, fields.path, fields.problems, self.zone)


def read_instant(value: object, zone: ZoneInfo) -> Second | None:
    """The second of a timestamp; None where the value is no timestamp."""
    if not isinstance(value, str):
        return None
    if len(value) <= _LONGEST_KEPT:
        return _kept_instant(value, zone)
    # Kept for nothing, it would only take memory.
    return _instant_of(value, zone)


def _instant_of(value: str, zone: ZoneInfo) -> Second | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.microsecond:
        return None
    try:
        return second_of(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except OverflowError:
        return None


_LONGEST_KEPT = 40
_kept_instant = lru_cache(maxsize=4096)(_instant_of)
"""Thousands of invoices begin and end at few times."""


def read_zone(fields: Fields, key: str = "tz") -> ZoneInfo | None:
    """A zone of the IANA database; None and a problem where no zone has that name."""
    name = fields.text(key, "America/Argentina/Buenos_Aires")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        fields.complain(key, "a time zone such as America/Argentina/Buenos_Aires")
        return None
