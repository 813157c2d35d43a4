"""A report as CSV for spreadsheets and billing: one row for each invoice line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from monitor.domain.untrusted_text import plain_cell, text_cell, visible

COLUMNS = (
    "report_id", "revision", "credit_id", "type", "adjusts_credit_id", "contract_id", "client_id",
    "service_id", "product", "invoice_id", "invoice_line_id", "invoice_start", "invoice_end",
    "terms_id", "terms_snapshot_id", "window_start", "window_end", "window_start_local",
    "window_end_local", "contracted_s", "denominator_s", "downtime_s", "degraded_s", "excluded_s",
    "excluded_by_cause", "unknown_s", "inferred_s", "uninvoiced_s", "allowed_s",
    "uptime_fraction", "uptime_display", "verdict", "net_base", "weight", "line_downtime_s",
    "exact_amount",
    "arithmetic", "amount", "currency", "state", "ticket_code", "incident_ids", "approver",
    "applied_at", "external_ref", "evidence_hash", "before_records_s", "records_since", "unwatched",
    "amount_if_unknown_up", "amount_if_unknown_down", "watched_s",
)  # fmt: skip
_WHERE_ANY = "exclusions"
"""A column that is there where a row has it: a month that was issued without stays as it was."""
_NOT_PAYABLE = "payable"
"""A column of what is not paid: a later revision, or one that is not issued. A first revision stays
as it was."""
_NUMBERS = frozenset(
    {
        "revision", "contracted_s", "denominator_s", "downtime_s", "degraded_s", "excluded_s",
        "unknown_s", "inferred_s", "uninvoiced_s", "allowed_s", "uptime_display",
        "net_base", "weight", "line_downtime_s", "amount", "before_records_s",
        "amount_if_unknown_up", "amount_if_unknown_down", "watched_s",
    }
)  # fmt: skip
"""Our own numbers: a negative amount stays a number."""


def csv_text(document: Mapping[str, Any], delimiter: str = ",") -> str:
    """The rows with their header, lines ended as RFC 4180 wants. The byte order mark, by which
    spreadsheets know UTF-8, belongs to the encoding (`utf-8-sig`)."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    has_any = any(_WHERE_ANY in row for row in document["credits"])
    columns = (*COLUMNS, _WHERE_ANY) if has_any else COLUMNS
    is_payable = document["payable"]
    if not is_payable:
        columns = (*columns, _NOT_PAYABLE)
    writer.writerow(columns)
    shared = {
        "report_id": document["report_id"],
        "revision": document["revision"],
        _NOT_PAYABLE: "yes" if is_payable else "no",
    }
    for row in document["credits"]:
        values = {**row, **shared, _WHERE_ANY: _named(row.get(_WHERE_ANY, ()))}
        writer.writerow([cell(name, values.get(name)) for name in columns])
    return out.getvalue()


def _named(exclusions: Iterable[Mapping[str, Any]]) -> list[str]:
    """`k3f9a2:customer:ana/luz`: reference, cause, who proposed and who approved."""
    return [
        f"{one['reference']}:{one['cause']}:{one['proposed_by']}/{one['approved_by']}"
        for one in exclusions
    ]


def cell(name: str, value: object) -> str:
    """A value as a cell. Text that a spreadsheet would run as a formula is quoted, and what a
    terminal would act on is written out.

    >>> cell("product", "=1+1"), cell("amount", "-2.29"), cell("incident_ids", ["a", "b"])
    ("'=1+1", '-2.29', 'a b')
    """
    return plain_cell(value) if name in _NUMBERS else _without_controls(text_cell(value))


def _without_controls(text: str) -> str:
    """The text with nothing that a terminal would act on; line ends are left to the spreadsheet."""
    return "\r".join(map(visible, text.split("\r")))
