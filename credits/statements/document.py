"""A client's part of an issued report: what his link and his paper say. Only what is named here is
in it: who proposed or approved, evidence, checks and every other client stay where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from credits.money import minor_units

Document = Mapping[str, Any]
_UNDECIDED = ("needs_review", "pending_human_approval")

_ROW = (
    "credit_id", "type", "adjusts_credit_id", "contract_id", "service_id", "product", "invoice_id",
    "invoice_line_id", "invoice_start", "invoice_end", "window_start", "window_end",
    "window_start_local", "window_end_local", "contracted_s", "allowed_s", "downtime_s",
    "excluded_s", "excluded_by_cause", "unknown_s", "uptime_fraction", "uptime_display", "verdict",
    "net_base", "arithmetic", "exact_amount", "amount", "currency", "amount_if_unknown_up",
    "amount_if_unknown_down", "state", "evidence_hash",
)  # fmt: skip
_OUTAGE = (
    "start", "end", "start_local", "end_local", "lasted_s", "counted_down_s", "counted_excluded_s",
)  # fmt: skip


class NoClient(Exception):
    """Nothing in the report is about that client."""


def client_document(document: Document, client: str) -> dict[str, Any]:
    """`document` is an issued report; a field that an earlier version did not write is null. Raises
    NoClient where nothing in it is about the client."""
    rows = [row for row in document["credits"] if row["client_id"] == client]
    if not rows:
        raise NoClient(client)
    names = {one["id"]: one["name"] for one in document["components"]}
    return {
        "report_id": document["report_id"],
        "content_hash": document["content_hash"],
        "generated_at": document["generated_at"],
        "is_provisional": document["is_provisional"],
        "payable": document["payable"],
        "period": document["period"],
        "zone": document["zone"],
        "window": document["window"],
        "client_id": client,
        "credits": [
            {
                **{name: row.get(name) for name in _ROW},
                "outages": _outages(document["evidence"].get(row["evidence_hash"]), names),
            }
            for row in rows
        ],
        "totals": [
            {"currency": currency, "total": f"{total:.{minor_units(currency)}f}"}
            for currency, total in sums_of(rows).items()
        ],
    }


def sums_of(rows: Sequence[Document]) -> dict[str, Decimal]:
    """By currency, in its order; a row without an amount adds nothing, nor does one about which a
    person has still to decide."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        if row["amount"] is not None and row["state"] not in _UNDECIDED:
            currency = row["currency"]
            sums[currency] = sums.get(currency, Decimal(0)) + Decimal(row["amount"])
    return dict(sorted(sums.items()))


def _outages(evidence: Document | None, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """By the components' names, which the public knows; None: an adjustment stands on another
    month."""
    return [
        {"component": names.get(one["component"], ""), **{name: one.get(name) for name in _OUTAGE}}
        for one in (evidence or {"outages": ()})["outages"]
    ]
