"""From a product's seconds to a credit that can explain itself: inputs, rule, arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from credits.contract import PriceSegment
from credits.money import Money, exact_text, round_money
from credits.policies import Line, policy_of
from credits.terms import Terms
from credits.verdict import Judgement, Verdict, judge, weigh
from monitor.domain.availability import Bucket, Seconds, Span, count_seconds
from monitor.domain.time.interval import Interval, IntervalSet


class Status(StrEnum):
    """What an assessment means for the customer's account."""

    NOT_ELIGIBLE = "not_eligible"
    NEEDS_REVIEW = "needs_review"
    ELIGIBLE = "eligible"
    ELIGIBLE_ZERO = "eligible_zero"
    BLOCKED_SUSPENDED = "blocked_suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """What one invoice line is owed. `exact` is after the cap, before the one rounding.

    `if_unknown_down` is what it would be owed had the product been down in the unknown seconds;
    None where a person need not decide about those.
    """

    segment: PriceSegment
    downtime: Fraction
    exact: Fraction
    amount: Money
    is_capped: bool
    arithmetic: str
    if_unknown_down: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One window under one set of terms."""

    terms: Terms
    seconds: Seconds
    judgement: Judgement
    lines: tuple[CreditLine, ...]
    totals: tuple[Money, ...]
    """One per currency, by code; never added across."""
    status: Status
    uninvoiced: Fraction
    """Downtime that no line prices: somebody forgot an invoice, or gave the time away."""

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict


def assess(
    stretches: Sequence[Span],
    segments: Iterable[PriceSegment],
    terms: Terms,
    *,
    is_suspended: bool = False,
) -> Assessment:
    """Judge the contracted time that `stretches` cover, and price the lost part of each line.

    `stretches` come from `product_timeline` over window and active time without suspensions.
    Only a breach is paid: an indeterminate window waits for a person with nothing owed yet.
    """
    seconds = count_seconds(stretches)
    judgement = judge(seconds, terms)
    lines = _lines(stretches, tuple(segments), judgement, terms)
    totals = total(line.amount for line in lines)
    return Assessment(
        terms=terms,
        seconds=seconds,
        judgement=judgement,
        lines=lines,
        totals=totals,
        status=_status(judgement.verdict, totals, is_suspended=is_suspended),
        uninvoiced=_outside(stretches, [line.segment for line in lines], terms),
    )


def _lines(
    stretches: Sequence[Span],
    segments: Sequence[PriceSegment],
    judgement: Judgement,
    terms: Terms,
) -> tuple[CreditLine, ...]:
    lines = tuple(_line(stretches, segment, judgement, terms) for segment in segments)
    if judgement.verdict is not Verdict.INDETERMINATE:
        return lines
    down = [replace(s, bucket=Bucket.DOWN) if s.bucket is Bucket.UNKNOWN else s for s in stretches]
    at_worst = _lines(down, segments, judge(count_seconds(down), terms), terms)
    return tuple(
        replace(line, if_unknown_down=worst.amount)
        for line, worst in zip(lines, at_worst, strict=True)
    )


def total(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """The sum of each currency, by code."""
    sums: dict[str, Decimal] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    return tuple(Money(sums[currency], currency) for currency in sorted(sums))


def cut(stretches: Iterable[Span], window: Interval) -> list[Span]:
    """The part of a product's stretches inside a window."""
    return [
        replace(s, start=max(s.start, window.start), end=min(s.end, window.end))
        for s in stretches
        if s.interval.overlaps(window)
    ]


def _outside(stretches: Sequence[Span], segments: Sequence[PriceSegment], terms: Terms) -> Fraction:
    paid = IntervalSet.of(segment.period for segment in segments)
    lost = IntervalSet.of(s.interval for s in stretches) - paid
    return weigh(count_seconds(part for span in lost for part in cut(stretches, span)), terms)


def _line(
    stretches: Sequence[Span], segment: PriceSegment, judgement: Judgement, terms: Terms
) -> CreditLine:
    mine = count_seconds(cut(stretches, segment.period))
    line = Line(segment=segment, downtime=weigh(mine, terms), contracted_s=mine.total)
    currency = segment.net.currency
    if judgement.verdict is not Verdict.BREACH:
        return CreditLine(
            segment=segment,
            downtime=line.downtime,
            exact=Fraction(0),
            amount=round_money(Fraction(0), currency, terms.rounding),
            is_capped=False,
            arithmetic="",
        )
    owed = policy_of(terms)(line, judgement, terms)
    cap = max(
        Fraction(0), line.price * Fraction(terms.cap_fraction) - Fraction(segment.already_credited)
    )
    exact = min(owed.exact, cap)
    is_capped = owed.exact > cap
    capped = f"; capped at {exact_text(cap)}" if is_capped else ""
    return CreditLine(
        segment=segment,
        downtime=line.downtime,
        exact=exact,
        amount=round_money(exact, currency, terms.rounding),
        is_capped=is_capped,
        arithmetic=owed.arithmetic + capped,
    )


def _status(verdict: Verdict, totals: Sequence[Money], *, is_suspended: bool) -> Status:
    if verdict is Verdict.NO_BREACH:
        return Status.NOT_ELIGIBLE
    if verdict is Verdict.INDETERMINATE:
        return Status.NEEDS_REVIEW
    if not totals:
        # Owed, but nobody can say how much: no invoice is known.
        return Status.NEEDS_REVIEW
    if is_suspended:
        return Status.BLOCKED_SUSPENDED
    if any(money.amount for money in totals):
        return Status.ELIGIBLE
    return Status.ELIGIBLE_ZERO
