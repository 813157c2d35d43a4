"""Eras of the prober's clock: which seconds still count after somebody has set it.

A wall clock that is set begins a new era; a machine that boots begins one as well, for nothing
proves its clock. The lineage of an era says which seconds of which era make up the past as it is
seen from then on. It is decided once, by the prober, and stored with the era: folding the log
live, again, or years later drops the same rows. ADR 15.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

from monitor.domain.time.interval import FOREVER, Interval, Second

SMALL_STEP_S = 60
"""After a step up to this no era is judged wrong as a whole, and streaks of results go on."""
LONGEST_WRONG_S = 86_400
"""An era that lasted longer than this stays when the clock goes back within it: its seconds are
off by the step, its lengths are right, and dropping it would lose more."""
REMEMBERED = 8
"""So many past eras, each boot one of them, are judged again, for a step may turn out to have been
a mistake; what they changed can be given back."""
_RETOLD_S = 86_400
_SAME_S = 2
_LONGEST_LINEAGE = 256
"""Spans; each boot adds one, and the log keeps rows for weeks."""


class Origin(StrEnum):
    """What began an era."""

    START = "start"
    BOOT = "boot"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class EraSpan:
    """`[since, until)` as one era saw it.

    `after_step`: the clock skipped the seconds between it and the span before; they did not pass
    unwatched, and nothing may be inferred about them. `breaks_runs`: the step was long, or what was
    seen in it does not count; streaks of results end there.
    """

    era: int
    since: Second
    until: Second = FOREVER
    after_step: bool = False
    breaks_runs: bool = False

    def __contains__(self, slot: Second) -> bool:
        return self.since <= slot < self.until


Lineage: TypeAlias = tuple[EraSpan, ...]
"""Sorted and disjoint; the last one is the present era's and has no end yet."""

FIRST_LINEAGE: Lineage = (EraSpan(0, Second(0)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """One era of a prober's clock. `began_at` is its first second, `was` the second that the era
    before would have had then; `first_seq` the first row of the log that may bear its number."""

    number: int
    origin: Origin
    began_at: Second
    was: Second
    first_seq: int = 0
    lineage: Lineage = FIRST_LINEAGE

    @property
    def step_s(self) -> int:
        """By how much the clock was set; 0 where it was not."""
        return self.began_at - self.was if self.is_step else 0

    @property
    def is_step(self) -> bool:
        """Whether seconds were skipped or came again. A boot whose clock shows a later second than
        the last row proves nothing: the machine may have been off."""
        return self.origin is Origin.STEP or self.began_at < self.was

    @property
    def is_known(self) -> bool:
        """Whether the log says how it began: only then may it take anything back."""
        return self.number == 0 or self.origin is not Origin.START

    @property
    def is_big_step(self) -> bool:
        """Whether streaks of results end with it: nobody saw what it skipped."""
        return abs(self.step_s) > SMALL_STEP_S


FIRST_ERA = Era(number=0, origin=Origin.START, began_at=Second(0), was=Second(0))


def next_era(eras: Sequence[Era], origin: Origin, began_at: Second, was: Second) -> Era:
    """The era that begins after these, which are all or the last few, oldest first.

    >>> wrong = next_era([FIRST_ERA], Origin.STEP, Second(7300), Second(3700))
    >>> right = next_era([FIRST_ERA, wrong], Origin.STEP, Second(3760), Second(7360))
    >>> [(span.era, span.since, span.until) for span in right.lineage[:-1]]
    [(0, 0, 3700)]
    """
    begun = Era(number=eras[-1].number + 1, origin=origin, began_at=began_at, was=was)
    past = _before(_past_before(eras, begun), began_at)
    is_broken = begun.is_big_step or _has_dropped(eras[-1], past)
    span = EraSpan(
        begun.number, began_at, after_step=begun.is_step or is_broken, breaks_runs=is_broken
    )
    return Era(
        number=begun.number,
        origin=origin,
        began_at=began_at,
        was=was,
        lineage=(*past, span)[-_LONGEST_LINEAGE:],
    )


def counts(lineage: Lineage, era: int, slot: Second) -> bool:
    """Whether a row of that era and slot is part of the past. What lies before the first span of a
    lineage that has grown too long is believed."""
    first, last = lineage[0], lineage[-1]
    if era == last.era:
        return slot >= last.since
    if slot < first.since and era < first.era:
        return True
    return any(span.era == era and slot in span for span in reversed(lineage))


def is_stepped(lineage: Lineage, before: int, after: int) -> bool:
    """Whether the clock skipped something between a result of one era and the next of another."""
    return any(before < span.era <= after and span.after_step for span in lineage)


def breaks_runs(lineage: Lineage, before: int, after: int) -> bool:
    """Whether a streak of results ends between a result of one era and the next of another."""
    return any(before < span.era <= after and span.breaks_runs for span in lineage)


def first_difference(one: Lineage, other: Lineage) -> Second | None:
    """The first second of which two lineages give different eras; None where they agree. A lineage
    that grew too long has lost its first spans: the seconds before are not compared."""
    first = max(one[0].since, other[0].since) if one and other else 0
    edges = sorted({e for s in (*one, *other) for e in (s.since, s.until) if first <= e < FOREVER})
    return next((e for e in edges if _era_at(one, e) != _era_at(other, e)), None)


def retold(eras: Sequence[Era], since: int) -> list[Interval]:
    """Seconds whose past the eras after number `since` changed: a day of each, and all that a wrong
    era saw.

    What a clock that went back further hides lies ahead of it: it is seen again as it was, or
    counted anew where results come.
    """
    pairs = pairwise(eras)
    found = (_retold(before, begun) for before, begun in pairs if begun.number > since)
    return [span for span in found if span is not None]


def _retold(before: Era, begun: Era) -> Interval | None:
    past = begun.lineage[:-1]
    cut = first_difference(_before(before.lineage, begun.was), past)
    if cut is None:
        return None
    end = cut + _RETOLD_S
    return Interval(cut, Second(max(end, begun.was) if _has_dropped(before, past) else end))


@dataclass(frozen=True, slots=True)
class Eras:
    """All eras of one log, oldest first: which one a row is of, and whether the row counts."""

    known: Sequence[Era] = (FIRST_ERA,)
    _first_seqs: Sequence[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_first_seqs", [era.first_seq for era in self.known])

    @property
    def present(self) -> Era:
        return self.known[-1]

    def of(self, seq: int) -> int:
        """The era of a row that is not absurd: such a row comes after the beginning of its era."""
        return self.known[max(0, bisect_right(self._first_seqs, seq) - 1)].number

    def counts(self, seq: int, slot: Second) -> bool:
        return counts(self.present.lineage, self.of(seq), slot)

    def last_counting(self, slot: Second, seqs: Iterable[int]) -> int | None:
        """Of the rows of one slot, one per era, that of the latest era that counts."""
        return max((seq for seq in seqs if self.counts(seq, slot)), default=None)

    def is_wrong(self, era: int) -> bool:
        """Whether nothing that this era saw is part of the past."""
        lineage = self.present.lineage
        if era == self.present.number:
            return False
        return era >= lineage[0].era and all(span.era != era for span in lineage)


ONE_ERA = Eras()
"""Of a log whose clock was never set."""


def _past_before(eras: Sequence[Era], begun: Era) -> Lineage:
    """The past as it was before the new era, where the last eras are judged by where the clock goes
    now. A correction or a boot in between hides no era that was wrong."""
    for place in range(len(eras) - 1, 0, -1):
        if _was_wrong(eras, place, begun):
            return _before(eras[place - 1].lineage, eras[place].was)
        if eras[place].is_big_step:
            break
    return _before(eras[-1].lineage, begun.was)


def _was_wrong(eras: Sequence[Era], place: int, begun: Era) -> bool:
    """Whether the era at that place, which ends now, is shown to have been wrong as a whole.

    Its clock had gone ahead (or had booted, which proves nothing) and is set back soon; or it had
    gone back, and the clock goes on from where it was then. Where that took back another era, and
    the clock goes ahead for a second time, nothing shows which was right: the longer one counts.
    """
    present = eras[place]
    lasted = begun.was - present.began_at
    if begun.began_at < begun.was:
        back = begun.was - begun.began_at
        if back <= SMALL_STEP_S or lasted > LONGEST_WRONG_S:
            return False
        if present.origin is Origin.BOOT and not present.is_step:
            return True
        return present.step_s > 0 and _is_same(present.step_s, back)
    gone_back = -present.step_s
    if gone_back <= SMALL_STEP_S or begun.began_at < present.was:
        return False
    before = eras[place - 1]
    if _has_dropped(before, present.lineage) and lasted > present.was - before.began_at:
        return False
    return lasted <= gone_back or _is_same(gone_back, begun.began_at - begun.was)


def _is_same(one: int, other: int) -> bool:
    return abs(one - other) <= max(_SAME_S, one // 100)


def _before(lineage: Lineage, end: Second) -> Lineage:
    return tuple(replace(span, until=min(span.until, end)) for span in lineage if span.since < end)


def _has_dropped(present: Era, past: Lineage) -> bool:
    return all(span.era != present.number for span in past) and present.number > 0


def _era_at(lineage: Lineage, second: Second) -> int | None:
    return next((span.era for span in lineage if second in span), None)
