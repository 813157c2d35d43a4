"""What every credit policy is: a pure function from a line and a judgement to the amount due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from credits.contract import PriceSegment
from credits.fields import Fields
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
        """The price of the guaranteed service in this line: net x weight."""
        return Fraction(self.segment.net.amount) * Fraction(self.segment.weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountDue:
    """An exact amount in the line's currency, before cap and rounding, and its arithmetic."""

    exact: Fraction
    arithmetic: str


Policy: TypeAlias = Callable[[Line, Judgement, Terms], AmountDue]
"""Called for a breach alone. Never negative; more downtime never gives a smaller amount. Of a line
it reads what was paid for which time, and never whose it is: equal lines are computed once."""


def _needs_nothing(fields: Fields, terms: Terms) -> None:
    """The default check: the policy needs nothing of the terms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyKind:
    """A policy as terms name it: `policy` and `policy_version`.

    `check` adds a problem for what the policy needs and the terms lack. `settings` names the
    numbers that terms may give it under `settings`; the policy has their defaults. A version that
    has been used in an invoice is never changed: a new rule is a new kind.
    """

    policy: str
    version: int
    amount_due: Policy
    check: Callable[[Fields, Terms], None] = _needs_nothing
    settings: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return name_of(self.policy, self.version)


def name_of(policy: str, version: int) -> str:
    """The name of a policy and its version in the registry.

    >>> name_of("prorata", 1)
    'prorata-1'
    """
    return f"{policy}-{version}"
