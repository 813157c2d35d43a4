"""Tiers: a percentage of the fee by how low the uptime fell.

Below 99.89 % 10 %, below 99 % 25 %: 10 h down in 30 days are 98.61 %, hence 25 % of the fee.
"""

from __future__ import annotations

from fractions import Fraction

from credits.fields import Fields
from credits.figures import percent_floor6
from credits.money import exact_text
from credits.policies._policy import AmountDue, Line, PolicyKind
from credits.terms import Terms, Tier
from credits.verdict import Judgement


def tiers(line: Line, judgement: Judgement, terms: Terms) -> AmountDue:
    """net x weight x the tier's share x contracted seconds in the line / seconds of its period.

    The share is the highest of the tiers that the uptime is strictly below; without such a tier
    nothing is due.
    """
    reached = [t for t in terms.tiers if judgement.uptime < Fraction(t.below)]
    if not reached:
        return AmountDue(exact=Fraction(0), arithmetic="no tier reached")
    tier = max(reached, key=_share)
    period_s = line.segment.period.seconds
    exact = line.price * Fraction(tier.credit) * line.contracted_s / period_s
    arithmetic = (
        f"{line.segment.net.amount:f} × {exact_text(line.segment.weight)}"
        f" × {exact_text(tier.credit)} × {line.contracted_s} s ÷ {period_s} s"
        f" ({percent_floor6(judgement.uptime)} % < {percent_floor6(Fraction(tier.below))} %)"
    )
    return AmountDue(exact=exact, arithmetic=arithmetic)


def _share(tier: Tier) -> Fraction:
    return Fraction(tier.credit)


def _needs_tiers(fields: Fields, terms: Terms) -> None:
    if not terms.tiers:
        fields.complain("tiers", "at least one tier")


KIND = PolicyKind(policy="tiers", version=1, amount_due=tiers, check=_needs_tiers)
