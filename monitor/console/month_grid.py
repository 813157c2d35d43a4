"""A month as a calendar has it: whole weeks, Monday first, by the days of one zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.refusals import Refused
from monitor.domain.time.calendar import Hours, at_zone, local_day, local_days, midnight
from monitor.domain.time.interval import Interval, Second

_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS = range(1970, 2200)
_LONGEST = 40
_HOUR_S = 3_600
_NIGHT_S = 2 * _HOUR_S


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthGrid:
    """The weeks that have a day of the month; `first` is the month's first day."""

    first: date
    zone: ZoneInfo

    @property
    def days(self) -> tuple[date, ...]:
        """From a Monday to a Sunday."""
        start = self.first - timedelta(days=self.first.weekday())
        last = next_month(self.first) - timedelta(days=1)
        weeks = (last - start).days // 7 + 1
        return tuple(start + timedelta(days=n) for n in range(7 * weeks))

    @property
    def interval(self) -> Interval:
        """All of its days, between local midnights."""
        days = self.days
        end = midnight(days[-1] + timedelta(days=1), self.zone)
        return Interval(midnight(days[0], self.zone), end)

    @property
    def before(self) -> date | None:
        """The first day of the month before; None at the end of the calendar."""
        found = (self.first - timedelta(days=1)).replace(day=1)
        return found if found.year in _YEARS else None

    @property
    def after(self) -> date | None:
        found = next_month(self.first)
        return found if found.year in _YEARS else None

    def by_day(
        self, windows: Iterable[MaintenanceWindow]
    ) -> dict[date, Sequence[MaintenanceWindow]]:
        """The windows of each day that has any, by start. One that ends at midnight is not of the
        day that begins then."""
        found: dict[date, list[MaintenanceWindow]] = {}
        shown = self.interval
        for window in sorted(windows, key=lambda w: (w.start, w.id)):
            part = drawn(window).clip(shown)
            for day, seconds in local_days(part, self.zone):
                # A zone may have left a day out.
                if seconds.overlaps(part):
                    found.setdefault(day, []).append(window)
        return dict(found)


def drawn(window: MaintenanceWindow) -> Interval:
    """When it takes place, as far as it does; one that was taken back before it began stands where
    it was planned."""
    effective = window.effective
    return effective if effective.end > effective.start else window.interval


def proposed(day: date, hours: Hours | None, zone: ZoneInfo, now: Second) -> tuple[Second, Second]:
    """When a window on that day might be: an hour where work is allowed to begin, else in the
    night, but not before the next full hour."""
    whole = local_day(day, zone)
    opens = hours.opens_next(Second(whole.start - 1)) if hours is not None else None
    is_open = opens is not None and opens in whole
    start = opens if opens is not None and is_open else Second(whole.start + _NIGHT_S)
    start = max(start, Second(now - now % _HOUR_S + _HOUR_S))
    return start, Second(start + _HOUR_S)


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def month_of(written: str, now: Second, zone: ZoneInfo) -> MonthGrid:
    """The month that an address names such as `2026-12`, the present one where it names none.
    Raises Refused."""
    if not written:
        return MonthGrid(first=at_zone(now, zone).date().replace(day=1), zone=zone)
    first = _date(f"{written}-01") if _MONTH.fullmatch(written) else None
    if first is None:
        raise Refused("form.month", got=written[:_LONGEST])
    return MonthGrid(first=first, zone=zone)


def day_of(written: str) -> date | None:
    """The day that an address names such as `2026-12-24`; None where it names none. Raises
    Refused."""
    if not written:
        return None
    day = _date(written) if _DAY.fullmatch(written) else None
    if day is None:
        raise Refused("form.day", got=written[:_LONGEST])
    return day


def _date(written: str) -> date | None:
    try:
        found = date.fromisoformat(written)
    except ValueError:
        return None
    return found if found.year in _YEARS else None
