"""A report for people: the window, every component, every outage, what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.cli.wide_console import table_console

_COLOURS = {
    "breach": "red", "indeterminate": "yellow", "eligible": "red", "needs_review": "yellow",
    "blocked_suspended": "yellow",
}  # fmt: skip
_NAMED = 8
"""Components that one line names."""


def print_report(document: Mapping[str, Any]) -> None:
    """Tables on a terminal; in a pipe the same without colour and without folding."""
    console = table_console()
    _head(console, document)
    for title, table in (
        ("Components", _components(document)),
        ("Outages", _outages(document)),
        ("Credits", _credits(document)),
    ):
        console.print(Text(f"\n{title}", style="bold"))
        console.print(table if table.row_count else "  none")
        if title == "Components":
            _say_younger(console, document)
    _foot(console, document)


def _head(console: Console, document: Mapping[str, Any]) -> None:
    window, terms = document["window"], document["default_terms"]
    console.print(Text(f"Report {document['report_id']}", style="bold"))
    said = f"{window['start_local']} – {window['end_local']}, {window['seconds']} s"
    console.print(f"{said}; uptime is of all of them", soft_wrap=True)
    if terms:
        share = f"{terms['guarantee']} of it allows {terms['allowed_s']} s of downtime"
        console.print(f"{share} (terms {terms['id']})", soft_wrap=True)


def _components(document: Mapping[str, Any]) -> Table:
    table = _table("component", "role")
    for name in ("up", "slow", "down", "excluded", "unknown", "uptime %"):
        table.add_column(name, justify="right")
    for found in document["components"]:
        figures = ("up_s", "degraded_s", "down_s", "excluded_s", "unknown_s", "uptime_display")
        table.add_row(found["id"], found["role"], *(_plain(found[key]) for key in figures))
    return table


def _say_younger(console: Console, document: Mapping[str, Any]) -> None:
    """Where the page's percentage is of less than the window, and says since when."""
    younger: dict[str, list[str]] = {}
    for found in document["components"]:
        # Reports that were issued by earlier versions lack it.
        if found.get("since_local"):
            younger.setdefault(found["since_local"], []).append(found["id"])
    for since, ids in younger.items():
        named = ", ".join(ids[:_NAMED]) + (f" and {len(ids) - _NAMED} more" * (len(ids) > _NAMED))
        console.print(
            f"Since {since}: {named}. The page's percentage is of the time from then on, this "
            "report's of the whole window",
            soft_wrap=True,
        )


def _outages(document: Mapping[str, Any]) -> Table:
    table = _table("component", "from", "until")
    for name in ("counted", "excluded", "certain", "possible"):
        table.add_column(name, justify="right")
    for name in ("cause", "incident"):
        table.add_column(name)
    for component in document["components"]:
        for outage in component["outages"]:
            table.add_row(
                component["id"],
                outage["start_local"],
                outage["end_local"] or "goes on",
                f"{outage['counted_down_s']} s",
                _seconds(outage["counted_excluded_s"]),
                _seconds(outage["certain_s"]),
                _seconds(outage["possible_s"]),
                outage["cause"],
                " ".join(outage["incident_ids"]),
            )
    return table


def _credits(document: Mapping[str, Any]) -> Table:
    table = _table(
        "credit", "client", "service", "invoice", "down", "contracted", "allowed", "verdict",
        "amount", "state",
    )  # fmt: skip
    for row in document["credits"]:
        amount = "-" if row["amount"] is None else f"{row['amount']} {row['currency']}"
        invoice = row["invoice_id"] or "-"
        table.add_row(
            row["credit_id"] or "-",
            row["client_id"],
            row["service_id"],
            f"{invoice}/{row['invoice_line_id']}" if row["invoice_id"] else invoice,
            f"{row['downtime_s']} s",
            f"{row['contracted_s']} s",
            f"{row['allowed_s']} s",
            _coloured(row["verdict"]),
            amount,
            _coloured(row["state"]),
        )
    return table


def _foot(console: Console, document: Mapping[str, Any]) -> None:
    counted = [f"{n} {status}" for status, n in document["assessed"].items() if n]
    none = f"none in force in {document['period']}"
    console.print(f"\nContracts: {', '.join(counted) or none}", soft_wrap=True)
    for total in document["totals"]:
        blocked = total["blocked_suspended"]
        said = f", {blocked} blocked" if blocked.strip("0.") else ""
        console.print(f"Total {total['currency']}: {total['eligible']} eligible{said}")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column)
    return table


def _coloured(word: str) -> Text:
    return Text(word, style=_COLOURS.get(word, ""))


def _seconds(value: int | None) -> str:
    return "?" if value is None else f"{value} s"


def _plain(value: object) -> str:
    return "-" if value is None else str(value)
