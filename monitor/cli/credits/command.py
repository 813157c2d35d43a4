"""`estado credits`: the commands of the group, each module's own."""

from __future__ import annotations

import typer

from monitor.cli.credits import books


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Compute credits again, from their inputs.")
    books.register(group)
    app.add_typer(group, name="credits")
