"""`estado contracts`: what customers rent, as data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from credits.contracts.rows import COLUMNS, NEEDED
from monitor.cli.acting import JsonOption, acting, print_json, print_table
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.wide_console import untrusted_text
from monitor.client.ports import Document
from monitor.client.views import ImportedView, ImportView
from monitor.domain.refusals import Refused
from monitor.domain.untrusted_text import visible
from monitor.i18n.refusals import sentence

_INVALID = 2


class Source(StrEnum):
    """Where contracts come from, but for a file."""

    WHMCS = "whmcs"


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="What customers rent: contracts, invoice lines, what was promised.",
    )
    listed = "\n\n".join(
        f"[bold]{name}[/]{'*' if name in NEEDED else ''}: {text}" for name, text in COLUMNS.items()
    )
    group.command(name="import", epilog=f"Columns (* always needed):\n\n{listed}")(import_file)
    group.command(name="list")(list_contracts)
    app.add_typer(group, name="contracts")


def import_file(
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV in UTF-8, commas or semicolons.", show_default=False),
    ] = None,
    source: Annotated[
        Source | None,
        typer.Option("--from", help="Read the services of the billing panel, on its host."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --from: store without asking.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the difference and keep nothing.")
    ] = False,
    correct_credited: Annotated[
        bool,
        typer.Option(
            "--correct-credited",
            help="Where [bold]already_credited[/] was mistyped: the ledger takes the file's.",
        ),
    ] = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Read contracts from FILE: one row for each invoice line, rows of a contract together.

    Every row is checked before anything is stored, and the difference is shown. Importing the same
    file again changes nothing; contracts and lines that the file leaves out stay as they are.

    With [bold]--from whmcs[/] the services of the panel in credits.billing are the rows, on the
    core's host alone. The differences are shown before anything is stored. What it does not know
    stays: terms, invoices, past suspensions. An attempt that was cut off goes on where it ended.

    Exit code: 0 done, 1 the journal or the panel failed, 2 the file is not right (nothing was
    stored).
    """
    if source is not None:
        if file is not None or url is not None or correct_credited:
            raise typer.BadParameter(
                "--from reads the panel from this host: no FILE, no --url, no --correct-credited"
            )
        from monitor.cli.billing.from_panel import import_from_panel

        import_from_panel(config, data_dir, dry_run=dry_run, yes=yes)
        return
    if file is None:
        raise typer.BadParameter("a FILE, or --from whmcs")
    if yes:
        raise typer.BadParameter("--yes is of --from: a FILE is stored without a question")
    with acting(url, config, data_dir, creates=True) as product:
        try:
            done = product.contracts.import_file(
                file, dry_run=dry_run, corrects_credited=correct_credited
            )
        except Refused as error:
            refuse_file(file, error)
        except OSError as error:
            typer.secho(f"{file}: {error}", err=True, fg="red")
            raise typer.Exit(_INVALID) from error
    tell(done, is_rehearsal=dry_run)


def list_contracts(
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show the contracts that are stored."""
    with acting(url, config, data_dir) as product:
        contracts = product.contracts.every()
    if as_json:
        print_json(contracts)
    elif not contracts:
        typer.echo("No contracts yet: estado contracts import FILE.csv")
    else:
        columns = ("contract", "client", "service", "product", "active", "terms", "lines")
        print_table(columns, [_row(contract) for contract in contracts])


def _row(contract: Document) -> tuple[Any, ...]:
    labels = dict.fromkeys(period["label"] for period in contract["terms"])
    names = (contract[name] for name in ("contract_id", "client_id", "service_id", "product"))
    return (
        *map(untrusted_text, names),
        ", ".join(map(_days, contract["active"])),
        ", ".join(labels),
        str(len(contract["lines"])),
    )


def _days(span: Mapping[str, str | None]) -> str:
    """Local days as the file has them: from the first one, to the first that is not included."""
    start, end = ((span[name] or "").partition("T")[0] for name in ("start", "end"))
    return f"{start} to {end}" if end else f"since {start}"


def tell(done: ImportView, *, is_rehearsal: bool) -> None:
    for imported in done.shown:
        _show(imported)
    changes = done.new + done.changed
    if changes > len(done.shown):
        typer.echo(f"… and {changes - len(done.shown)} more")
    counts = f"{done.new} new, {done.changed} changed, {done.unchanged} unchanged"
    typer.echo(f"{counts}; nothing was kept (--dry-run)" if is_rehearsal else counts)


def refuse_file(file: Path, error: Refused) -> NoReturn:
    errors: Any = error.fields.get("errors", ())
    for found in errors:
        place = f":{found['line']}: {found['column']}" if "column" in found else ": line 1"
        typer.secho(visible(f"{file}{place}: {found['detail']}"), err=True, fg="red")
    unlisted = _count(error) - len(errors)
    if errors and unlisted > 0:
        typer.secho(f"… and {unlisted} more", err=True, fg="red")
    if any("column" in found for found in errors):
        typer.echo("Nothing was kept.", err=True)
    if not errors:
        typer.secho(f"{file}: {sentence(error)}", err=True, fg="red")
    raise typer.Exit(_INVALID) from error


def _count(error: Refused) -> int:
    """All mistakes; a door lists the first thousand of them."""
    count = error.fields.get("count")
    return count if isinstance(count, int) else 0


def _show(imported: ImportedView) -> None:
    mark, colour = ("+", "green") if imported.is_new else ("~", "yellow")
    typer.secho(f"{mark} {imported.contract}", fg=colour)
    for what, before, after in imported.differences:
        change = after if imported.is_new else f"{before or 'nothing'} → {after or 'nothing'}"
        typer.echo(visible(f"    {what}: {change}"))
