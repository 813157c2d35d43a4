"""`estado name`: which components serve which domain of a customer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from monitor.cli.options import ConfigOption, DataDirOption
from monitor.customers.names import (
    ENCODING,
    NameList,
    compared,
    read_names,
    replace_names,
    served_names,
)
from monitor.domain.customers.names import BadName, read_name
from monitor.domain.untrusted_text import visible
from monitor.journal.ports import JournalError
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config
from monitor.roles.tools import Tools, open_tools

_INVALID = 2


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="Which components serve which domain, so that the page answers who asks for theirs.",
        short_help="Which components serve which domain of a customer.",
    )
    group.command(name="import")(import_file)
    group.command()(show)
    app.add_typer(group, name="name")


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8 with the columns name, components.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change and keep nothing.")
    ] = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Make FILE the list of domains: what it leaves out is no longer known.

    Every row is checked before anything is stored. `components` are ids separated by spaces.

    Exit code: 0 done, 1 the journal failed, 2 the file is not right (nothing was stored).
    """
    with _opened(config, data_dir) as tools:
        found = _read(file, tools)
        if found.problems:
            _refuse(file, found)
        with tools.customers.transaction() as tx:
            if dry_run:
                done = compared(tx, found.names)
            else:
                done = replace_names(tx, found.names, tools.actor, tools.clock.now())
    counts = f"{done.added} new, {done.changed} changed, {done.removed} removed"
    end = "; nothing was kept (--dry-run)" if dry_run else ""
    typer.echo(f"{done.total} domains: {counts}{end}")


def show(
    name: Annotated[str, typer.Argument(help="A domain as a customer types it.")],
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Show the components that a page gives for NAME, where it shows them.

    Exit code: 0 it is known, 1 it is not.
    """
    try:
        wanted = read_name(name)
    except BadName as error:
        raise typer.BadParameter(f"want a domain such as example.com, got {name!r}") from error
    with _opened(config, data_dir) as tools, tools.customers.transaction() as tx:
        served = served_names(tx, tools.catalogue.shown_somewhere, tools.clock.now())
    known = next((one for one in wanted.lookups if one in served), None)
    if known is None:
        typer.echo(f"{wanted.ascii} is not known: the page shows all services.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{known}: {' '.join(served[known])}")


@contextmanager
def _opened(config: Path | None, data_dir: Path) -> Iterator[Tools]:
    """A journal that fails ends the command with its reason."""
    try:
        with open_tools(config or default_config(), data_dir) as tools:
            yield tools
    except JournalError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from error


def _read(file: Path, tools: Tools) -> NameList:
    try:
        with file.open(encoding=ENCODING, newline="") as text:
            return read_names(text, [c.id for c in tools.catalogue.components])
    except UnicodeDecodeError as error:
        typer.secho(f"{file}: wanted UTF-8 (in Excel: CSV UTF-8)", err=True, fg="red")
        raise typer.Exit(_INVALID) from error
    except OSError as error:
        typer.secho(f"{file}: {error.strerror or error}", err=True, fg="red")
        raise typer.Exit(_INVALID) from error


def _refuse(file: Path, found: NameList) -> NoReturn:
    for line, what in found.problems:
        typer.secho(visible(f"{file}:{line}: {what}"), err=True, fg="red")
    typer.echo("Nothing was kept.", err=True)
    raise typer.Exit(_INVALID)
