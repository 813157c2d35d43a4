"""Random cases: short windows in which everything that the conventions name can meet."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

DAY = datetime(2026, 4, 12, 23, 30)  # noqa: DTZ001 - local to the case's zone, as in a file
_BEHIND = timedelta(hours=3)
_SHARES = ("0", "0.3", "0.5", "1")


def random_case(seed: int) -> dict[str, Any]:
    """A case of the published form; equal seeds give equal cases."""
    return _Maker(random.Random(seed)).case(seed)  # noqa: S311 - no secret


class _Maker:
    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.length = dice.choice((600, 1200, 2400))

    def case(self, seed: int) -> dict[str, Any]:
        names = [f"c{i}" for i in range(self.dice.randint(1, 4))]
        given: dict[str, Any] = {
            "window": {"start": self.at(0), "end": self.at(self.length)},
            "components": [self.component(name) for name in names],
            "invoices": self.invoices(),
        }
        if self.maybe(0.3):
            given["active"] = self.pairs(2, low=-300)
        if self.maybe(0.3):
            given["suspended"] = self.pairs(2)
        if self.maybe(0.1):
            given["account"] = {"suspended_for_nonpayment": True}
        given["maintenance"] = [self.planned(names) for _ in range(self.dice.randint(0, 2))]
        given["exclusions"] = [self.excluded(names) for _ in range(self.dice.randint(0, 2))]
        return {"id": f"R{seed}", "policy": self.policy(), "input": given}

    def maybe(self, chance: float) -> bool:
        return self.dice.random() < chance

    def at(self, offset: int) -> str:
        """Mostly local to the zone; at times the same second with its offset."""
        local = DAY + timedelta(seconds=offset)
        return f"{(local + _BEHIND).isoformat()}Z" if self.maybe(0.1) else local.isoformat()

    def span(self, low: int = -200) -> tuple[int, int]:
        start = self.dice.randint(low, self.length)
        return start, start + self.dice.choice((1, 7, 60, 200, 700))

    def pairs(self, most: int, low: int = -200) -> list[list[str]]:
        spans = [self.span(low) for _ in range(self.dice.randint(0, most))]
        return [[self.at(a), self.at(b)] for a, b in spans]

    def policy(self) -> dict[str, Any]:
        pick = self.dice.choice
        policy: dict[str, Any] = {
            "guarantee": pick(("0.9989", "0.95", "0.8", "0.6", "0.5", "0.3", "1", "0")),
            "policy": pick(("prorata", "prorata", "tiers")),
            "basis": pick(("full_downtime", "excess_over_allowance")),
            "multiplier": pick(("1", "1", "2.5", "10", "50")),
            "cap_fraction": pick(("1", "0.5", "0.333", "2")),
            "rounding": pick(("half_up", "half_even")),
            "denominator": pick(("contracted", "contracted", "contracted", "measured")),
            "degraded_weight": pick(_SHARES),
            "maintenance_exclusion": {"enabled": self.maybe(0.8), "min_notice_s": pick((0, 90))},
            "probe": self.probing(),
        }
        if policy["policy"] == "tiers":
            policy["tiers"] = [
                {"below": below, "credit": credit}
                for below, credit in (("0.9989", "0.10"), ("0.9", "0.25"), ("0.6", "1.00"))
                if self.maybe(0.8)
            ] or [{"below": "0.99", "credit": "0.15"}]
        return policy

    def probing(self) -> dict[str, int]:
        interval = self.dice.choice((10, 30, 60))
        return {
            "interval_s": interval,
            "max_gap_s": interval * self.dice.choice((1, 2, 3)),
            "confirm_down": self.dice.randint(1, 3),
            "confirm_up": self.dice.randint(1, 3),
        }

    def component(self, name: str) -> dict[str, Any]:
        component: dict[str, Any] = {
            "id": name,
            "role": "courtesy" if self.maybe(0.15) else "required",
        }
        if self.maybe(0.5):
            component["group"] = self.dice.choice(("g", "h"))
        if self.maybe(0.5):
            component["probes"] = self.probes()
        else:
            component["down"] = self.pairs(3)
            if self.maybe(0.5):
                component["degraded"] = self.pairs(3)
        return component

    def probes(self) -> list[dict[str, Any]]:
        """Runs one after another; at times a hole between them, or a lone look."""
        out: list[dict[str, Any]] = []
        now = self.dice.randint(-300, 100)
        while now < self.length + 100:
            every = self.dice.choice((10, 30, 45, 60))
            run = every * self.dice.choice((1, 1, 2, 3, 4, 8))
            out.append(
                {
                    "from": self.at(now),
                    "to": self.at(now + run),
                    "every": every,
                    "ok": self.maybe(0.5),
                }
            )
            now += run + self.dice.choice((0, 0, 0, 5, 60, 200))
        return out

    def some(self, names: list[str]) -> list[str]:
        return [name for name in names if self.maybe(0.6)]

    def planned(self, names: list[str]) -> dict[str, Any]:
        start, end = self.span()
        told = start - self.dice.choice((600, 90, 89, 0, -1))
        return {
            "start": self.at(start), "end": self.at(end), "published_at": self.at(told),
            "components": self.some(names),
        }  # fmt: skip

    def excluded(self, names: list[str]) -> dict[str, Any]:
        start, end = self.span()
        return {
            "start": self.at(start), "end": self.at(end), "components": self.some(names),
            "cause": self.dice.choice(("external_provider", "customer")),
            "approved": self.maybe(0.8),
        }  # fmt: skip

    def invoices(self) -> list[dict[str, Any]]:
        currency = self.dice.choice(("USD", "ARS", "CLP"))
        out = []
        for i in range(self.dice.randint(1, 3)):
            start = self.dice.choice((0, -600, 300))
            invoice = {
                "id": f"F-{i}",
                "start": self.at(start),
                "end": self.at(start + self.dice.choice((900, 1800, 3600))),
                "net_amount": self.dice.choice(("1234.56", "25.92", "1.00", "0.05", "180000", "0")),
                "currency": currency,
            }
            if self.maybe(0.4):
                invoice["weight"] = self.dice.choice(("0.25", "0.6", "1"))
            if self.maybe(0.3):
                invoice["already_credited"] = self.dice.choice(("0.5", "10", "999999"))
            out.append(invoice)
        return out
