"""Random months of one contract: what is required, and what was promised, changes inside them."""

from __future__ import annotations

import random
from typing import Any

from tests.credits.random_cases import _Maker

_LETTERS = "UUDDS?"


def random_month(seed: int) -> dict[str, Any]:
    """Equal seeds give equal months."""
    return _MonthMaker(random.Random(seed)).month()  # noqa: S311 - no secret


class _MonthMaker(_Maker):
    def month(self) -> dict[str, Any]:
        names = [f"c{i}" for i in range(self.dice.randint(1, 4))]
        found: dict[str, Any] = {
            "window": {"start": self.at(0), "end": self.at(self.length)},
            "components": [{"id": name, "changes": self.changes()} for name in names],
            "configurations": [
                self.configuration(at, names) for at in (-600, *self.moments(2, step=60))
            ],
            "terms": [self.terms(at, names) for at in (-600, *self.moments(2))],
            "maintenance": [self.planned(names) for _ in range(self.dice.randint(0, 2))],
            "exclusions": [
                {**self.excluded(names), "components": [self.dice.choice(names)]}
                for _ in range(self.dice.randint(0, 3))
            ],
            "invoices": self.invoices(),
        }
        if self.maybe(0.4):
            found["active"] = self.pairs(2, low=-300)
        if self.maybe(0.4):
            found["suspended"] = self.pairs(2)
        if self.maybe(0.1):
            found["account"] = {"suspended_for_nonpayment": True}
        return found

    def moments(self, most: int, *, step: int = 1) -> list[int]:
        """Inside the window, in order, none twice."""
        inside = range(step, self.length, step)
        return sorted(self.dice.sample(inside, self.dice.randint(0, most)))

    def changes(self) -> list[list[str]]:
        """From a time before the window on something else, and nothing twice in a row."""
        out, before = [[self.at(-590), "U"]], "U"
        for at in sorted(self.dice.sample(range(-500, self.length), self.dice.randint(0, 7))):
            letter = self.dice.choice(_LETTERS)
            if letter != before:
                out.append([self.at(at), letter])
                before = letter
        return out

    def sets(self, names: list[str]) -> dict[str, str]:
        return {name: self.dice.choice(("g", "h")) for name in names if self.maybe(0.4)}

    def configuration(self, at: int, names: list[str]) -> dict[str, Any]:
        return {"since": self.at(at), "required": self.some(names), "groups": self.sets(names)}

    def terms(self, at: int, names: list[str]) -> dict[str, Any]:
        policy = {k: v for k, v in self.policy().items() if k != "probe"}
        if self.maybe(0.4):
            policy["required"] = sorted(self.some(names))
        if self.maybe(0.3):
            policy["groups"] = self.sets(names)
        if self.maybe(0.4):
            policy["exclusions_allowed"] = ["customer"]
        return {"since": self.at(at), "policy": policy}

    def invoices(self) -> list[dict[str, Any]]:
        """The first prices all of the window."""
        first, *others = super().invoices()
        whole = {"start": self.at(0), "end": self.at(self.dice.choice((2_400, 3_600)))}
        return [{**first, **whole}, *others]
