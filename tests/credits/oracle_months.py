"""A second opinion on contracts whose terms and required components change inside a month.

As `tests.credits.oracle`, whose walk over every second it goes on with: the month is cut where the
terms change, and each second has the members of its own configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.credits.oracle import _BEFORE, _Opinion, _product


def opinions(month: dict[str, Any], default: dict[str, Any]) -> list[dict[str, Any]]:
    """What each part of the month comes to, in order; a part without contracted time has none."""
    found = []
    given = {invoice["id"]: Decimal(0) for invoice in month["invoices"]}
    for start, end, policy in parts(month):
        said = _Part(month, start, end, {**default, **policy}, given)
        if not said.product:
            continue
        told = said.told()
        for line in told["lines"]:
            given[line["invoice"]] += Decimal(line["amount"])
        found.append({**told, "id": start})
    return found


def parts(month: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The month cut where the terms change; equal terms one after the other are one."""
    cuts: list[tuple[str, dict[str, Any]]] = []
    for terms in month["terms"]:
        if not cuts or cuts[-1][1] != terms["policy"]:
            cuts.append((terms["since"], terms["policy"]))
    whole = month["window"]
    starts = [whole["start"], *(since for since, _ in cuts[1:])]
    for (_, policy), start, end in zip(cuts, starts, [*starts[1:], whole["end"]], strict=True):
        yield start, end, policy


class _Part(_Opinion):
    """One part: `given` is what the parts before it have given of each invoice."""

    def __init__(
        self,
        month: dict[str, Any],
        start: str,
        end: str,
        policy: dict[str, Any],
        given: dict[str, Decimal],
    ) -> None:
        self.month = month
        allowed = policy.get("exclusions_allowed")
        case = {
            "id": start,
            "input": {
                **month,
                "window": {"start": start, "end": end},
                "exclusions": [
                    {**one, "approved": allowed is None or one["cause"] in allowed}
                    for one in month["exclusions"]
                ],
                "invoices": [self._left(invoice, given) for invoice in month["invoices"]],
            },
        }
        super().__init__(case, policy)

    @staticmethod
    def _left(invoice: dict[str, Any], given: dict[str, Decimal]) -> dict[str, Any]:
        before = Decimal(invoice.get("already_credited", "0")) + given[invoice["id"]]
        return {**invoice, "already_credited": str(before)}

    def invoices(self) -> list[dict[str, Any]]:
        """Those whose period has a second of the part."""
        own = range(self.start, self.end)
        return [
            invoice
            for invoice in super().invoices()
            if max(self.span(invoice).start, own.start) < min(self.span(invoice).stop, own.stop)
        ]

    def walk(self) -> dict[int, str]:
        # An outage that a later part is in the middle of began where it began.
        self.low = self.second(self.month["window"]["start"]) - _BEFORE
        whole = [[self.given["window"]["start"], self.given["window"]["end"]]]
        contracted = self.pairs(self.given.get("active", whole)) & self.pairs(whole)
        contracted -= self.pairs(self.given.get("suspended", []))
        states = {c["id"]: self.letters(c) for c in self.month["components"]}
        forgiven = {name: self.forgiven(name, letters) for name, letters in states.items()}
        product = {}
        for second in contracted:
            groups: dict[str, list[str]] = {}
            for name, group in self.members(second):
                letter = states[name][second]
                seen = "X" if second in forgiven[name] and letter != "U" else letter
                groups.setdefault(group or f"alone {name}", []).append(seen)
            product[second] = _product(list(groups.values()))
        return product

    def members(self, second: int) -> list[tuple[str, str | None]]:
        """The required components of a second, each with its redundant set: those that the terms
        name, else those of the configuration that was in force."""
        sets = self.policy.get("groups", {})
        if self.policy.get("required") is not None:
            return [(name, sets.get(name)) for name in self.policy["required"]]
        ran = [c for c in self.month["configurations"] if self.second(c["since"]) <= second][-1]
        return [(name, sets.get(name, ran["groups"].get(name))) for name in ran["required"]]

    def letters(self, component: dict[str, Any]) -> dict[int, str]:
        """A letter for each second, by the last thing that happened before it."""
        out, now = {}, "U"
        happened = {self.second(at): letter for at, letter in component["changes"]}
        for second in range(self.low, self.end):
            now = happened.get(second, now)
            out[second] = now
        return out
