"""`estado contracts`: what customers rent, as data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from credits.contract import Contract
from credits.contracts.file import BAD_BYTES, ENCODING
from credits.contracts.import_file import ContractsImport
from credits.contracts.importing import Planned
from credits.contracts.reading import contract_fields
from credits.contracts.rows import COLUMNS, NEEDED
from monitor.catalogues.in_force import Catalogues
from monitor.cli.acting import JsonOption, print_json
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.wide_console import table_console, untrusted_text
from monitor.domain.refusals import Refused
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import FOREVER, Interval
from monitor.domain.untrusted_text import visible
from monitor.i18n.refusals import sentence
from monitor.journal.ports import JournalError
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config
from monitor.roles.tools import Tools, open_tools

_FAILED, _INVALID = 1, 2


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
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8, commas or semicolons.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the difference and keep nothing.")
    ] = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Read contracts from FILE: one row for each invoice line, rows of a contract together.

    Every row is checked before anything is stored, and the difference is shown. Importing the same
    file again changes nothing; contracts and lines that the file leaves out stay as they are.

    Exit code: 0 done, 1 the journal failed, 2 the file is not right (nothing was stored).
    """
    # Imported here: other commands start without the compiler of old revisions.
    from monitor.roles.past_catalogues import catalogues_of

    try:
        with open_tools(config or default_config(), data_dir, creates=True) as tools:
            _import(file, tools, catalogues_of(tools), is_rehearsal=dry_run)
    except JournalError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(_FAILED) from error
    except Refused as error:
        _refuse(file, error)
    except OSError as error:
        typer.secho(f"{file}: {error}", err=True, fg="red")
        raise typer.Exit(_INVALID) from error


def list_contracts(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Show the contracts that are stored."""
    try:
        opened = open_tools(config or default_config(), data_dir)
        with opened as tools, tools.journal.transaction() as tx:
            contracts, zone = list(tx.contracts.every()), tools.catalogue.zone
    except JournalError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(_FAILED) from error
    if as_json:
        print_json([contract_fields(contract, zone) for contract in contracts])
    elif not contracts:
        typer.echo("No contracts yet: estado contracts import FILE.csv")
    else:
        table_console().print(_table(contracts, zone))


def _table(contracts: list[Contract], zone: ZoneInfo) -> Table:
    table = Table("contract", "client", "service", "product", "active", "terms", "lines", box=None)
    for contract in contracts:
        labels = dict.fromkeys(period.label for period in contract.terms)
        table.add_row(
            *map(untrusted_text, (
                contract.id, contract.client_id, contract.service_id, contract.product,
            )),
            ", ".join(_days(span, zone) for span in contract.active),
            ", ".join(labels), str(len(contract.segments)),
        )  # fmt: skip
    return table


def _days(span: Interval, zone: ZoneInfo) -> str:
    """Local days as the file has them: from the first one, to the first that is not included."""
    start = at_zone(span.start, zone).date().isoformat()
    end = "" if span.end >= FOREVER else at_zone(span.end, zone).date().isoformat()
    return f"{start} to {end}" if end else f"since {start}"


def _import(file: Path, tools: Tools, catalogues: Catalogues, *, is_rehearsal: bool) -> None:
    done = ContractsImport(
        reading=tools.journal, writing=tools.journal, catalogues=catalogues, clock=tools.clock,
        actor=tools.actor,
    ).run(lambda: _opened(file), dry_run=is_rehearsal)  # fmt: skip
    for planned in done.shown:
        _show(planned)
    if done.changes > len(done.shown):
        typer.echo(f"… and {done.changes - len(done.shown)} more")
    counts = f"{done.new} new, {done.changed} changed, {done.unchanged} unchanged"
    typer.echo(f"{counts}; nothing was kept (--dry-run)" if is_rehearsal else counts)


def _opened(file: Path) -> TextIO:
    return file.open(encoding=ENCODING, errors=BAD_BYTES, newline="")


def _refuse(file: Path, error: Refused) -> NoReturn:
    errors: Any = error.fields.get("errors", ())
    for found in errors:
        place = f":{found['line']}: {found['column']}" if "column" in found else ": line 1"
        typer.secho(visible(f"{file}{place}: {found['detail']}"), err=True, fg="red")
    if any("column" in found for found in errors):
        typer.echo("Nothing was kept.", err=True)
    if not errors:
        typer.secho(f"{file}: {sentence(error)}", err=True, fg="red")
    raise typer.Exit(_INVALID) from error


def _show(planned: Planned) -> None:
    mark, colour = ("+", "green") if planned.former is None else ("~", "yellow")
    typer.secho(f"{mark} {planned.contract.id}", fg=colour)
    for what, before, after in planned.difference:
        change = f"{before or 'nothing'} → {after or 'nothing'}" if planned.former else after
        typer.echo(visible(f"    {what}: {change}"))
