"""A forecast as plain values, for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from credits.contract import Contract, ContractId
from credits.figures import seconds_field
from credits.forecast.alike import MOST_LISTED
from credits.forecast.forecast import (
    PERCENTS,
    AlikeForecast,
    Cost,
    Downtime,
    Forecast,
    TermsForecast,
)
from credits.journal import BillingTransaction
from credits.money import Money, exact_text, minor_units
from credits.stamps import local_text

Listed = tuple[ContractId, AlikeForecast]


def listed(found: Forecast, limit: int = MOST_LISTED) -> list[Listed]:
    """The contracts of which anything is used, the worst first: up to so many."""
    return list(islice(_touched(found), min(limit, MOST_LISTED)))


def read_listed(tx: BillingTransaction, shown: Iterable[Listed]) -> Mapping[ContractId, Contract]:
    """The contracts themselves. One that has gone meanwhile is left out."""
    return tx.contracts.some([contract for contract, _ in shown])


def forecast_fields(
    found: Forecast,
    zone: ZoneInfo,
    shown: Iterable[Listed],
    contracts: Mapping[ContractId, Contract],
) -> dict[str, Any]:
    """Contracts of which nothing is used are counted and not listed."""
    return {
        "at": local_text(found.at, zone),
        "month": local_text(found.month.start, zone)[:7],
        "contracts": found.contracts,
        "going_on": found.going_on,
        "touched": found.touched,
        "reached": _reached(found.reached),
        "breaks_at": None if found.breaks_at is None else local_text(found.breaks_at, zone),
        "then": sums(found.then),
        "an_hour_later": sums(found.later),
        "terms": [terms_fields(one, zone) for one in found.by_terms],
        "worst": [
            _contract(contracts[name], one, zone) for name, one in shown if name in contracts
        ],
    }


def terms_fields(one: TermsForecast, zone: ZoneInfo) -> dict[str, Any]:
    """`allowed_s`, `used_s` and `unknown_s` are those of the most of its contracts."""
    return {
        "terms_id": one.label,
        "terms_hash": one.terms_hash,
        "contracts": one.contracts,
        "going_on": one.going_on,
        "reached": _reached(one.reached),
        **_budget(one.usual),
        "breaks_at": None if one.breaks_at is None else local_text(one.breaks_at, zone),
        "then": sums(one.then),
        "an_hour_later": sums(one.later),
        "components": [_component(down) for down in one.components],
    }


def sums(totals: Iterable[Money]) -> list[dict[str, str]]:
    return [
        {"currency": one.currency, "amount": f"{one.amount:.{minor_units(one.currency)}f}"}
        for one in totals
    ]


def _touched(found: Forecast) -> Iterator[Listed]:
    for one in found.alike:
        if one.is_touched:
            for contract in one.first:
                yield contract, one


def _reached(counts: Mapping[int, int]) -> dict[str, int]:
    return {str(percent): counts.get(percent, 0) for percent in PERCENTS}


def _component(down: Downtime) -> dict[str, Any]:
    return {
        "component": down.component,
        "downtime_s": down.seconds,
        "is_going_on": down.is_going_on,
    }


def _budget(one: AlikeForecast) -> dict[str, Any]:
    budget = one.budget
    return {
        "allowed_s": exact_text(budget.allowed),
        "used_s": seconds_field(budget.used),
        "unknown_s": seconds_field(budget.possible),
        "used_share": None if budget.share is None else exact_text(budget.share),
    }


def _contract(contract: Contract, one: AlikeForecast, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "contract_id": contract.id,
        "client_id": contract.client_id,
        "service_id": contract.service_id,
        "product": contract.product,
        "terms_id": one.alike.label,
        **_budget(one),
        "is_broken": one.budget.is_used_up,
        "is_going_on": one.budget.is_going_on,
        "breaks_at": None if one.breaks_at is None else local_text(one.breaks_at, zone),
        "then": _cost(one.then, zone),
        "an_hour_later": _cost(one.later, zone),
    }


def _cost(cost: Cost | None, zone: ZoneInfo) -> dict[str, Any] | None:
    if cost is None:
        return None
    return {"at": local_text(cost.at, zone), "totals": sums(cost.totals)}
