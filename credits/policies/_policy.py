"""What every credit policy is: a pure function from a line and a judgement to what is owed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from credits.contract import PriceSegment
from credits.terms import Terms
from credits.verdict import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An invoice line with its own share of the window: seconds, exact."""

    segment: PriceSegment
    downtime: Fraction
    contracted_s: int

    @property
    def price(self) -> Fraction:
        """What the guarantee's service cost in this line: net x weight."""
        return Fraction(self.segment.net.amount) * Fraction(self.segment.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountDue:
    """An exact amount in the line's currency, before cap and rounding, and how it came about."""

    exact: Fraction
    arithmetic: str


Policy: TypeAlias = Callable[[Line, Judgement, Terms], AmountDue]
"""Called for a breach alone. Never negative; more downtime never owes less."""
