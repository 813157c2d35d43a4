"""A report as CSV for spreadsheets and billing: one row for each invoice line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from monitor.domain.untrusted_text import comma_cell, plain_cell, text_cell, visible

SPANISH = ";"
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
_FRACTIONS = frozenset({"uptime_fraction", "exact_amount", "allowed_s", "weight"})
"""Exact: `5/3` is the fifth of March to a spreadsheet."""
_LOCAL_TIMES = frozenset({"window_start_local", "window_end_local"})
_SECONDS = len("2026-10-12T10:00:00")


def csv_text(document: Mapping[str, Any], delimiter: str = ",") -> str:
    """The rows with their header, lines ended as RFC 4180 wants. Between semicolons stand cells as
    a spreadsheet in Spanish reads them: decimal commas, times without their offset. The byte order
    mark, by which spreadsheets know UTF-8, belongs to the encoding (`utf-8-sig`)."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    of = spanish_cell if delimiter == SPANISH else cell
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
        writer.writerow([of(name, values.get(name)) for name in columns])
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


def spanish_cell(name: str, value: object) -> str:
    """The same for a spreadsheet in Spanish.

    >>> spanish_cell("amount", "-2.29"), spanish_cell("exact_amount", "5/3")
    ('-2,29', '5 ÷ 3')
    >>> spanish_cell("window_start_local", "2026-10-12T10:00:00-03:00")
    '2026-10-12 10:00:00'
    """
    if value is None:
        return ""
    if name in _FRACTIONS and "/" in str(value):
        return str(value).replace("/", " ÷ ")
    if name in _LOCAL_TIMES:
        return str(value)[:_SECONDS].replace("T", " ")
    return comma_cell(value) if name in _NUMBERS else cell(name, value)


def _without_controls(text: str) -> str:
    """The text with nothing that a terminal would act on; line ends are left to the spreadsheet."""
    return "\r".join(map(visible, text.split("\r")))
