"""What a report says on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperWords:
    """`{x}` and `{y}` are names, `{n}` numbers, `{a}` and `{b}` times."""

    title: str
    statement: str
    issued: str
    not_issued: str
    not_payable: str
    window: str
    guarantee: str
    hash: str
    page: str

    availability: str
    component: str
    share: str
    down: str
    excluded: str
    unknown: str
    too_little: str

    outages: str
    no_outages: str
    start: str
    end: str
    counted: str
    goes_on: str
    picture: str
    picture_more: str
    legend_down: str
    legend_excluded: str
    legend_unknown: str

    totals: str
    no_credits: str
    currency: str
    eligible: str
    blocked: str
    total: str
    to_give: str
    to_take_back: str
    adjustments: str

    credits: str
    credit: str
    client: str
    service: str
    invoice: str
    amount: str
    state: str
    states: Mapping[str, str]
    either: str

    contract: str
    contracted: str
    allowed: str
    lost: str
    left_out: str
    no_data: str
    verdicts: Mapping[str, str]
    arithmetic: str
    asks: str
    adjusts: str
    of_others: str
