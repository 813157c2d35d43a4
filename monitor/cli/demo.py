"""`estado demo`: servers of its own to break, and the whole product watching them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from monitor.demo.faults import Fault
from monitor.demo.remote import ServersError, command
from monitor.demo.run import run_demo

DEFAULT_FOLDER = Path("var/demo")
Folder = Annotated[Path, typer.Option("--folder", help="Where the demonstration lives.")]


def register(app: typer.Typer) -> None:
    demo = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help=(
            "Watch an outage become an incident, an alert and a credit, on servers of its own.\n\n"
            "[bold]estado demo start[/] in one terminal; then [bold]estado demo break mail[/] and "
            "[bold]estado demo mend mail[/] in another."
        ),
    )
    demo.command()(start)
    demo.command(name="break")(break_)
    demo.command()(mend)
    demo.command()(status)
    app.add_typer(demo, name="demo")


def start(
    folder: Folder = DEFAULT_FOLDER,
    weeks: Annotated[
        int, typer.Option(min=0, max=12, help="Weeks of history to live through first.")
    ] = 3,
) -> None:
    """Start the servers, simulate a scripted past, then run the product on them."""
    try:
        code = run_demo(folder.resolve(), weeks)
    except ServersError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    raise typer.Exit(code)


def break_(
    name: Annotated[str, typer.Argument(help="web, dns, mail, imap, radio or network.")],
    how: Annotated[Fault, typer.Option("--how", help="What goes wrong.")] = Fault.REFUSE,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Break a server from outside, as the world does."""
    _send(folder, f"break {name} {how.value}")


def mend(
    name: Annotated[str, typer.Argument(help="The server to mend.")],
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Mend a server."""
    _send(folder, f"mend {name}")


def status(folder: Folder = DEFAULT_FOLDER) -> None:
    """Show which servers are broken, and how each can be broken."""
    _send(folder, "status")


def _send(folder: Path, line: str) -> None:
    try:
        servers = command(folder, line)
    except ServersError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    Console().print(_table(servers))


def _table(servers: dict[str, Any]) -> Table:
    table = Table("server", "now", "can be broken by --how")
    for name, state in servers.items():
        fault = state["fault"]
        now = f"[red]{fault}[/]" if fault else "[green]works[/]"
        table.add_row(name, now, ", ".join(state["can"]))
    return table
