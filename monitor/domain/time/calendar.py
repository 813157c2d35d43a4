"""Where seconds meet a zone's calendar: months, days, opening hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.time.interval import Interval, Second

_QUARTER = 900
"""Every zone's offset is a whole number of these."""
_MONTHS = 62


def at_zone(second: Second, zone: ZoneInfo) -> datetime:
    """The wall clock of a zone at that second, for people to read."""
    return datetime.fromtimestamp(second, tz=UTC).astimezone(zone)


def second_of(moment: datetime) -> Second:
    """The second of an aware datetime; a naive one is refused, for it does not define one."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone names no second: {moment.isoformat()}")
    return Second(int(moment.timestamp()))


def midnight(day: date, zone: ZoneInfo) -> Second:
    """The first second of a local day, also where a clock change skips its midnight."""
    return second_of(datetime.combine(day, time(0), tzinfo=zone))


def local_day(day: date, zone: ZoneInfo) -> Interval:
    """A local day: 23, 24 or 25 real hours."""
    return Interval(midnight(day, zone), midnight(day + timedelta(days=1), zone))


def local_month(year: int, month: int, zone: ZoneInfo) -> Interval:
    """A calendar month between local midnights: real elapsed time, never days x 86 400."""
    after = date(year + month // 12, month % 12 + 1, 1)
    return Interval(midnight(date(year, month, 1), zone), midnight(after, zone))


def local_days(window: Interval, zone: ZoneInfo) -> Iterator[tuple[date, Interval]]:
    """Every local day that touches the window, whole, in order."""
    day = at_zone(window.start, zone).date()
    while midnight(day, zone) < window.end:
        yield day, local_day(day, zone)
        day += timedelta(days=1)


def local_hours(day: Interval, zone: ZoneInfo) -> dict[int, Interval]:
    """A local day cut where its wall clock says another hour: by that hour, the real seconds in
    which the clock says it. One that is skipped is left out, and one that comes twice is twice as
    long.

    >>> madrid = ZoneInfo("Europe/Madrid")
    >>> found = local_hours(local_day(date(2026, 10, 25), madrid), madrid)
    >>> [found[hour].seconds for hour in (0, 1, 2, 3)]
    [3600, 3600, 7200, 3600]
    """
    found: dict[int, Interval] = {}
    for at in range(day.start, day.end, _QUARTER):
        hour, end = at_zone(Second(at), zone).hour, Second(min(at + _QUARTER, day.end))
        found[hour] = Interval(found[hour].start if hour in found else Second(at), end)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Weekly opening hours: `days` 0 (Monday) to 6, the same `opens`-`closes` on each, but on none
    of the `holidays`.

    `Hours.always()` is 24 h, and knows no holidays.
    """

    zone: ZoneInfo
    days: frozenset[int] = frozenset(range(7))
    opens: time = time(0)
    closes: time | None = None
    """None: midnight at the day's end."""
    holidays: frozenset[date] = frozenset()

    @classmethod
    def always(cls, zone: ZoneInfo) -> Hours:
        return cls(zone=zone)

    @property
    def is_always(self) -> bool:
        return len(self.days) == 7 and self.opens == time(0) and self.closes is None

    def is_open(self, now: Second) -> bool:
        return any(now in window for window in self._around(now, ahead=0))

    def closes_at(self, now: Second) -> Second | None:
        """When the window that is open now closes; None where none is open, or it never does."""
        if self.is_always:
            return None
        return next((w.end for w in self._around(now, ahead=0) if now in w), None)

    def opens_next(self, now: Second) -> Second | None:
        """The next opening strictly after now; None where it never closes, or does not open within
        two months."""
        if self.is_always:
            return None
        return next((w.start for w in self._around(now, ahead=_MONTHS) if w.start > now), None)

    def after(self, now: Second, open_s: int) -> Second | None:
        """The second by which it was open for so many seconds, counted from now. None where it is
        not open so long within two months.

        >>> zone, weekdays = ZoneInfo("UTC"), frozenset(range(5))
        >>> office = Hours(zone=zone, days=weekdays, opens=time(10), closes=time(17))
        >>> friday_at_16 = second_of(datetime(2026, 11, 27, 16, tzinfo=UTC))
        >>> at_zone(office.after(friday_at_16, 7_200), zone).isoformat()
        '2026-11-30T11:00:00+00:00'
        """
        left = open_s
        for window in self._around(now, ahead=_MONTHS):
            start = max(window.start, now)
            if window.end - start >= left:
                return Second(start + left)
            left -= max(0, window.end - start)
        return None

    def _around(self, now: Second, *, ahead: int) -> Iterator[Interval]:
        today = at_zone(now, self.zone).date()
        for offset in range(-1, ahead + 1):
            day = today + timedelta(days=offset)
            if day.weekday() in self.days and day not in self.holidays:
                yield self._window(day)

    def _window(self, day: date) -> Interval:
        start = second_of(datetime.combine(day, self.opens, tzinfo=self.zone))
        if self.closes is None:
            return Interval(start, midnight(day + timedelta(days=1), self.zone))
        return Interval(start, second_of(datetime.combine(day, self.closes, tzinfo=self.zone)))
