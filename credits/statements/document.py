"""A client's part of an issued report. Only what is named here is in it: who proposed or approved,
evidence, checks and every other client stay where they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from credits.money import minor_units
from credits.paper.contents import NoClient, sums_of

Document = Mapping[str, Any]

_ROW = (
    "credit_id", "type", "adjusts_credit_id", "contract_id", "service_id", "product", "invoice_id",
    "invoice_line_id", "invoice_start", "invoice_end", "window_start", "window_end",
    "window_start_local", "window_end_local", "contracted_s", "allowed_s", "downtime_s",
    "excluded_s", "excluded_by_cause", "unknown_s", "uptime_fraction", "uptime_display", "verdict",
    "net_base", "arithmetic", "exact_amount", "amount", "currency", "amount_if_unknown_up",
    "amount_if_unknown_down", "state", "evidence_hash",
)  # fmt: skip
_OUTAGE = (
    "start", "end", "start_local", "end_local", "counted_down_s", "counted_excluded_s",
)  # fmt: skip


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


def _outages(evidence: Document | None, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """By the components' names, which the public knows; None: an adjustment stands on another
    month."""
    return [
        {"component": names.get(one["component"], ""), **{name: one[name] for name in _OUTAGE}}
        for one in (evidence or {"outages": ()})["outages"]
    ]
