"""`estado forecast`: what the month under way will come to."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import typer

from credits.forecast.fields import forecast_fields
from credits.forecast.forecast import forecast as computed
from credits.forecast.forecast import read_forecast
from monitor.cli.acting import JsonOption, ending_by_reason, print_json, print_table
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.wide_console import untrusted_text
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import require_every_service, require_scope
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config

_SHOWN = 20


def register(app: typer.Typer) -> None:
    app.command(name="forecast")(forecast)


def forecast(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Show what the month under way will come to: allowances used up, and what is due.

    Of each contract it says how much of its allowed downtime is gone, when the outage under way
    breaks the guarantee, and what is due then and an hour later. What has not come yet is taken to
    work.

    Exit code: 0 shown, 1 the journal failed, 2 there is
    none.
    """
    # Imported here: help starts without the journal.
    from monitor.roles.catalogues.past import catalogues_of
    from monitor.roles.tools import open_tools

    with ending_by_reason(), open_tools(config or default_config(), data_dir) as tools:
        require_scope(tools.actor, Scope.BILLING_READ)
        require_every_service(tools.actor)
        catalogues, now = catalogues_of(tools), tools.clock.now()
        with tools.journal.transaction() as tx:
            read = read_forecast(tx, catalogues, now)
        zone = catalogues.present(now).catalogue.zone
    found = forecast_fields(computed(read), zone, None if as_json else _SHOWN)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: dict[str, Any]) -> None:
    columns = ("contract", "client", "used", "of", "%", "breaks at", "due then", "an hour later")
    if found["worst"]:
        print_table(columns, [_row(one) for one in found["worst"]])
    unlisted = found["touched"] - len(found["worst"])
    if unlisted:
        typer.echo(f"… and {unlisted} more")
    reached = ", ".join(f"{n} at {share} %" for share, n in found["reached"].items() if n)
    typer.echo(f"{found['contracts']} contracts: {reached or 'none at 50 %'}")
    if found["then"]:
        then, later = _sums(found["then"]), _sums(found["an_hour_later"])
        typer.echo(
            f"If it goes on: {then} once each guarantee is broken; an hour after that: {later}"
        )


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
    return " + ".join(f"{one['amount']} {one['currency']}" for one in totals) or "-"
