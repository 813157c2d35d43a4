"""When a thing was done whose stamp is from a clock that somebody has set since.

A result of a wrong era is dropped. What people did is not: it was done, and by the right clock it
was done at another second. Configurations are in force from such a second, and planned work is
announced at one, which decides money.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from monitor.domain.time.eras import SMALL_STEP_S, Era, Lineage
from monitor.domain.time.interval import FOREVER, Second


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A second that a clock showed when something was done. `seq` gives the order in which things
    were done, which no clock does."""

    seq: int
    at: Second


def restated(eras: Sequence[Era], number: int, at: Second) -> Second:
    """The second that the last era's clock would have shown when that of era `number` showed `at`;
    `at` itself where that era counts for it, or where it is off by a minute at the most.

    Nobody knows for how long the machine was off between a wrong era and the right one: the thing
    is taken to have been done as late as it can have been.

    >>> from monitor.domain.time.eras import FIRST_ERA, Origin, next_era
    >>> wrong = next_era([FIRST_ERA], Origin.STEP, Second(7300), Second(3700))
    >>> right = next_era([FIRST_ERA, wrong], Origin.STEP, Second(3760), Second(7360))
    >>> restated([FIRST_ERA, wrong, right], 1, Second(7330))
    3730
    >>> restated([FIRST_ERA, wrong, right], 0, Second(3600))
    3600
    """
    lineage, shown = eras[-1].lineage, at
    for era, following in pairwise([era for era in eras if era.number >= number]):
        if _stands(lineage, era.number, shown):
            break
        shown = Second(shown + _shift(lineage, era, following))
    return shown if abs(shown - at) > SMALL_STEP_S else at


def made_in(
    eras: Sequence[Era], entered: Mapping[int, int], stamps: Iterable[Stamp]
) -> Iterator[tuple[Stamp, int]]:
    """Each stamp, in the order done, with the number of the era whose clock it was read from; those
    of which that is not known are left out.

    `entered` is, by era, the last `seq` before the era was noticed. What was done between a step
    and that moment is recognised by its second: the clock of an era shows no second outside the
    era, and does not go back.
    """
    order = _Order(eras, entered)
    for stamp in stamps:
        number = order.era_of(stamp)
        if number is not None:
            yield stamp, number


@dataclass(slots=True)
class _Order:
    eras: Sequence[Era]
    entered: Mapping[int, int]
    _latest: dict[int, Second] = field(default_factory=dict)
    _last: int = 0

    def era_of(self, stamp: Stamp) -> int | None:
        noticed = (n for n, after in self.entered.items() if after < stamp.seq)
        first = max(self._last, max(noticed, default=0))
        found = next((e for e in self._showing(stamp.at) if e.number >= first), None)
        if found is None:
            return None
        self._last = found.number
        self._latest[found.number] = max(stamp.at, self._latest.get(found.number, stamp.at))
        return found.number

    def _showing(self, at: Second) -> Iterator[Era]:
        """The eras whose clock can have shown a second, after the stamps so far."""
        ends = [following.was for following in self.eras[1:]] + [FOREVER]
        for era, end in zip(self.eras, ends, strict=True):
            begins = max(era.began_at, self._latest.get(era.number, era.began_at))
            if begins - SMALL_STEP_S <= at <= end + SMALL_STEP_S:
                yield era


def _stands(lineage: Lineage, number: int, at: Second) -> bool:
    """Whether the clock of that era counts for a second: no other era has it."""
    if at < lineage[0].since and number < lineage[0].era:
        return True
    ends = [span.since for span in lineage[1:]] + [FOREVER]
    spans = zip(lineage, ends, strict=True)
    return any(span.era == number and at < end for span, end in spans)


def _shift(lineage: Lineage, era: Era, following: Era) -> int:
    """By how much the clock of the era that follows is ahead. A boot that shows a later second
    says nothing about that, except where it ends a wrong era."""
    numbers = {span.era for span in lineage}
    if following.is_step or (era.number not in numbers and following.number in numbers):
        return following.began_at - following.was
    return 0
