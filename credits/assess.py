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
    """The credit due for one invoice line. `exact` is after the cap, before the one rounding.

    `if_unknown_down` is the amount that would be due if the product had been down in the unknown
    seconds; None where no person needs to decide about those seconds.
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
    """One per currency, by code; currencies are never added together."""
    status: Status
    uninvoiced: Fraction
    """Downtime that no line prices: an invoice was forgotten, or the time was given for free."""

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict


def assess(
    spans: Sequence[Span],
    segments: Iterable[PriceSegment],
    terms: Terms,
    *,
    is_suspended: bool = False,
) -> Assessment:
    """Judge the contracted time that `spans` cover, and price the downtime in each line.

    `spans` come from `product_timeline` over the window and the active time, without suspensions.
    Only a breach is paid. An indeterminate window waits for a person; no amount is due until then.
    """
    seconds = count_seconds(spans)
    judgement = judge(seconds, terms)
    lines = _lines(spans, tuple(segments), judgement, terms)
    totals = total(line.amount for line in lines)
    return Assessment(
        terms=terms,
        seconds=seconds,
        judgement=judgement,
        lines=lines,
        totals=totals,
        status=_status(judgement.verdict, totals, is_suspended=is_suspended),
        uninvoiced=_outside(spans, [line.segment for line in lines], terms),
    )


def _lines(
    spans: Sequence[Span],
    segments: Sequence[PriceSegment],
    judgement: Judgement,
    terms: Terms,
) -> tuple[CreditLine, ...]:
    lines = tuple(_line(spans, segment, judgement, terms) for segment in segments)
    if judgement.verdict is not Verdict.INDETERMINATE:
        return lines
    down = [replace(s, bucket=Bucket.DOWN) if s.bucket is Bucket.UNKNOWN else s for s in spans]
    worst_lines = _lines(down, segments, judge(count_seconds(down), terms), terms)
    return tuple(
        replace(line, if_unknown_down=worst.amount)
        for line, worst in zip(lines, worst_lines, strict=True)
    )


def total(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """The sum of each currency, by code."""
    sums: dict[str, Decimal] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    return tuple(Money(sums[currency], currency) for currency in sorted(sums))


def cut(spans: Iterable[Span], window: Interval) -> list[Span]:
    """The part of a product's spans inside a window."""
    return [
        replace(s, start=max(s.start, window.start), end=min(s.end, window.end))
        for s in spans
        if s.interval.overlaps(window)
    ]


def _outside(spans: Sequence[Span], segments: Sequence[PriceSegment], terms: Terms) -> Fraction:
    priced = IntervalSet.of(segment.period for segment in segments)
    unpriced = IntervalSet.of(s.interval for s in spans) - priced
    return weigh(count_seconds(part for span in unpriced for part in cut(spans, span)), terms)


def _line(
    spans: Sequence[Span], segment: PriceSegment, judgement: Judgement, terms: Terms
) -> CreditLine:
    line_seconds = count_seconds(cut(spans, segment.period))
    line = Line(
        segment=segment, downtime=weigh(line_seconds, terms), contracted_s=line_seconds.total
    )
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
    due = policy_of(terms)(line, judgement, terms)
    cap = max(
        Fraction(0), line.price * Fraction(terms.cap_fraction) - Fraction(segment.already_credited)
    )
    exact = min(due.exact, cap)
    is_capped = due.exact > cap
    capped = f"; capped at {exact_text(cap)}" if is_capped else ""
    return CreditLine(
        segment=segment,
        downtime=line.downtime,
        exact=exact,
        amount=round_money(exact, currency, terms.rounding),
        is_capped=is_capped,
        arithmetic=due.arithmetic + capped,
    )


def _status(verdict: Verdict, totals: Sequence[Money], *, is_suspended: bool) -> Status:
    if verdict is Verdict.NO_BREACH:
        return Status.NOT_ELIGIBLE
    if verdict is Verdict.INDETERMINATE:
        return Status.NEEDS_REVIEW
    if not totals:
        # A credit is due, but its amount is unknown: there is no invoice.
        return Status.NEEDS_REVIEW
    if is_suspended:
        return Status.BLOCKED_SUSPENDED
    if any(money.amount for money in totals):
        return Status.ELIGIBLE
    return Status.ELIGIBLE_ZERO
