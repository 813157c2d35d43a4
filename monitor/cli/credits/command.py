"""`estado credits`: the commands of the group, each module's own."""

from __future__ import annotations

import typer

from monitor.cli.credits import applying, books, closing, evidence, handling


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help=(
            "What customers are given back: one account asks, another one approves.\n\n"
            "Closing a month opens credits; a customer's ticket asks for one, somebody takes it "
            "up, and somebody else approves; the core brings it into the billing panel. The shell "
            "of this host is no account: it reads; ask, decide and apply with [bold]--url[/] and "
            "a token."
        ),
        short_help="What customers are given back: one account asks, another one approves.",
    )
    handling.register(group)
    evidence.register(group)
    closing.register(group)
    books.register(group)
    applying.register(group)
    app.add_typer(group, name="credits")
