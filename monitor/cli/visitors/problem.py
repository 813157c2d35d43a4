"""`estado problem`: what customers say on the page that fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.acting import JsonOption, ending_by_reason, print_json, print_table
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.wide_console import untrusted_text
from monitor.customers.problems import close_problem
from monitor.domain.customers.problems import Problem, ProblemRef
from monitor.domain.refusals import NotFound
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.domain.untrusted_text import visible
from monitor.journal.ports import JournalError
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config
from monitor.roles.tools import Tools, open_tools

_MOST = 200
_SHOWN = 60


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="What customers say on the page that fails, and who answers them.",
        short_help="What customers say on the page that fails.",
    )
    group.command(name="list")(list_)
    group.command()(show)
    group.command()(close)
    app.add_typer(group, name="problem")


def list_(
    closed: Annotated[bool, typer.Option("--all", help="Those that are closed, too.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Show the newest, at most two hundred."""
    with _opened(config, data_dir) as tools:
        with tools.customers.transaction() as tx:
            found = tx.problems.listed(_MOST, with_closed=closed)
        if as_json:
            print_json([_document(one) for one in found])
            return
        rows = [
            (
                one.said.ref,
                _local(one.said.at, tools),
                one.said.component or "-",
                one.level,
                _due(one.answer_by, tools),
                one.incident or "-",
                untrusted_text(one.said.text[:_SHOWN]),
            )
            for one in found
        ]
    if not rows:
        typer.echo("Nobody says that anything fails.")
        return
    print_table(("REF", "SAID", "COMPONENT", "LEVEL", "ANSWER BY", "INCIDENT", "TEXT"), rows)


def show(
    ref: Annotated[str, typer.Argument(help="The reference that the customer has.")],
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Show one whole: what was said, what a check run saw then, and who answers."""
    with _opened(config, data_dir) as tools:
        with tools.customers.transaction() as tx:
            found = tx.problems.get(ProblemRef(ref.upper()))
        if found is None:
            raise NotFound("problem.unknown", ref=ref)
        said = found.said
        lines = [
            f"{said.ref}  {_local(said.at, tools)}  {said.kind.value}",
            f"component: {said.component or 'not said'}",
            f"level: {found.level}, answer by {_due(found.answer_by, tools)}",
            f"incident: {found.incident or 'none'}",
            f"seen then: {found.seen or 'not looked at'}",
        ]
        if not found.is_open:
            lines.append(f"closed by {found.closed_by}: {found.note or 'without a note'}")
    for line in lines:
        typer.echo(visible(line))
    typer.echo("")
    for line in said.text.splitlines():
        typer.echo(visible(line))


def close(
    ref: Annotated[str, typer.Argument(help="The reference that the customer has.")],
    note: Annotated[str, typer.Option("--note", help="What came of it, for colleagues.")] = "",
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Say that it is answered, or that nothing is left to do."""
    with _opened(config, data_dir) as tools, tools.customers.transaction() as tx:
        wanted = ProblemRef(ref.upper())
        close_problem(tx, wanted, note[:500], tools.actor, tools.clock.now())
    typer.echo(f"Closed: {wanted}")


@contextmanager
def _opened(config: Path | None, data_dir: Path) -> Iterator[Tools]:
    """A refusal, or a journal that fails, ends the command with its reason."""
    try:
        with ending_by_reason(), open_tools(config or default_config(), data_dir) as tools:
            yield tools
    except JournalError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from error


def _due(answer_by: Second | None, tools: Tools) -> str:
    return "-" if answer_by is None else _local(answer_by, tools)


def _local(at: Second, tools: Tools) -> str:
    return f"{at_zone(at, tools.catalogue.zone):%Y-%m-%d %H:%M}"


def _document(one: Problem) -> dict[str, object]:
    said = one.said
    return {
        "ref": said.ref,
        "at": said.at,
        "kind": said.kind.value,
        "component": said.component,
        "text": said.text,
        "language": said.locale,
        "level": one.level,
        "answer_by": one.answer_by,
        "incident": one.incident,
        "seen": one.seen,
        "closed_at": one.closed_at,
        "closed_by": one.closed_by,
        "note": one.note,
    }
