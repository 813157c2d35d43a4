"""A report for people: the window, every component, every outage, the credits due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from credits.stamps import local_text
from monitor.cli.wide_console import table_console, untrusted_text
from monitor.domain.time.interval import Second

_COLOURS = {
    "breach": "red", "indeterminate": "yellow", "eligible": "red", "needs_review": "yellow",
    "blocked_suspended": "yellow",
}  # fmt: skip
_NAMED = 8
"""How many names one line shows."""


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
            _print_younger(console, document)
            _print_unwatched(console, document)
    _foot(console, document)


def _head(console: Console, document: Mapping[str, Any]) -> None:
    window, terms = document["window"], document["default_terms"]
    console.print(Text(f"Report {document['report_id']}", style="bold"))
    text = f"{window['start_local']} – {window['end_local']}, {window['seconds']} s"
    console.print(f"{text}; uptime is of all of them", soft_wrap=True)
    if terms:
        share = f"{terms['guarantee']} of it allows {terms['allowed_s']} s of downtime"
        console.print(f"{share} (terms {terms['id']})", soft_wrap=True)


def _components(document: Mapping[str, Any]) -> Table:
    table = _table("component", "role")
    for name in ("up", "slow", "down", "excluded", "unknown", "no records", "watched", "uptime %"):
        table.add_column(name, justify="right")
    for found in document["components"]:
        keys = (
            "up_s", "degraded_s", "down_s", "excluded_s", "unknown_s", "before_records_s",
            "watched_s", "uptime_display",
        )  # fmt: skip
        # Reports that were issued by earlier versions lack some.
        cells = (_plain(found.get(key)) for key in keys)
        is_private = not found.get("is_public", True)
        name = f"{found['id']} (private)" if is_private else found["id"]
        table.add_row(name, found["role"], *cells)
    return table


def _print_unwatched(console: Console, document: Mapping[str, Any]) -> None:
    """Print what is no longer watched, since when and by which revision of the configuration."""
    for found in document["components"]:
        for one in found.get("unwatched", ()):
            since = _local(document, one["since"])
            until = f" until {_local(document, one['until'])}" if one["until"] else ""
            console.print(
                f"Not watched since {since}{until}: {found['id']}, by revision "
                f"{one['revision']} of the configuration. Contracts that name it: unknown",
                soft_wrap=True,
            )


def _print_younger(console: Console, document: Mapping[str, Any]) -> None:
    """Print where the page's percentage is of less than the window, and since when."""
    younger: dict[str, list[str]] = {}
    for found in document["components"]:
        # Reports that were issued by earlier versions lack it.
        if found.get("since_local"):
            younger.setdefault(found["since_local"], []).append(found["id"])
    for since, ids in younger.items():
        console.print(
            f"Since {since}: {_listed(ids)}. The page's percentage is of the time from then on, "
            "this report's of the whole window",
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
        amount = _amount(row)
        invoice = row["invoice_id"] or "-"
        table.add_row(
            row["credit_id"] or "-",
            untrusted_text(row["client_id"]),
            untrusted_text(row["service_id"]),
            untrusted_text(f"{invoice}/{row['invoice_line_id']}" if row["invoice_id"] else invoice),
            *(_known(row[name]) for name in ("downtime_s", "contracted_s", "allowed_s")),
            _coloured(row["verdict"] or row["type"]),
            amount,
            _coloured(row["state"]),
        )
    return table


def _known(seconds: object) -> str:
    """An adjustment has none: they stand in the month that it adjusts."""
    return "-" if seconds is None else f"{seconds} s"


def _amount(row: Mapping[str, Any]) -> str:
    """The amount due; where a person decides about unknown time, what it comes to either way."""
    if row["amount"] is None:
        return "-"
    if row.get("amount_if_unknown_down") is None:
        return f"{row['amount']} {row['currency']}"
    ends = f"{row['amount_if_unknown_up']} to {row['amount_if_unknown_down']}"
    return f"{ends} {row['currency']}"


def _foot(console: Console, document: Mapping[str, Any]) -> None:
    counted = [f"{n} {status}" for status, n in document["assessed"].items() if n]
    none = f"none in force in {document['period']}"
    console.print(f"\nContracts: {', '.join(counted) or none}", soft_wrap=True)
    for since, named in _by_start(document["credits"]).items():
        text = f"Records since {_local(document, since)}, and the contracted time is whole: {named}"
        console.print(untrusted_text(text), soft_wrap=True)
    for found in document.get("adjustments", ()):
        given = f"{found['to_give']} to give, {found['to_take_back']} to take back"
        console.print(f"Adjustments {found['currency']}: {given}")
    for total in document["totals"]:
        blocked = total["blocked_suspended"]
        suffix = f", {blocked} blocked" if blocked.strip("0.") else ""
        console.print(f"Total {total['currency']}: {total['eligible']} eligible{suffix}")


def _by_start(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The contracts of which a part lies before the records, by when the records begin."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.get("records_since"):
            found.setdefault(row["records_since"], {})[row["contract_id"]] = None
    return {since: _listed(list(ids)) for since, ids in found.items()}


def _local(document: Mapping[str, Any], written: str) -> str:
    """A time that is written in UTC, shown as all others of the table are."""
    zone = ZoneInfo(document["zone"])
    return local_text(Second(int(datetime.fromisoformat(written).timestamp())), zone)


def _listed(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return ", ".join(ids[:_NAMED]) + more


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
