"""What an answer of the billing panel, or its silence, makes of a credit that is being applied.

The panel's call has no key that would make a second one harmless. So it is called once; after
silence the panel is searched for the credit's own id, and what is not found may still arrive.
"""

from __future__ import annotations

from enum import StrEnum

from credits.life.states import CreditState


class Account(StrEnum):
    """How the customer's account stands, read immediately before anything is applied."""

    GOOD = "good"
    SUSPENDED = "suspended"
    CHARGEBACK = "chargeback"
    DELETED = "deleted"


class Found(StrEnum):
    """What a search of the panel for the credit's id brought."""

    PRESENT = "present"
    ABSENT = "absent"
    SILENT = "silent"


_BEFORE = {
    Account.GOOD: CreditState.APPLYING,
    Account.SUSPENDED: CreditState.BLOCKED_SUSPENDED,
    Account.CHARGEBACK: CreditState.HELD_CHARGEBACK,
    Account.DELETED: CreditState.LAPSED,
}


def before_call(account: Account) -> CreditState:
    """Where an approved credit goes: only from `applying` is the panel called."""
    return _BEFORE[account]


def after_call(*, is_answered: bool) -> CreditState:
    """Where it goes when the call has returned, or has not."""
    return CreditState.APPLIED if is_answered else CreditState.APPLY_UNKNOWN


def after_search(found: Found) -> CreditState:
    """An absent id is no proof, for the call may still take effect: a person releases the retry."""
    return CreditState.APPLIED if found is Found.PRESENT else CreditState.APPLY_UNKNOWN
