"""Eras of the prober's clock: which seconds still count after somebody has set it.

A wall clock that is set begins a new era; a machine that boots begins one as well, for nothing
proves its clock. The lineage of an era says which seconds of which era make up the past as it is
seen from then on. It is decided once, by the prober, and kept with the era: whoever folds the log
live, again, or years later drops the same rows. ADR 15.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from monitor.domain.interval import FOREVER, Second

SMALL_STEP_S = 60
"""A step up to this is a correction: no era is judged wrong by it as a whole."""
LONGEST_WRONG_S = 86_400
"""An era that lasted longer than this stays when the clock goes back within it: its seconds are
off by the step, its lengths are right, and dropping it would lose more."""
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
    """`[since, until)` as one era saw it. `after_step`: what lies between it and the span before
    was skipped by the clock, not slept through; nothing may be inferred of it."""

    era: int
    since: Second
    until: Second = FOREVER
    after_step: bool = False

    def __contains__(self, slot: Second) -> bool:
        return self.since <= slot < self.until


Lineage: TypeAlias = tuple[EraSpan, ...]
"""Sorted and apart; the last one is the present era's and has no end yet."""

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


FIRST_ERA = Era(number=0, origin=Origin.START, began_at=Second(0), was=Second(0))


def next_era(eras: Sequence[Era], origin: Origin, began_at: Second, was: Second) -> Era:
    """The era that begins after these, which are all or the last few, oldest first.

    >>> wrong = next_era([FIRST_ERA], Origin.STEP, Second(7300), Second(3700))
    >>> right = next_era([FIRST_ERA, wrong], Origin.STEP, Second(3760), Second(7360))
    >>> [(span.era, span.since, span.until) for span in right.lineage[:-1]]
    [(0, 0, 3700)]
    """
    begun = Era(number=eras[-1].number + 1, origin=origin, began_at=began_at, was=was)
    kept = _before(_kept(eras, begun), began_at)
    span = EraSpan(begun.number, began_at, after_step=begun.is_step or _has_dropped(eras[-1], kept))
    return Era(
        number=begun.number,
        origin=origin,
        began_at=began_at,
        was=was,
        lineage=(*kept, span)[-_LONGEST_LINEAGE:],
    )


def counts(lineage: Lineage, era: int, slot: Second) -> bool:
    """Whether a row of that era and slot is part of the past."""
    last = lineage[-1]
    if era == last.era:
        return slot >= last.since
    return any(span.era == era and slot in span for span in reversed(lineage))


def is_stepped(lineage: Lineage, before: int, after: int) -> bool:
    """Whether the clock skipped something between a look of one era and the next of another."""
    return any(before < span.era <= after and span.after_step for span in lineage)


def first_difference(one: Lineage, other: Lineage) -> Second | None:
    """The first second that two lineages tell differently; None where they tell the same."""
    edges = sorted({e for s in (*one, *other) for e in (s.since, s.until)})
    return next((e for e in edges if e < FOREVER and _era_at(one, e) != _era_at(other, e)), None)


def _kept(eras: Sequence[Era], begun: Era) -> Lineage:
    """What the past was before the new era, the present one judged by where the clock goes now."""
    present = eras[-1]
    if len(eras) > 1 and _was_wrong(present, begun):
        return _before(eras[-2].lineage, present.was)
    return _before(present.lineage, begun.was)


def _was_wrong(present: Era, begun: Era) -> bool:
    """Whether the era that ends now is shown to have been wrong as a whole.

    It had gone ahead (or had booted, which proves nothing) and is taken back soon; or it had gone
    back, and the clock goes on from where it was then.
    """
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
    return lasted <= gone_back or _is_same(gone_back, begun.began_at - begun.was)


def _is_same(one: int, other: int) -> bool:
    return abs(one - other) <= max(_SAME_S, one // 100)


def _before(lineage: Lineage, end: Second) -> Lineage:
    return tuple(
        EraSpan(s.era, s.since, min(s.until, end), s.after_step) for s in lineage if s.since < end
    )


def _has_dropped(present: Era, kept: Lineage) -> bool:
    return all(span.era != present.number for span in kept) and present.number > 0


def _era_at(lineage: Lineage, second: Second) -> int | None:
    return next((span.era for span in lineage if second in span), None)
