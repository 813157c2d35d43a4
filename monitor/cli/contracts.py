"""`estado contracts`: what customers rent, as data."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from credits.contract import Contract, PriceSegment
from credits.contracts.importing import ImportAuthor, Planned, import_contracts
from credits.contracts.rows import COLUMNS, NEEDED, BadRow, ContractRow, read_row
from credits.fields import Problem, nearest
from credits.money import exact_text
from credits.stamps import local_text
from monitor.catalogues.in_force import Catalogues
from monitor.cli.acting import JsonOption, print_json
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.wide_console import table_console, untrusted_text
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.domain.untrusted_text import visible
from monitor.journal.ports import JournalError
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config
from monitor.roles.tools import Tools, open_tools

_FAILED, _INVALID = 1, 2
_MOST_SHOWN = 200
_BAD_BYTES = "surrogateescape"
"""Bytes that are no UTF-8 are carried along: all mistakes of a file are reported at once."""


class InvalidFile(Exception):
    """The file is no table of contracts; each argument is one reason."""


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
    except InvalidFile as error:
        for reason in error.args:
            typer.secho(f"{file}: {reason}", err=True, fg="red")
        raise typer.Exit(_INVALID) from error
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
        print_json([_json(contract, zone) for contract in contracts])
    elif not contracts:
        typer.echo("No contracts yet: estado contracts import FILE.csv")
    else:
        table_console().print(_table(contracts, zone))


def _json(contract: Contract, zone: ZoneInfo) -> dict[str, object]:
    """As the columns of `contracts import` name them; times local with their offset."""
    return {
        "contract_id": contract.id,
        "client_id": contract.client_id,
        "service_id": contract.service_id,
        "product": contract.product,
        "active": [_span(span, zone) for span in contract.active],
        "suspended": [_span(span, zone) for span in contract.suspended],
        "suspended_now": contract.is_suspended,
        "terms": [{"label": t.label, **_span(t.period, zone)} for t in contract.terms],
        "lines": [_line(segment, zone) for segment in contract.segments],
    }


def _line(segment: PriceSegment, zone: ZoneInfo) -> dict[str, object]:
    return {
        "invoice_id": segment.invoice_id,
        "invoice_line_id": segment.line_id,
        "period_start": local_text(segment.period.start, zone),
        "period_end": local_text(segment.period.end, zone),
        "net": f"{segment.net.amount:f}",
        "currency": segment.net.currency,
        "weight": exact_text(segment.weight),
        "already_credited": f"{segment.already_credited:f}",
    }


def _span(span: Interval, zone: ZoneInfo) -> dict[str, str | None]:
    """`end` is null while there is none yet."""
    end = None if span.end >= FOREVER else local_text(span.end, zone)
    return {"start": local_text(span.start, zone), "end": end}


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
    problems: list[BadRow] = []
    count, now = _Count(), tools.clock.now()
    for planned in import_contracts(
        _rows(file, catalogues, now, problems), tools.journal, catalogues, problems
    ):
        count.add(planned)
    if problems:
        for bad in sorted(problems, key=lambda b: b.line):
            typer.secho(visible(f"{file}:{bad.line}: {bad.problem}"), err=True, fg="red")
        typer.echo("Nothing was kept.", err=True)
        raise typer.Exit(_INVALID)
    count.report(is_rehearsal=is_rehearsal)
    if is_rehearsal or not count.changes:
        return
    author = ImportAuthor(actor=tools.actor, now=now)
    again = _rows(file, catalogues, now, problems)
    for _ in import_contracts(again, tools.journal, catalogues, problems, author):
        if problems:
            raise InvalidFile("the file changed while it was read; import it again")


def _rows(
    file: Path, catalogues: Catalogues, now: Second, problems: list[BadRow]
) -> Iterator[ContractRow]:
    """The rows that can be read; what is wrong with the others is noted."""
    zone = catalogues.revisions[-1].catalogue.zone.key
    with file.open(encoding="utf-8-sig", errors=_BAD_BYTES, newline="") as text:
        header = text.readline()
        _check_encoding(header)
        delimiter = ";" if header.count(";") > header.count(",") else ","
        text.seek(0)
        reader = csv.DictReader(text, delimiter=delimiter, strict=True, restkey="", restval="")
        _check_header(reader.fieldnames or [])
        found: list[Problem] = []
        for cells in _records(reader, problems):
            row = _row(reader, cells, zone, now, found)
            problems.extend(BadRow(line=reader.line_num, problem=problem) for problem in found)
            if not found:
                yield row
            found = []


def _records(
    reader: csv.DictReader[str], problems: list[BadRow]
) -> Iterator[dict[str | Any, str | Any]]:
    """Until a record is no CSV any more: nobody knows where the next one would begin."""
    try:
        yield from reader
    except csv.Error as error:
        problem = Problem(path="the row", wanted="CSV", got=f"{error}; what follows was not read")
        problems.append(BadRow(line=reader.line_num, problem=problem))


def _row(
    reader: csv.DictReader[str],
    cells: Mapping[str, str],
    zone: str,
    now: Second,
    problems: list[Problem],
) -> ContractRow:
    if "" in cells:
        wanted = f"{len(reader.fieldnames or [])} cells"
        problems.append(Problem(path="the row", wanted=wanted, got="more"))
    named = {key: value for key, value in cells.items() if key}
    foreign = [key for key, value in named.items() if not _is_text(value)]
    for key in foreign:
        wanted = "UTF-8: save as UTF-8 (in Excel: CSV UTF-8)"
        problems.append(Problem(path=key, wanted=wanted, got=_foreign(named[key])))
    readable = {**named, **dict.fromkeys(foreign, "?")}
    return read_row(reader.line_num, readable, zone, now, problems)


def _is_text(value: str) -> bool:
    """Whether it was UTF-8: what was not is kept as surrogates."""
    return value.isprintable() or not any("\udc80" <= char <= "\udcff" for char in value)


def _foreign(value: str) -> str:
    return repr(value.encode("utf-8", _BAD_BYTES))[1:]


def _check_encoding(header: str) -> None:
    if not _is_text(header) or "\0" in header:
        raise InvalidFile("line 1: wanted UTF-8: save as UTF-8 (in Excel: CSV UTF-8)")


def _check_header(names: object) -> None:
    """Raises InvalidFile with everything that is wrong with it."""
    columns = list(names) if isinstance(names, (list, tuple)) else []
    missing = sorted(NEEDED - set(columns))
    found = [
        f"line 1: wanted a known column{nearest(name, COLUMNS)}, got {name!r}"
        for name in columns
        if name not in COLUMNS
    ]
    if missing:
        found.insert(0, f"line 1: wanted the columns {', '.join(missing)}, got none of that name")
    if len(set(columns)) < len(columns):
        found.append("line 1: wanted each column once, got one of them twice")
    if found:
        raise InvalidFile(*found)


class _Count:
    """The difference as it is printed: all counted, the first ones shown."""

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
        counts = f"{self.new} new, {self.changed} changed, {self.same} unchanged"
        typer.echo(f"{counts}; nothing was kept (--dry-run)" if is_rehearsal else counts)


def _show(planned: Planned) -> None:
    mark, colour = ("+", "green") if planned.former is None else ("~", "yellow")
    typer.secho(f"{mark} {planned.contract.id}", fg=colour)
    for what, before, after in planned.difference:
        change = f"{before or 'nothing'} → {after or 'nothing'}" if planned.former else after
        typer.echo(visible(f"    {what}: {change}"))
