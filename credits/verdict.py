"""Did the guarantee hold? Decided on exact rationals; a percentage is for display alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from credits.terms import Denominator, Terms
from monitor.domain.availability import Seconds


class Verdict(StrEnum):
    BREACH = "breach"
    INDETERMINATE = "indeterminate"
    """The unknown seconds would decide the verdict, so a person decides."""
    NO_BREACH = "no_breach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Seconds, exact. `allowed` is the downtime that the guarantee allows."""

    contracted_s: int
    denominator_s: int
    downtime: Fraction
    unknown_s: int
    allowed: Fraction
    verdict: Verdict

    @property
    def uptime(self) -> Fraction:
        """The share of the denominator without downtime; 1 where the denominator is 0."""
        if not self.denominator_s:
            return Fraction(1)
        return 1 - self.downtime / self.denominator_s


def judge(seconds: Seconds, terms: Terms) -> Judgement:
    """Compare downtime with the allowance: strictly more is a breach.

    30 days at 99.89 % allow 2851.2 s; 2852 s are a breach although they display as 99.89 %.
    Seconds before the first check run are contracted seconds like the others. They count neither as
    downtime nor as unknown, so no person needs to decide about them.
    """
    contracted = seconds.total
    is_measured = terms.denominator is Denominator.MEASURED
    unmeasured = seconds.excluded + seconds.unknown + seconds.before_records
    denominator = contracted - (unmeasured if is_measured else 0)
    downtime = weigh(seconds, terms)
    allowed = terms.tolerance * denominator
    return Judgement(
        contracted_s=contracted,
        denominator_s=denominator,
        downtime=downtime,
        unknown_s=seconds.unknown,
        allowed=allowed,
        verdict=_decide(downtime, seconds.unknown, allowed, is_measured=is_measured),
    )


def weigh(seconds: Seconds, terms: Terms) -> Fraction:
    """Downtime as the terms count it: degraded seconds have a weight, by default 0."""
    return seconds.down + Fraction(terms.degraded_weight) * seconds.degraded


def _decide(downtime: Fraction, unknown: int, allowed: Fraction, *, is_measured: bool) -> Verdict:
    if downtime > allowed:
        return Verdict.BREACH
    if not is_measured and downtime + unknown > allowed:
        return Verdict.INDETERMINATE
    return Verdict.NO_BREACH
