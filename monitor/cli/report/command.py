"""`estado report`: the month, for billing and for whoever checks it by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from credits.period.month import Month
from credits.report.csv import csv_text
from monitor.cli.acting import acting, print_json, print_table
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.report.paper import print_pdf
from monitor.cli.report.table import print_report
from monitor.client.ports import Document

_REFUSED = 2


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PDF = "pdf"


class Delimiter(StrEnum):
    COMMA = ","
    SEMICOLON = ";"


class Language(StrEnum):
    ES = "es"
    EN = "en"


MonthArgument = Annotated[
    str | None,
    typer.Argument(
        help="YYYY-MM; default the last month that is over, with --provisional this month.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    Format,
    typer.Option(
        "--format", "-f", help="A table for people, JSON or CSV for billing, PDF to be signed."
    ),
]
ProvisionalOption = Annotated[
    bool, typer.Option("--provisional", help="Figures so far, of a month that is not over.")
]
EveryOption = Annotated[
    bool, typer.Option("--all", help="Contracts that kept their guarantee too; not issued.")
]
RevisionOption = Annotated[
    int | None, typer.Option("--revision", min=1, help="A revision issued before, as it was.")
]
DelimiterOption = Annotated[
    Delimiter, typer.Option("--delimiter", help="Of the CSV; Spanish Excel wants a semicolon.")
]
ClientOption = Annotated[
    str | None,
    typer.Option("--client", help="Of the PDF: one client's statement alone.", show_default=False),
]
LanguageOption = Annotated[
    Language, typer.Option("--lang", help="Of the PDF, which says it all in one language.")
]
ListOption = Annotated[
    bool, typer.Option("--list", help="Which reports were issued, the newest first.")
]


def register(app: typer.Typer) -> None:
    app.command(name="report")(report)


def report(
    month: MonthArgument = None,
    style: FormatOption = Format.TABLE,
    provisional: ProvisionalOption = False,
    every: EveryOption = False,
    revision: RevisionOption = None,
    delimiter: DelimiterOption = Delimiter.COMMA,
    client: ClientOption = None,
    lang: LanguageOption = Language.ES,
    listed: ListOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show a month's availability, to the second, and the credits due for it.

    A month that is over is [bold]issued[/]: stored as a revision that never changes. Computing it
    again with equal figures gives the same revision. A door elsewhere shows what was issued, and
    issues nothing. A PDF is written to standard output: the month's summary and a statement for
    each client, or one client's alone.

    Exit code: 0 done, 1 the journal failed, 2 the month is not over (see --provisional), there is
    no journal, no such client, or no library for PDF.
    """
    if listed and (month or revision or provisional or every or style in (Format.CSV, Format.PDF)):
        raise typer.BadParameter("--list takes no month and nothing but --format json")
    if client is not None and style is not Format.PDF:
        raise typer.BadParameter("--client is of --format pdf")
    _require_month(month)
    with acting(url, config, data_dir) as product:
        if listed:
            _print_list(product.reports.issued(), style)
            return
        document = product.reports.month(
            month, revision=revision, is_provisional=provisional, is_complete=every
        )
        company = product.reports.company()
    if style is Format.PDF:
        print_pdf(document, client, company, lang.value)
    else:
        _print_month(document, style, delimiter)


def _print_month(document: Document, style: Format, delimiter: Delimiter) -> None:
    match style:
        case Format.JSON:
            print_json(document)
        case Format.CSV:
            typer.echo(csv_text(document, delimiter.value).encode("utf-8-sig"), nl=False)
        case Format.TABLE:
            print_report(document)


def _require_month(wanted: str | None) -> None:
    if wanted is None:
        return
    try:
        Month.read(wanted)
    except ValueError as error:
        typer.secho(f"MONTH: {error}", err=True, fg="red")
        raise typer.Exit(_REFUSED) from error


def _print_list(heads: Sequence[Document], style: Format) -> None:
    if style is Format.JSON:
        print_json(heads)
    elif heads:
        print_table(("month", "revision", "issued", "hash"), list(map(_row, heads)))
    else:
        typer.echo("No report was issued yet: estado report")


def _row(head: Document) -> tuple[str, ...]:
    at = datetime.fromisoformat(head["generated_at"])
    return (
        head["month"], str(head["revision"]), f"{at:%Y-%m-%d %H:%M:%S}", head["content_hash"][:12],
    )  # fmt: skip
