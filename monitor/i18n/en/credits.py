"""Words about credits in English."""

from __future__ import annotations

from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "needs_review": "to be decided",
    "pending_human_approval": "to be approved (would be taken back)",
    "eligible": "not asked for",
    "requested": "asked for",
    "under_review": "under review",
    "approved": "approved",
    "blocked_suspended": "held back: account suspended",
    "held_chargeback": "held back: chargeback",
    "applying": "being applied",
    "apply_unknown": "no answer from the panel",
    "applied": "applied",
    "rejected": "rejected",
    "expired": "expired",
    "superseded": "replaced",
    "lapsed": "lapsed",
    "closed_no_breach": "no breach",
}
"""By the value of `credits.life.states.CreditState`: whoever looks at a target by hand does not
wait for the arithmetic of money."""
