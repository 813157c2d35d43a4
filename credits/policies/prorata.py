"""Pro rata: lost time is paid at the price of the time that was bought (clause 10a).

1234.56 USD for 30 days, 2852 s down: 1234.56 x 2852 / 2592000 = 1.3584 USD before rounding.
"""

from __future__ import annotations

from fractions import Fraction

from credits.money import exact_text
from credits.policies._policy import AmountDue, Line, PolicyKind
from credits.terms import Basis, Terms
from credits.verdict import Judgement


def prorata(line: Line, judgement: Judgement, terms: Terms) -> AmountDue:
    """net x weight x multiplier x downtime in the line / seconds of the invoice's period.

    With `basis: excess_over_allowance`, only the share of downtime beyond the allowance is paid.
    """
    period_s = line.segment.period.seconds
    exact = line.price * Fraction(terms.multiplier) * line.downtime / period_s
    arithmetic = (
        f"{line.segment.net.amount:f} × {exact_text(line.segment.weight)}"
        f" × {exact_text(terms.multiplier)} × {exact_text(line.downtime)} s ÷ {period_s} s"
    )
    if terms.basis is Basis.EXCESS and judgement.downtime:
        beyond = judgement.downtime - judgement.allowed
        exact *= beyond / judgement.downtime
        arithmetic += f" × {exact_text(beyond)} ÷ {exact_text(judgement.downtime)}"
    return AmountDue(exact=exact, arithmetic=arithmetic)


KIND = PolicyKind(policy="prorata", version=1, amount_due=prorata)
