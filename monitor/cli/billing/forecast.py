"""`estado forecast`: what the month under way will come to."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import typer

from monitor.cli.acting import JsonOption, acting, print_found, print_table
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.wide_console import counted, untrusted_text

_LISTED = 100
_SHOWN = 20


def register(app: typer.Typer) -> None:
    app.command(name="forecast")(forecast)


def forecast(
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show what the month under way will come to: allowances used up, and what is due.

    Of each contract it says how much of its allowed downtime is gone, when the outage under way
    breaks the guarantee, and what is due then and an hour later. What has not come yet is taken to
    work. The worst twenty are listed, with --json the worst hundred; all are counted.

    Exit code: 0 shown, 1 the journal failed, 2 there is no journal.
    """
    with acting(url, config, data_dir) as product:
        found = product.forecasts.present(_LISTED if as_json else _SHOWN)
    print_found(found, _print, as_json=as_json)


def _print(found: Mapping[str, Any]) -> None:
    columns = ("contract", "client", "used", "of", "%", "breaks at", "due then", "an hour later")
    if found["worst"]:
        print_table(columns, [_row(one) for one in found["worst"]])
    unlisted = found["touched"] - len(found["worst"])
    if unlisted:
        typer.echo(f"… and {unlisted} more")
    reached = ", ".join(f"{n} at {share} %" for share, n in found["reached"].items() if n)
    typer.echo(f"{counted(found['contracts'], 'contract')}: {reached or 'none at 50 %'}")
    if found["then"]:
        then, later = _sums(found["then"]), _sums(found["an_hour_later"])
        if found["going_on"]:
            typer.echo(
                f"If it goes on: {then} once each guarantee is broken; an hour after that: {later}"
            )
        else:
            typer.echo(f"Nothing goes on now; {then} due for this month so far")


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    share = one["used_share"]
    percent = "-" if share is None else f"{int(Fraction(share) * 100)}"
    breaks_at = "broken" if one["is_broken"] else (one["breaks_at"] or "-")
    return (
        untrusted_text(one["contract_id"]),
        untrusted_text(one["client_id"]),
        f"{one['used_s']} s",
        f"{one['allowed_s']} s",
        percent,
        breaks_at,
        _cost(one["then"]),
        _cost(one["an_hour_later"]),
    )


def _cost(cost: dict[str, Any] | None) -> str:
    return "-" if cost is None else _sums(cost["totals"])


def _sums(totals: list[dict[str, str]]) -> str:
    return " + ".join(f"{one['currency']} {one['amount']}" for one in totals) or "-"
