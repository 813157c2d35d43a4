"""A forecast as plain values, for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from credits.figures import seconds_field
from credits.forecast.forecast import ContractForecast, Cost, Forecast
from credits.money import Money, exact_text, minor_units
from credits.stamps import local_text


def forecast_fields(found: Forecast, zone: ZoneInfo, limit: int | None = None) -> dict[str, Any]:
    """Contracts of which nothing is used are counted and not listed; the worst come first."""
    touched = [one for one in found.contracts if one.budget.used or one.budget.possible]
    return {
        "at": local_text(found.at, zone),
        "month": local_text(found.month.start, zone)[:7],
        "contracts": len(found.contracts),
        "going_on": found.going_on,
        "reached": {f"{tenths}0": found.reached.get(tenths, 0) for tenths in (5, 8, 10)},
        "then": _sums(found.then),
        "an_hour_later": _sums(found.later),
        "touched": len(touched),
        "worst": [_contract(one, zone) for one in touched[:limit]],
    }


def _contract(one: ContractForecast, zone: ZoneInfo) -> dict[str, Any]:
    budget = one.budget
    return {
        "contract_id": one.contract.id,
        "client_id": one.contract.client_id,
        "service_id": one.contract.service_id,
        "product": one.contract.product,
        "terms_id": one.terms.label,
        "allowed_s": exact_text(budget.allowed),
        "used_s": seconds_field(budget.used),
        "unknown_s": seconds_field(budget.possible),
        "used_share": None if budget.share is None else exact_text(budget.share),
        "is_broken": budget.is_used_up,
        "is_going_on": budget.is_going_on,
        "breaks_at": None if one.breaks_at is None else local_text(one.breaks_at, zone),
        "then": _cost(one.then, zone),
        "an_hour_later": _cost(one.later, zone),
    }


def _cost(cost: Cost | None, zone: ZoneInfo) -> dict[str, Any] | None:
    if cost is None:
        return None
    return {"at": local_text(cost.at, zone), "totals": _sums(cost.totals)}


def _sums(totals: Iterable[Money]) -> list[dict[str, str]]:
    return [
        {"currency": one.currency, "amount": f"{one.amount:.{minor_units(one.currency)}f}"}
        for one in totals
    ]
