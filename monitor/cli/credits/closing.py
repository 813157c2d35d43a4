"""`estado credits close`: a month is closed at once, as the core does by itself a day after it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from monitor.cli.acting import JsonOption, ending_by_reason, print_json
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.wide_console import counted
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config

if TYPE_CHECKING:
    from credits.report.draft import Progress, Say

_REFUSED = 2
_SAY_EVERY = 10_000
MonthArgument = Annotated[str, typer.Argument(help="YYYY-MM, a month that is over.")]


def register(group: typer.Typer) -> None:
    group.command(name="close")(close)


def close(
    month: MonthArgument,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Close a month now: issue its report as revision 1, and open its credits.

    The core closes a month by itself, [bold]operations.report_after[/] after its end; this waits
    for nothing. The month is computed beside the product, which goes on. Nothing of it is seen
    before it is done. One that was ended in between takes up what it had computed. How far it is
    goes to standard error; with [bold]--json[/] one object a line.

    Exit code: 0 closed now or before, 1 the journal failed, 2 the month is not over, or nobody
    watched it.
    """
    # Imported here: other commands start without the journal.
    from monitor.cli.credits.here_closing import close_here
    from monitor.roles.tools import open_tools

    with (
        ending_by_reason(),
        open_tools(config or default_config(), data_dir) as tools,
        _progress(as_json=as_json) as say,
    ):
        done = close_here(tools, month, say)
    if as_json:
        print_json(done)
    else:
        _print(done)
    if done["outcome"] == "withheld":
        raise typer.Exit(_REFUSED)


def _print(done: Mapping[str, object]) -> None:
    month = done["month"]
    match done["outcome"]:
        case "issued":
            typer.echo(
                f"{month} is closed: report {done['detail']}, {_number(done, 'credit')}, "
                f"{_number(done, 'adjustment')} of earlier months"
            )
            typer.echo(f"See them: estado credits list --month {month}")
        case "withheld":
            typer.secho(
                f"{month} is not closed: {done['detail']}. Is --data-dir the product's own?",
                err=True, fg="red",
            )  # fmt: skip
        case _:
            typer.echo(f"{month} was closed before: estado report {month}")


def _number(done: Mapping[str, object], what: str) -> str:
    return counted(int(str(done[f"{what}s"])), what)


@contextmanager
def _progress(*, as_json: bool) -> Iterator[Say]:
    """A bar on a terminal; in a pipe a line now and then."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description} contracts"), BarColumn(), MofNCompleteColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    is_shown = console.is_terminal and not as_json
    with Bar(*columns, console=console, disable=not is_shown, transient=True) as bar:
        task = bar.add_task("", total=None)

        def say(progress: Progress) -> None:
            bar.update(
                task, description=str(progress.month), completed=progress.contracts,
                total=progress.of,
            )  # fmt: skip
            if not is_shown and _is_told(progress):
                typer.echo(_line(progress, as_json=as_json), err=True)

        yield say


def _is_told(progress: Progress) -> bool:
    return progress.contracts % _SAY_EVERY == 0 or progress.contracts == progress.of


def _line(progress: Progress, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(
            {"month": str(progress.month), "contracts": progress.contracts, "of": progress.of,
             "taken": progress.taken}
        )  # fmt: skip
    ready = f", {progress.taken} of them ready from before" if progress.taken else ""
    return f"{progress.month}: {progress.contracts} of {progress.of} contracts{ready}"
