"""`estado contracts`: what customers rent, as data."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from credits.contracts import Contract
from credits.fields import Problem
from credits.stamps import spans_text
from monitor.bootstrap.settings import DEFAULT_DATA_DIR, default_config
from monitor.bootstrap.tools import Tools, open_tools
from monitor.cli.acting import JsonOption, print_json
from monitor.cli.wide_console import table_console
from monitor.engine.catalogues import Catalogues
from monitor.engine.contract_rows import COLUMNS, NEEDED, BadRow, ContractRow, read_row
from monitor.engine.contracts import Keeping, Planned, import_contracts
from monitor.ports.journal import JournalError

_FAILED, _INVALID = 1, 2
_MOST_SHOWN = 200

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The configuration; default config/services.yaml."),
]
DataDir = Annotated[
    Path, typer.Option("--data-dir", "-d", help="Where results, journal and page are kept.")
]


class InvalidFile(Exception):
    """The file is no table of contracts; the message says why."""


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="What customers rent: contracts, invoice lines, what was promised.",
    )
    listed = "\n\n".join(
        f"[bold]{name}[/]{'*' if name in NEEDED else ''}: {said}" for name, said in COLUMNS.items()
    )
    group.command(name="import", epilog=f"Columns (* always needed):\n\n{listed}")(import_file)
    group.command(name="list")(list_contracts)
    app.add_typer(group, name="contracts")


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8, commas or semicolons.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the difference and keep nothing.")
    ] = False,
    config: Config = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Read contracts from FILE: one row for each invoice line, rows of a contract together.

    Every row is checked before anything is kept, and the difference is shown. Importing the same
    file again changes nothing; contracts and lines that the file leaves out stay as they are.

    Exit code: 0 done, 1 the journal failed, 2 the file is not right (nothing was kept).
    """
    # Here, for other commands start without the compiler of old revisions.
    from monitor.bootstrap.past_catalogues import catalogues_of

    try:
        with open_tools(config or default_config(), data_dir, makes=True) as tools:
            _import(file, tools, catalogues_of(tools), is_rehearsal=dry_run)
    except JournalError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(_FAILED) from error
    except (OSError, UnicodeDecodeError, csv.Error, InvalidFile) as error:
        typer.secho(f"{file}: {error}", err=True, fg="red")
        raise typer.Exit(_INVALID) from error


def list_contracts(
    as_json: JsonOption = False, config: Config = None, data_dir: DataDir = DEFAULT_DATA_DIR
) -> None:
    """Show the contracts that are kept."""
    try:
        opened = open_tools(config or default_config(), data_dir)
        with opened as tools, tools.journal.transaction() as tx:
            rows = [_row(contract) for contract in tx.contracts.every()]
    except JournalError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(_FAILED) from error
    if as_json:
        print_json([asdict(row) for row in rows])
    elif not rows:
        typer.echo("No contracts yet: estado contracts import FILE.csv")
    else:
        _print_table(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A contract as the list shows it; spans as `start/end` in UTC."""

    contract: str
    client: str
    service: str
    product: str
    active: list[str]
    terms: list[str]
    lines: int


def _row(contract: Contract) -> _Row:
    return _Row(
        contract=contract.id,
        client=contract.client_id,
        service=contract.service_id,
        product=contract.product,
        active=[spans_text([span]) for span in contract.active],
        terms=list(dict.fromkeys(period.label for period in contract.terms)),
        lines=len(contract.segments),
    )


def _print_table(rows: list[_Row]) -> None:
    table = Table(*(field.name for field in fields(_Row)), box=None)
    for row in rows:
        table.add_row(
            row.contract, row.client, row.service, row.product, " ".join(row.active),
            ", ".join(row.terms), str(row.lines),
        )  # fmt: skip
    table_console().print(table)


def _import(file: Path, tools: Tools, catalogues: Catalogues, *, is_rehearsal: bool) -> None:
    problems: list[BadRow] = []
    count = _Count()
    for planned in import_contracts(
        _rows(file, catalogues, problems), tools.journal, catalogues, problems
    ):
        count.add(planned)
    if problems:
        for bad in sorted(problems, key=lambda b: b.line):
            typer.secho(f"{file}:{bad.line}: {bad.problem}", err=True, fg="red")
        typer.echo("Nothing was kept.", err=True)
        raise typer.Exit(_INVALID)
    count.report(is_rehearsal=is_rehearsal)
    if is_rehearsal or not count.changes:
        return
    keeping = Keeping(actor=tools.actor, now=tools.clock.now())
    again = _rows(file, catalogues, problems)
    for _ in import_contracts(again, tools.journal, catalogues, problems, keeping):
        if problems:
            raise InvalidFile("the file changed while it was read; import it again")


def _rows(file: Path, catalogues: Catalogues, problems: list[BadRow]) -> Iterator[ContractRow]:
    """The rows that can be read; what is wrong with the others is noted."""
    zone = catalogues.revisions[-1].catalogue.zone.key
    with file.open(encoding="utf-8-sig", newline="") as text:
        header = text.readline()
        delimiter = ";" if header.count(";") > header.count(",") else ","
        text.seek(0)
        reader = csv.DictReader(text, delimiter=delimiter, strict=True, restkey="", restval="")
        _check_header(reader.fieldnames or [])
        for cells in reader:
            found: list[Problem] = []
            if "" in cells:
                wanted = f"{len(reader.fieldnames or [])} cells"
                found.append(Problem(path="the row", wanted=wanted, got="more"))
            named = {key: value for key, value in cells.items() if key}
            row = read_row(reader.line_num, named, zone, found)
            problems.extend(BadRow(line=reader.line_num, problem=problem) for problem in found)
            if not found:
                yield row


def _check_header(names: object) -> None:
    columns = list(names) if isinstance(names, (list, tuple)) else []
    missing = sorted(NEEDED - set(columns))
    if missing:
        raise InvalidFile(f"line 1: wanted the columns {', '.join(missing)}, got none of that name")
    for name in columns:
        if name not in COLUMNS:
            near = get_close_matches(name, list(COLUMNS), n=1)
            hint = f", perhaps {near[0]!r}" if near else ""
            raise InvalidFile(f"line 1: wanted a known column{hint}, got {name!r}")
    if len(set(columns)) < len(columns):
        raise InvalidFile("line 1: wanted each column once, got one of them twice")


class _Count:
    """The difference as it is told: all counted, the first ones shown."""

    def __init__(self) -> None:
        self.new = self.changed = self.same = self.shown = 0

    @property
    def changes(self) -> int:
        return self.new + self.changed

    def add(self, planned: Planned) -> None:
        if not planned.is_change:
            self.same += 1
            return
        self.new += planned.former is None
        self.changed += planned.former is not None
        self.shown += 1
        if self.shown <= _MOST_SHOWN:
            _show(planned)

    def report(self, *, is_rehearsal: bool) -> None:
        if self.shown > _MOST_SHOWN:
            typer.echo(f"… and {self.shown - _MOST_SHOWN} more")
        said = f"{self.new} new, {self.changed} changed, {self.same} unchanged"
        typer.echo(f"{said}; nothing was kept (--dry-run)" if is_rehearsal else said)


def _show(planned: Planned) -> None:
    mark, colour = ("+", "green") if planned.former is None else ("~", "yellow")
    typer.secho(f"{mark} {planned.contract.id}", fg=colour)
    for what, before, after in planned.difference:
        if planned.former is None:
            typer.echo(f"    {what}: {after}")
        else:
            typer.echo(f"    {what}: {before or 'nothing'} → {after or 'nothing'}")
