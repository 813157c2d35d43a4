"""The tree of commands. Each module registers the commands it owns."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

_COMMANDS = {
    "run": "monitor.cli.run",
    "health": "monitor.cli.health",
    "demo": "monitor.cli.demo",
    "probe": "monitor.cli.probe.command",
    "config": "monitor.cli.config.command",
    "incident": "monitor.cli.incident.command",
    "maintenance": "monitor.cli.maintenance",
    "user": "monitor.cli.user",
    "token": "monitor.cli.token",
    "contracts": "monitor.cli.contracts",
    "report": "monitor.cli.report.command",
    "credits": "monitor.cli.credits",
    "journal": "monitor.cli.journal.command",
    "store": "monitor.cli.store.command",
}
"""In the order in which `estado --help` shows them; each is registered by its own module."""


def build_app(words: Sequence[str] = ()) -> typer.Typer:
    """The whole command tree; where `words` begin with a command, no more of it than they need.
    Somebody who waits for one check run does not wait for the database's library."""
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
    named = [word for word in words[:1] if word in _COMMANDS]
    if named == ["probe"]:
        from monitor.cli.probe import command as probe

        probe.register(app, words[1:2])
        return app
    for name in named or _COMMANDS:
        import_module(_COMMANDS[name]).register(app)
    return app


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from monitor.runtime.version import version_line

        typer.echo(version_line())
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and leave.",
            is_eager=True,
            callback=_print_version,
        ),
    ] = False,
) -> None:
    """Nothing of its own: a command does the work."""
