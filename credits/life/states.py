"""The states of a credit, and which of them follows which.

    eligible → requested → under_review → approved → applying → applied
                  └────────────┴→ rejected  │           └→ apply_unknown → applied | approved
    eligible | requested → expired          │
    approved ⇄ blocked_suspended | held_chargeback
    needs_review → eligible | closed_no_breach | pending_human_approval
    pending_human_approval → approved | rejected
    whatever is surely not applied, and not over → superseded | lapsed

What a panel was ever asked for is not superseded, also where it was released and is `approved`
again.

A positive adjustment lives like a credit. A negative one begins as `pending_human_approval`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class CreditState(StrEnum):
    """How a credit stands. The value is stored."""

    NEEDS_REVIEW = "needs_review"
    """Whether there was a breach is for two people to say."""
    PENDING_HUMAN_APPROVAL = "pending_human_approval"
    """It would take back what was applied, and moves nothing until a person decides."""
    ELIGIBLE = "eligible"
    REQUESTED = "requested"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    BLOCKED_SUSPENDED = "blocked_suspended"
    """Approved; the account is suspended for non-payment (clause 5a)."""
    HELD_CHARGEBACK = "held_chargeback"
    """Approved; the customer's bank took a payment back (clause 5d)."""
    APPLYING = "applying"
    """The billing panel is being asked; it may have happened already."""
    APPLY_UNKNOWN = "apply_unknown"
    """The billing panel gave no answer: it may have happened."""
    APPLIED = "applied"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    """The month was computed anew before it was applied: another one takes its place."""
    LAPSED = "lapsed"
    """The account was deleted (clause 5b)."""
    CLOSED_NO_BREACH = "closed_no_breach"


_S = CreditState

FIRST = frozenset({_S.NEEDS_REVIEW, _S.PENDING_HUMAN_APPROVAL, _S.ELIGIBLE})
"""With which a credit, or an adjustment, begins."""

OVER = frozenset(
    {_S.APPLIED, _S.REJECTED, _S.EXPIRED, _S.SUPERSEDED, _S.LAPSED, _S.CLOSED_NO_BREACH}
)
"""No arrow leads away from these. What was applied is adjusted, never edited."""

MAYBE_APPLIED = frozenset({_S.APPLYING, _S.APPLY_UNKNOWN})
"""Nobody knows whether the customer has the money: nothing may take the credit's place yet."""

REPLACEABLE = frozenset(_S) - OVER - MAYBE_APPLIED
"""Not being applied, and not over: a new figure supersedes what no panel was ever asked for, a
deleted account ends it."""

JOINABLE = frozenset(
    {
        _S.REQUESTED, _S.UNDER_REVIEW, _S.APPROVED, _S.BLOCKED_SUSPENDED, _S.HELD_CHARGEBACK,
        _S.APPLYING, _S.APPLY_UNKNOWN,
    }
)  # fmt: skip
"""Requested and not over: another ticket about the same window joins it."""

_ONWARD: Mapping[CreditState, frozenset[CreditState]] = {
    _S.NEEDS_REVIEW: frozenset({_S.ELIGIBLE, _S.CLOSED_NO_BREACH, _S.PENDING_HUMAN_APPROVAL}),
    _S.PENDING_HUMAN_APPROVAL: frozenset({_S.APPROVED, _S.REJECTED}),
    _S.ELIGIBLE: frozenset({_S.REQUESTED, _S.EXPIRED}),
    _S.REQUESTED: frozenset({_S.UNDER_REVIEW, _S.REJECTED, _S.EXPIRED}),
    _S.UNDER_REVIEW: frozenset({_S.APPROVED, _S.REJECTED}),
    _S.APPROVED: frozenset({_S.APPLYING, _S.BLOCKED_SUSPENDED, _S.HELD_CHARGEBACK}),
    _S.BLOCKED_SUSPENDED: frozenset({_S.APPROVED}),
    _S.HELD_CHARGEBACK: frozenset({_S.APPROVED}),
    _S.APPLYING: frozenset({_S.APPLIED, _S.APPLY_UNKNOWN}),
    _S.APPLY_UNKNOWN: frozenset({_S.APPLIED, _S.APPROVED}),
}
_ENDS = frozenset({_S.SUPERSEDED, _S.LAPSED})


def next_states(state: CreditState | None) -> frozenset[CreditState]:
    """Where arrows lead from a state; None: from nowhere, where a credit begins.

    >>> sorted(next_states(CreditState.APPLYING))
    [<CreditState.APPLIED: 'applied'>, <CreditState.APPLY_UNKNOWN: 'apply_unknown'>]
    """
    if state is None:
        return FIRST
    return _ONWARD.get(state, frozenset()) | (_ENDS if state in REPLACEABLE else frozenset())
