"""A second opinion on lives of credits: a table, a dictionary for each credit, and long division.

Written from the drawing alone. It shares nothing with the product: no import, no arrow, no posting.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, getcontext
from typing import Any

_FEE, _MONTH = Decimal("1234.56"), 30 * 86_400
_CENT = Decimal("0.01")
_GONE = ("superseded",)
_REFUSED = ("rejected", "expired", "lapsed")
_HAS = ("applying", "apply_unknown", "applied")
_WAITS = ("needs_review", "pending_human_approval")
_STANDS = {
    "owed_total": ("eligible", "requested", "under_review"),
    "approved_total": (
        "approved", "blocked_suspended", "held_chargeback", "applying", "apply_unknown",
    ),
    "applied_total": ("applied",),
    "closed_total": ("rejected", "expired", "lapsed", "superseded"),
}  # fmt: skip


class Opinion:
    def __init__(self) -> None:
        self.guarantee = Decimal("0.9989")
        self.credits: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self.calls = 0
        self.account = "good"
        self.proposers: set[str] = set()
        self.figure = Decimal(0)
        self.amounts_of_reports: list[str] = []
        self.verdict = ""
        getcontext().prec = 40

    def told(self, script: list[list[Any]]) -> dict[str, Any]:
        for word, *rest in script:
            getattr(self, f"do_{word}")(*rest)
        original = self.credits[0]
        later = self.credits[1:]
        # An adjustment takes the place of what is not applied; the last one says how it stands.
        last = later[-1] if later else None
        said: dict[str, Any] = {
            "credits": 1,
            "adjustments": len(later),
            "amount": f"{original['amount']:.2f}",
            "original_state": original["state"],
            "state": original["state"],
            "states": original["states"],
            "tickets": original["tickets"],
            "r1_unchanged": True,
            "r1_amount": self.amounts_of_reports[0],
            "r2_amount": self.amounts_of_reports[-1],
            "recomputed": f"{self.figure:.2f}",
            "adjustment": f"{last['amount']:.2f}" if last else None,
            "adjustment_state": last["state"] if last else None,
            "addcredit_calls": self.calls,
            "api_calls": self.calls,
            "further_addcredit_allowed": original["state"] == "approved",
            "guarantee_used": str(self.guarantee),
            "verdict": self.verdict,
            "errors": self.errors,
            "waiting_total": self.total(("pending_human_approval",)),
        }
        for name, states in _STANDS.items():
            said[name] = self.total(states)
        return said

    def total(self, states: tuple[str, ...]) -> str:
        held = (c["amount"] for c in self.credits if c["state"] in states and c["counted"])
        waits = states == ("pending_human_approval",)
        if waits:
            held = (c["amount"] for c in self.credits if c["state"] in states)
        return f"{sum(held, Decimal(0)):.2f}"

    def priced(self, downtime: int) -> Decimal:
        if downtime <= (1 - self.guarantee) * _MONTH:
            return Decimal(0)
        return (_FEE * downtime / _MONTH).quantize(_CENT, ROUND_HALF_UP)

    def do_terms(self, day: str, guarantee: str) -> None:
        if day <= "2026-04-01":
            self.guarantee = Decimal(guarantee)

    def do_close(self, down: int, unknown: int) -> None:
        allowed = (1 - self.guarantee) * _MONTH
        is_unsure = down <= allowed < down + unknown
        self.verdict = "breach" if down > allowed else "indeterminate" if is_unsure else "no_breach"
        best, worst = self.priced(down), self.priced(down + unknown)
        self.amounts_of_reports.append(f"{best:.2f}")
        alive = [c for c in self.credits if c["state"] not in _GONE]
        if is_unsure:
            if any(c["asked"] == (best, worst) for c in alive):
                return
            self.replace(alive, best - self.given(alive), "needs_review", (best, worst))
            return
        self.figure = best
        open_ = [c for c in alive if c["state"] not in (*_HAS, *_REFUSED, "closed_no_breach")]
        rest = best - self.given(alive)
        refused = sum((c["amount"] for c in alive if c["state"] in _REFUSED), Decimal(0))
        rest = max(rest - refused, Decimal(0)) if rest > 0 else rest
        if len(open_) == 1 and open_[0]["amount"] == rest and open_[0]["asked"] is None:
            return
        state = "" if rest == 0 else "eligible" if rest > 0 else "pending_human_approval"
        self.replace(alive, rest, state, None)

    def given(self, alive: list[dict[str, Any]]) -> Decimal:
        return sum((c["amount"] for c in alive if c["state"] in _HAS), Decimal(0))

    def replace(
        self, alive: list[dict[str, Any]], amount: Decimal, state: str, asked: object
    ) -> None:
        for credit in alive:
            if credit["state"] not in (*_HAS, *_REFUSED, "closed_no_breach"):
                self.go(credit, "superseded")
        if state:
            self.credits.append(
                {
                    "state": state, "states": [state], "amount": amount, "tickets": [],
                    "asked": asked, "counted": state not in _WAITS, "requesters": set(),
                }
            )  # fmt: skip

    def go(self, credit: dict[str, Any], state: str) -> None:
        credit["state"] = state
        credit["states"].append(state)

    def step(self, wanted: tuple[str, ...], state: str) -> dict[str, Any] | None:
        credit = self.credits[0]
        if credit["state"] not in wanted:
            self.errors.append("no_arrow")
            return None
        self.go(credit, state)
        return credit

    def do_request(self, who: str, ticket: str) -> None:
        credit = self.credits[0]
        if not ticket:
            self.errors.append("ticket_required")
            return
        if ticket in credit["tickets"]:
            return
        if credit["state"] == "requested" or self.step(("eligible",), "requested"):
            credit["tickets"].append(ticket)
            credit["requesters"].add(who)

    def do_review(self, who: str) -> None:
        self.step(("requested",), "under_review")

    def do_approve(self, who: str) -> None:
        credit = self.credits[0]
        barred = who in credit["requesters"] | self.proposers
        if credit["state"] == "under_review" and barred:
            self.errors.append("two_people")
            return
        self.step(("under_review",), "approved")

    def do_reject(self, who: str, reason: str, clause: str) -> None:
        if not (reason and clause):
            self.errors.append("reason_required")
            return
        self.step(("requested", "under_review"), "rejected")

    def do_exclude(self, who: str) -> None:
        self.proposers.add(who)

    def do_account(self, how: str) -> None:
        self.account = how
        credit = self.credits[0]
        if how == "good" and credit["state"] in ("blocked_suspended", "held_chargeback"):
            self.go(credit, "approved")

    def do_apply(self, panel: str) -> None:
        if self.credits[0]["state"] != "approved":
            self.errors.append("no_arrow")
            return
        stops = {
            "suspended": "blocked_suspended", "chargeback": "held_chargeback", "deleted": "lapsed",
        }  # fmt: skip
        if self.account in stops:
            self.go(self.credits[0], stops[self.account])
            return
        self.go(self.credits[0], "applying")
        self.calls += 1
        self.go(self.credits[0], "applied" if panel == "answers" else "apply_unknown")

    def do_search(self, found: str) -> None:
        if found == "present":
            self.step(("apply_unknown",), "applied")

    def do_release(self, who: str) -> None:
        self.step(("apply_unknown",), "approved")

    def do_expire(self) -> None:
        self.step(("eligible", "requested"), "expired")

    def do_lapse(self) -> None:
        self.step(tuple(_STANDS["owed_total"]), "lapsed")

    def do_decide(self, who: str, what: str) -> None:
        credit = self.credits[0]
        best, worst = credit["asked"]
        credit["amount"] = worst if what == "down" else best
        credit["counted"] = True
        credit["requesters"].add(who)
        self.go(credit, "eligible" if credit["amount"] else "closed_no_breach")
