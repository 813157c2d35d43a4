"""`estado report`: the month, for billing and for whoever checks it by hand."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from credits.report.body import report_body
from credits.report.csv import csv_text
from credits.report.issue import issue, issued_document, loose_document, why_not
from credits.report.report import Month, MonthData, MonthOpen, monthly_report, read_month
from credits.report.rows import Body
from credits.stamps import local_text
from monitor.catalogues.in_force import Catalogues
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.report.table import print_report
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalError
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config
from monitor.roles.tools import Tools, open_tools
from monitor.runtime.version import version_line

_FAILED, _REFUSED = 1, 2


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Delimiter(StrEnum):
    COMMA = ","
    SEMICOLON = ";"


def register(app: typer.Typer) -> None:
    app.command(name="report")(report)


def report(
    month: Annotated[
        str | None,
        typer.Argument(
            help="YYYY-MM; default the last month that is over, with --provisional this month.",
            show_default=False,
        ),
    ] = None,
    style: Annotated[
        Format, typer.Option("--format", "-f", help="A table for people, JSON or CSV for billing.")
    ] = Format.TABLE,
    provisional: Annotated[
        bool, typer.Option("--provisional", help="Figures so far, of a month that is not over.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Contracts that kept their guarantee too; not issued.")
    ] = False,
    revision: Annotated[
        int | None, typer.Option("--revision", min=1, help="A revision issued before, as it was.")
    ] = None,
    delimiter: Annotated[
        Delimiter, typer.Option("--delimiter", help="Of the CSV; Spanish Excel wants a semicolon.")
    ] = Delimiter.COMMA,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Show a month's availability, to the second, and the credits due for it.

    A month that is over is [bold]issued[/]: stored as a revision that never changes. Computing it
    again with equal figures gives the same revision.

    Exit code: 0 done, 1 the journal failed, 2 the month is not over (see --provisional), or
    there is no journal.
    """
    try:
        with open_tools(config or default_config(), data_dir) as tools:
            document = _document(tools, month, revision, provisional=provisional, every=every)
    except JournalError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(_FAILED) from error
    match style:
        case Format.JSON:
            typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        case Format.CSV:
            typer.echo(csv_text(document, delimiter.value).encode("utf-8-sig"), nl=False)
        case Format.TABLE:
            print_report(document)


def _document(
    tools: Tools, wanted: str | None, revision: int | None, *, provisional: bool, every: bool
) -> dict[str, Any]:
    # Imported here: other commands start without the compiler of old revisions.
    from monitor.roles.past_catalogues import catalogues_of

    catalogues = catalogues_of(tools)
    now = tools.clock.now()
    current = Month.of(now, catalogues.present(now).catalogue.zone)
    month = _month(wanted, current if provisional else current.previous)
    if revision is not None:
        return _issued(tools, month, revision)
    read = _read(tools, catalogues, month, now, provisional=provisional)
    body = report_body(monthly_report(read, is_complete=every))
    if read.is_provisional or every:
        label = "provisional" if read.is_provisional else "complete"
        return loose_document(body, now, version_line(), label)
    _refuse_unfit(read, body)
    with tools.journal.transaction() as tx:
        return issued_document(issue(tx, str(month), body, tools.actor, now), version_line())


def _refuse_unfit(read: MonthData, body: Body) -> None:
    """Refuse a month in which nothing was checked, or of a journal that is not the product's."""
    reason = why_not(read, body)
    if reason is None:
        return
    typer.secho(
        f"{read.month}: {reason}, so nothing is issued. Is --data-dir the product's own? See it "
        "all the same with --provisional.",
        err=True,
        fg="red",
    )
    raise typer.Exit(_REFUSED)


def _month(wanted: str | None, default: Month) -> Month:
    if wanted is None:
        return default
    try:
        return Month.read(wanted)
    except ValueError as error:
        typer.secho(f"MONTH: {error}", err=True, fg="red")
        raise typer.Exit(_REFUSED) from error


def _issued(tools: Tools, month: Month, revision: int) -> dict[str, Any]:
    with tools.journal.transaction() as tx:
        issued = tx.reports.of(str(month))
    for candidate in issued:
        if candidate.revision == revision:
            return issued_document(candidate, version_line())
    typer.secho(
        f"{month} has no revision {revision}; issued so far: {len(issued)}", err=True, fg="red"
    )
    raise typer.Exit(_REFUSED)


def _read(
    tools: Tools, catalogues: Catalogues, month: Month, now: Second, *, provisional: bool
) -> MonthData:
    try:
        with tools.journal.transaction() as tx:
            return read_month(tx, catalogues, month, now, is_provisional=provisional)
    except MonthOpen as error:
        zone = catalogues.present(now).catalogue.zone
        if error.has_begun:
            end = local_text(error.window.end, zone)
            hint = f"it ends at {end}; add --provisional for the figures so far"
        else:
            hint = f"it begins at {local_text(error.window.start, zone)}"
        typer.secho(f"{error}: {hint}", err=True, fg="red")
        raise typer.Exit(_REFUSED) from error
