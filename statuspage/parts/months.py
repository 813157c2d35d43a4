"""A component's calendar months under the default terms: share, allowance and verdict.

The verdict compares integers; the share is truncated and decides nothing. Excluded and unknown
seconds stay in the month.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from zoneinfo import ZoneInfo

from monitor.domain.catalogue import Role
from monitor.domain.time.calendar import local_month
from monitor.domain.time.interval import Interval, Second
from statuspage.parts.days import NOTICEABLE
from statuspage.view.model import PublicComponent, PublicDay, PublicView


class MonthVerdict(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    REVIEW = "review"
    """Time without data could change the result: a person decides."""
    NONE = "none"
    """A courtesy carries no guarantee."""
    OPEN = "open"
    """The month is not over, or was not watched as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """`total` and `down` in seconds, as far as the month has been watched.

    `since` is the first second that they count, where that is not the month's own. A share of such
    a month says so, because the billing report divides by the whole month.
    """

    first: date
    window: Interval
    total: int
    down: int
    unknown: int
    verdict: MonthVerdict
    since: Second | None = None

    @property
    def watched(self) -> int:
        return self.total - self.unknown

    @property
    def is_unseen(self) -> bool:
        """Whether a good part of it went by without data, or nothing of it was seen at all."""
        return self.unknown >= NOTICEABLE or self.watched <= 0

    @property
    def good(self) -> int:
        return self.total - self.down


def guarantee_of(view: PublicView) -> Fraction | None:
    """The share promised by the default terms, exactly; None where they promise none."""
    return Fraction(view.guarantee) if view.guarantee else None


def allowed_hundredths(seconds: int, guarantee: Fraction) -> int:
    """How long a window may be out of service, in hundredths of a second, truncated.

    >>> allowed_hundredths(2678400, Fraction("0.9989"))
    294624
    """
    return int((1 - guarantee) * seconds * 100)


def month_window(first: date, zone: ZoneInfo) -> Interval:
    return local_month(first.year, first.month, zone)


def months_of(component: PublicComponent, view: PublicView) -> tuple[Month, ...]:
    """The months that the component's days touch, newest first."""
    return _months(component.days, component, view)


def newest_month_of(component: PublicComponent, view: PublicView) -> tuple[Month, ...]:
    """The first of `months_of` alone."""
    first = component.days[-1].day.replace(day=1)
    return _months([d for d in component.days if d.day >= first], component, view)


def _months(
    days: Iterable[PublicDay], component: PublicComponent, view: PublicView
) -> tuple[Month, ...]:
    guarantee = guarantee_of(view)
    watched = [day for day in days if day.window.end > component.created_at]
    by_month = groupby(watched, key=lambda day: day.day.replace(day=1))
    months = [_month(first, days, component, view, guarantee) for first, days in by_month]
    return tuple(reversed(months))


def is_whole(month: Month, view: PublicView) -> bool:
    """Over, inside the 90 days, and watched from its first second."""
    return month.window.end <= view.at and month.since is None


def _month(
    first: date,
    days: Iterable[PublicDay],
    component: PublicComponent,
    view: PublicView,
    guarantee: Fraction | None,
) -> Month:
    window = month_window(first, view.zone)
    found = list(days)
    unwatched = max(0, component.created_at - found[0].window.start)
    began = Second(found[0].window.start + unwatched)
    down = sum(day.seconds.down for day in found)
    month = Month(
        first=first,
        window=window,
        total=sum(day.seconds.total for day in found) - unwatched,
        down=down,
        unknown=max(0, sum(day.seconds.unknown for day in found) - unwatched),
        verdict=MonthVerdict.OPEN,
        since=began if began > window.start else None,
    )
    if component.role is Role.COURTESY:
        return replace(month, verdict=MonthVerdict.NONE)
    if guarantee is None or not is_whole(month, view):
        return month
    return replace(month, verdict=verdict(month, guarantee))


def verdict(month: Month, guarantee: Fraction) -> MonthVerdict:
    """Broken only where strictly more was lost than is allowed."""
    allowed = (1 - guarantee) * month.window.seconds
    if month.down > allowed:
        return MonthVerdict.BROKEN
    return MonthVerdict.REVIEW if month.down + month.unknown > allowed else MonthVerdict.KEPT
