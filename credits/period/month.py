"""The calendar month that is billed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.domain.time.calendar import at_zone, local_month
from monitor.domain.time.interval import Interval, Second

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month.

    >>> str(Month.read("2026-10"))
    '2026-10'
    """

    year: int
    number: int

    @classmethod
    def read(cls, text: str) -> Month:
        """Raises ValueError for anything but YYYY-MM."""
        match = _MONTH.fullmatch(text)
        if match is None or not 1970 <= int(match[1]) <= 9998:
            raise ValueError(f"wanted a month such as 2026-10, got {text!r}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, second: Second, zone: ZoneInfo) -> Month:
        local = at_zone(second, zone)
        return cls(local.year, local.month)

    @property
    def previous(self) -> Month:
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    @property
    def next(self) -> Month:
        return Month(self.year + (self.number == 12), self.number % 12 + 1)

    @property
    def ordinal(self) -> int:
        """Months since year 0, for the journal."""
        return self.year * 12 + self.number - 1

    def window(self, zone: ZoneInfo) -> Interval:
        return local_month(self.year, self.number, zone)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"
