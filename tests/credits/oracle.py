"""A second opinion on credits: it walks every second of a case, one at a time.

Written from the conventions alone. It shares nothing with the product: no import, no interval, no
fold; what it knows of a component is a list with one letter a second.

`U` up, `S` slow, `D` down, `I` down inferred across a hole in the monitoring, `?` unknown, `X`
excluded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

_OFFSETS = {"America/Argentina/Buenos_Aires": -3, "UTC": 0}
_UNITS = {"CLP": 0, "USD": 2, "ARS": 2}
_WORST_FIRST = "D?XSU"
_BEFORE = 600
"""Seconds before the window that a case may tell of."""


def opinion(case: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    """The fields of `expected`, and the id."""
    return _Opinion(case, {**default, **case.get("policy", {})}).told()


class _Opinion:
    def __init__(self, case: dict[str, Any], policy: dict[str, Any]) -> None:
        self.case, self.given, self.policy = case, case["input"], policy
        zone = timezone(timedelta(hours=_OFFSETS[policy["tz"]]))
        self.second: Callable[[str], int] = lambda text: _second(text, zone)
        self.start = self.second(self.given["window"]["start"])
        self.end = self.second(self.given["window"]["end"])
        self.low = self.start - _BEFORE
        self.product = self.walk()

    def span(self, thing: dict[str, Any]) -> range:
        return range(self.second(thing["start"]), self.second(thing["end"]))

    def pairs(self, pairs: Iterable[list[str]]) -> set[int]:
        out: set[int] = set()
        for start, end in pairs:
            a, b = max(self.second(start), self.low), min(self.second(end), self.end)
            out.update(range(a, b))
        return out

    def walk(self) -> dict[int, str]:
        """Every contracted second's letter."""
        whole = [[self.given["window"]["start"], self.given["window"]["end"]]]
        contracted = self.pairs(self.given.get("active", whole)) & self.pairs(whole)
        contracted -= self.pairs(self.given.get("suspended", []))
        members = {c["id"]: c for c in self.given["components"] if c["role"] == "required"}
        states = {name: self.states(c) for name, c in members.items()}
        forgiven = {name: self.forgiven(name, states[name]) for name in members}
        groups: dict[str, list[str]] = {}
        for name, component in members.items():
            groups.setdefault(component.get("group") or f"alone {name}", []).append(name)
        product = {}
        # A month has two and a half million seconds and few ways of being: each is judged once.
        judged: dict[tuple[str, ...], str] = {}
        for second in contracted:
            at = tuple(
                "X" if second in forgiven[name] and letters[second] != "U" else letters[second]
                for name, letters in states.items()
            )
            if at not in judged:
                letter = dict(zip(states, at, strict=True))
                judged[at] = _product([[letter[name] for name in g] for g in groups.values()])
            product[second] = judged[at]
        return product

    def states(self, component: dict[str, Any]) -> dict[int, str]:
        if "probes" in component:
            seen = {
                second: run["ok"]
                for run in component["probes"]
                for second in range(self.second(run["from"]), self.second(run["to"]), run["every"])
            }
            return self.from_probes(seen)
        down = self.pairs(component.get("down", []))
        slow = self.pairs(component.get("degraded", []))
        return {
            s: "D" if s in down else "S" if s in slow else "U" for s in range(self.low, self.end)
        }

    def from_probes(self, seen: dict[int, bool]) -> dict[int, str]:
        rule = self.policy["probe"]
        out = dict.fromkeys(range(self.low, self.end), "?")
        when = sorted(seen)
        labels, holes = _labels([(s, seen[s]) for s in when], rule)
        for i, second in enumerate(when):
            after = when[i + 1] if i + 1 < len(when) else second + rule["interval_s"]
            covered = min(after, second + rule["interval_s"]) if i in holes else after
            for s in range(max(second, self.low), min(covered, self.end)):
                out[s] = labels[i]
            for s in range(max(covered, self.low), min(after, self.end)):
                out[s] = holes[i]
        return out

    def forgiven(self, name: str, letters: dict[int, str]) -> set[int]:
        out: set[int] = set()
        begun = self.begun(letters)
        rule = self.policy["maintenance_exclusion"]
        for planned in self.given.get("maintenance", []):
            start, notice = self.span(planned).start, rule["min_notice_s"]
            public = self.second(planned["published_at"])
            in_time = public <= start - notice if notice else public < start
            if name in planned["components"] and rule["enabled"] and in_time:
                told = self.second(planned["published_at"])
                out.update(s for s in self.span(planned) if begun.get(s, told) >= told)
        for excluded in self.given.get("exclusions", []):
            if name in excluded["components"] and excluded["approved"]:
                out.update(self.span(excluded))
        return out

    def begun(self, letters: dict[int, str]) -> dict[int, int]:
        """For each second of an outage or a slowness, and of the dark behind it, where it began."""
        out: dict[int, int] = {}
        kind, start = "U", self.low
        seen = {letter: _seen(letter) for letter in set(letters.values())}
        for second in range(self.low, self.end):
            letter = seen[letters[second]]
            if letter not in ("?", kind):
                kind, start = letter, second
            if kind in ("D", "S"):
                out[second] = start
        return out

    def downtime(self, seconds: Iterable[int]) -> Fraction:
        weight = Fraction(self.policy["degraded_weight"])
        worth = {"D": Fraction(1), "I": Fraction(1), "S": weight}
        counted: dict[str, int] = {}
        for second in seconds:
            letter = self.product[second]
            counted[letter] = counted.get(letter, 0) + 1
        return sum((worth.get(k, Fraction(0)) * n for k, n in counted.items()), Fraction(0))

    def told(self) -> dict[str, Any]:
        letters = list(self.product.values())
        contracted, unknown, excluded = len(letters), letters.count("?"), letters.count("X")
        measured = self.policy["denominator"] == "measured"
        base = contracted - excluded - unknown if measured else contracted
        lost = self.downtime(self.product)
        allowed = (1 - Fraction(self.policy["guarantee"])) * base
        uptime = 1 - lost / base if base else Fraction(1)
        verdict = "no_breach"
        if lost > allowed:
            verdict = "breach"
        elif not measured and lost + unknown > allowed:
            verdict = "indeterminate"
        lines = [self.line(i, verdict, lost, allowed, uptime) for i in self.invoices()]
        credit = sum((Decimal(line["amount"]) for line in lines), Decimal(0))
        currency = self.given["invoices"][0]["currency"]
        return {
            "id": self.case["id"],
            "contracted_s": contracted,
            "denominator_s": base,
            "downtime_s": _whole(lost),
            "inferred_down_s": letters.count("I"),
            "degraded_s": letters.count("S"),
            "excluded_s": excluded,
            "unknown_s": unknown,
            "allowed_downtime_s": _plain(allowed),
            "verdict": verdict,
            "uptime_fraction": f"{uptime.numerator}/{uptime.denominator}",
            "uptime_pct_floor6": _floor6(uptime),
            "lines": lines,
            "currency": currency,
            "credit": f"{credit:.{_UNITS[currency]}f}",
            "status": self.status(verdict, credit),
        }

    def invoices(self) -> list[dict[str, Any]]:
        out: list[dict[str, Any]] = []
        for invoice in self.given["invoices"]:
            if invoice not in out:
                out.append(invoice)
        return out

    def line(
        self, invoice: dict[str, Any], verdict: str, lost: Fraction, allowed: Fraction, up: Fraction
    ) -> dict[str, Any]:
        period = self.span(invoice)
        mine = [s for s in self.product if s in period]
        down = self.downtime(mine)
        fee = Fraction(invoice["net_amount"]) * Fraction(invoice.get("weight", "1"))
        owed = Fraction(0)
        if verdict == "breach" and self.policy["policy"] == "tiers":
            shares = [
                Fraction(t["credit"]) for t in self.policy["tiers"] if up < Fraction(t["below"])
            ]
            owed = max(shares, default=Fraction(0)) * fee * Fraction(len(mine), len(period))
        elif verdict == "breach" and self.policy["policy"] == "prorata":
            owed = fee * Fraction(self.policy["multiplier"]) * down / len(period)
            if self.policy["basis"] == "excess_over_allowance":
                owed *= (lost - allowed) / lost
        elif verdict == "breach":
            raise NotImplementedError(f"no second opinion on {self.policy['policy']}")
        cap = fee * Fraction(self.policy["cap_fraction"])
        cap -= Fraction(invoice.get("already_credited", "0"))
        return {
            "invoice": invoice["id"],
            "downtime_s": _whole(down),
            "invoice_period_s": len(period),
            "amount": self.rounded(min(owed, max(cap, Fraction(0))), _UNITS[invoice["currency"]]),
        }

    def rounded(self, exact: Fraction, digits: int) -> str:
        """By `decimal`: enough digits to tell a tie, and a last one that says there is more."""
        rule = ROUND_HALF_UP if self.policy["rounding"] == "half_up" else ROUND_HALF_EVEN
        scaled, rest = divmod(exact.numerator * 10**40, exact.denominator)
        with localcontext() as context:
            context.prec = 100
            near = Decimal(scaled * 10 + (1 if rest else 0)).scaleb(-41)
            return f"{near.quantize(Decimal(1).scaleb(-digits), rounding=rule):f}"

    def status(self, verdict: str, credit: Decimal) -> str:
        if verdict != "breach":
            return "not_eligible" if verdict == "no_breach" else "needs_review"
        if self.given.get("account", {}).get("suspended_for_nonpayment"):
            return "blocked_suspended"
        return "eligible" if credit else "eligible_zero"


def _labels(
    probes: list[tuple[int, bool]], rule: dict[str, int]
) -> tuple[list[str], dict[int, str]]:
    """A letter for each probe, and for each hole (by the probe before it) what it counts as."""
    labels: list[str] = []
    holes: dict[int, str] = {}
    component_status, run = "U", 0
    for i, (second, ok) in enumerate(probes):
        contrary = ok if component_status == "D" else not ok
        if i and second - probes[i - 1][0] > rule["max_gap_s"]:
            run = 0
            holes[i - 1] = "I" if component_status == "D" and not ok else "?"
        labels.append(component_status)
        run = run + 1 if contrary else 0
        if run == rule["confirm_up" if ok else "confirm_down"] and contrary:
            component_status = "U" if ok else "D"
            labels[i - run + 1 :] = [component_status] * run
            run = 0
    return labels, holes


def _product(groups: list[list[str]]) -> str:
    """The worst group; inferred where it would not be down without the inference."""
    said = [_group([_seen(letter) for letter in group]) for group in groups]
    worst = min(said, key=_WORST_FIRST.index, default="U")
    if worst != "D":
        return worst
    without = ["?" if _has_hole(group) else _group(group) for group in groups]
    return "D" if "D" in without else "I"


def _seen(letter: str) -> str:
    return "D" if letter == "I" else letter


def _has_hole(group: list[str]) -> bool:
    return "I" in group


def _group(letters: list[str]) -> str:
    left = [letter for letter in letters if letter != "X"]
    if not left:
        return "X"
    if "U" in left:
        return "U"
    if "S" in left:
        return "S"
    return "D" if set(left) == {"D"} else "?"


def _second(text: str, zone: timezone) -> int:
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return int((aware - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1))


def _whole(value: Fraction) -> int | str:
    return int(value) if value == int(value) else _plain(value)


def _plain(value: Fraction) -> str:
    with localcontext() as context:
        context.prec = 60
        said = f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return said.rstrip("0").rstrip(".") if "." in said else said


def _floor6(share: Fraction) -> str:
    said = str(share.numerator * 10**8 // share.denominator).rjust(7, "0")
    return f"{said[:-6]}.{said[-6:]}"
