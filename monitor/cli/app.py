"""The tree of commands. Each module registers the commands it owns."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from monitor.cli.version import version_line

_MODULES = (
    "monitor.cli.run",
    "monitor.cli.health",
    "monitor.cli.demo",
    "monitor.cli.probe",
    "monitor.cli.config",
    "monitor.cli.incident",
    "monitor.cli.maintenance",
    "monitor.cli.contracts",
    "monitor.cli.report",
    "monitor.cli.credits",
    "monitor.cli.journal",
    "monitor.cli.store",
)
"""In the order in which `estado --help` shows them."""


def build_app() -> typer.Typer:
    """The whole command tree."""
    app = typer.Typer(
        name="estado",
        no_args_is_help=True,
        rich_markup_mode="rich",
        add_completion=False,
        pretty_exceptions_show_locals=False,
        help=(
            "Uptime monitor, status page and uptime credits.\n\n"
            "Start with [bold]estado demo start[/] to watch an outage from end to end, or with "
            "[bold]estado config check config/services.yaml[/] and then [bold]estado run[/]."
        ),
    )
    app.callback()(_root)
    for name in _MODULES:
        import_module(name).register(app)
    return app


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(version_line())
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and leave.",
            is_eager=True,
            callback=_tell_version,
        ),
    ] = False,
) -> None:
    """Nothing of its own: a command does the work."""
