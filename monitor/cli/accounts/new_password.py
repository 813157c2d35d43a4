"""Where a new password comes from: asked twice on a terminal, one line of standard input, or made.
Never an argument: those stand in the shell's history and in the list of processes."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

GenerateOption = Annotated[
    bool, typer.Option("--generate", help="Make a password and print it, this once.")
]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password: one line of standard input.")
]


def require_one_source(*, generate: bool, from_stdin: bool) -> None:
    """Say what is wrong before anything is opened. Raises BadParameter."""
    if generate and from_stdin:
        raise typer.BadParameter("either --generate or --password-stdin")
    if not (generate or from_stdin or sys.stdin.isatty()):
        raise typer.BadParameter(
            "there is no terminal to ask for the password on: --generate or --password-stdin"
        )


def new_password(name: str, *, generate: bool, from_stdin: bool) -> str | None:
    """None where it is to be made."""
    if generate:
        return None
    if from_stdin:
        return _line()
    asked: str = typer.prompt(
        f"New password of {name}",
        hide_input=True,
        confirmation_prompt="The same again",
        err=True,
    )
    return asked


def print_made(password: str) -> None:
    """On standard output alone, so that `$(…)` takes it and nothing else."""
    typer.echo("The password, shown this once:", err=True)
    typer.echo(password)


def _line() -> str:
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise typer.BadParameter("the password on standard input is no UTF-8") from error
