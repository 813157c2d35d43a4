"""What the product asks of a billing panel, and what it makes of the answers.

A panel keeps customers, invoices and balances. What it says is never trusted further than it
reaches: an answer is a fact about this moment, and silence is a fact about nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from credits.life.applying import Account
from credits.life.credit import CreditId
from credits.money import Money


class PanelSilent(Exception):
    """The panel gave no answer that can be read: what was asked may have happened. The message says
    why, and holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A credit as a panel is told of it. `amount` is negative where it takes back."""

    credit: CreditId
    client_id: str
    service_id: str
    invoices: tuple[str, ...]
    amount: Money
    description: str
    """What the customer and billing read beside it; it holds the token."""
    tickets: tuple[str, ...] = ()
    """By which it was asked for; none of an adjustment that takes back."""

    @property
    def token(self) -> str:
        return token_of(self.credit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a customer stands in the panel at this moment. `refused` is the code of what keeps the
    credit from being applied there until a person has looked, and `detail` says it in a few
    words; empty where nothing does."""

    account: Account = Account.GOOD
    refused: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the customer's credit log that holds a credit's token. `amount` is None where it
    cannot be read for certain."""

    reference: str
    amount: Decimal | None


class BillingPanel(Protocol):
    """One panel, asked for one credit at a time. Each call ends within bounds of its own; each may
    raise PanelSilent."""

    @property
    def kind(self) -> str: ...

    @property
    def is_by_hand(self) -> bool:
        """Whether people carry the credits there and say what came of it."""
        ...

    @property
    def is_rehearsal(self) -> bool:
        """Whether everything is read and nothing applied."""
        ...

    async def standing(self, payment: Payment) -> Standing: ...

    async def find(self, payment: Payment) -> Sequence[Entry]:
        """The lines of that customer's credit log with the credit's token."""
        ...

    async def apply(self, payment: Payment) -> str:
        """The panel's reference for it. Raises PanelSilent wherever it is not certain that it
        happened, also where the panel says that it did not: nobody asks twice on its word."""
        ...


def token_of(credit: CreditId) -> str:
    """What is looked for in a credit log.

    >>> token_of(CreditId("BON-2026-04-000123"))
    '[BON-2026-04-000123]'
    """
    return f"[{credit}]"
