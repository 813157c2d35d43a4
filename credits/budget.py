"""How much of the downtime that a guarantee allows in a month is used up: for people who can still
do something about it. The verdict of the month is another question, and a report's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from credits.terms import Denominator, Terms
from credits.verdict import judge
from monitor.domain.availability import Seconds
from monitor.domain.time.interval import Interval, Second


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Of one component in a month, counted before `until`, when an outage under way was last seen.
    Seconds, exact.

    `allowed` is that of the whole month, from its first second on: what is left of the month is
    taken to work. `possible` is the time of which nothing is known: it may have been downtime too.
    """

    month: Interval
    until: Second
    allowed: Fraction
    used: Fraction
    possible: Fraction
    is_going_on: bool
    """Whether downtime is being counted in this very moment."""

    @property
    def share(self) -> Fraction | None:
        """Used of allowed; above 1 the guarantee is broken. None where nothing is allowed."""
        return self.used / self.allowed if self.allowed else None

    @property
    def possible_share(self) -> Fraction | None:
        """The same, if all unknown time was downtime."""
        return (self.used + self.possible) / self.allowed if self.allowed else None

    @property
    def left(self) -> Fraction:
        return max(Fraction(0), self.allowed - self.used)

    @property
    def is_used_up(self) -> bool:
        """Strictly more than is allowed, as the verdict has it."""
        return self.used > self.allowed

    @property
    def used_up_at(self) -> Second | None:
        """The end of the first second that breaks the guarantee if the outage under way goes on;
        None without one, where it is broken already, or where the month ends before.

        >>> month = Interval(Second(0), Second(2_592_000))
        >>> Budget(month=month, until=Second(9_000), allowed=Fraction("2851.2"),
        ...        used=Fraction(2_000), possible=Fraction(0), is_going_on=True).used_up_at
        9852
        """
        if not self.is_going_on or self.is_used_up:
            return None
        at = Second(self.until + int(self.left) + 1)
        return at if at <= self.month.end else None


def budget_of(
    seconds: Seconds, month: Interval, until: Second, terms: Terms, *, is_going_on: bool = False
) -> Budget:
    """`seconds` are those of the month as far as it has passed, under the terms' exclusions.

    Time of which nothing is known takes nothing out of a guarantee on measured time alone.
    """
    rest = max(0, month.seconds - seconds.total)
    judged = judge(replace(seconds, up=seconds.up + rest), terms)
    counts = terms.denominator is not Denominator.MEASURED
    return Budget(
        month=month,
        until=until,
        allowed=judged.allowed,
        used=judged.downtime,
        possible=Fraction(judged.unknown_s if counts else 0),
        is_going_on=is_going_on,
    )
