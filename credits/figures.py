"""Figures of availability as JSON values, for reports, cases and the history."""

from __future__ import annotations

from fractions import Fraction

from credits.money import exact_text
from monitor.domain.availability import Seconds


def fraction_field(value: Fraction) -> str:
    """In lowest terms; the denominator is always written.

    >>> fraction_field(Fraction(1))
    '1/1'
    """
    return f"{value.numerator}/{value.denominator}"


def percent_floor6(share: Fraction) -> str:
    """A share as a percentage with six decimals, truncated: never shown better than it was.

    >>> percent_floor6(Fraction(647287, 648000))
    '99.889969'
    """
    millionths = share * 100 * 10**6 // 1
    whole, part = divmod(int(millionths), 10**6)
    return f"{whole}.{part:06d}"


def seconds_field(value: Fraction) -> int | str:
    """Whole seconds as a number; weighted seconds that are not whole as exact text."""
    return int(value) if value.denominator == 1 else exact_text(value)


def seconds_body(seconds: Seconds) -> dict[str, object]:
    return {
        "total_s": seconds.total,
        "up_s": seconds.up,
        "degraded_s": seconds.degraded,
        "down_s": seconds.down,
        "excluded_s": seconds.excluded,
        "unknown_s": seconds.unknown,
        "inferred_s": seconds.inferred,
        "excluded_by_cause": dict(sorted(seconds.excluded_by_cause.items())),
    }
