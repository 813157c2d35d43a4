"""Whether the command line takes what a shipped file has it run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from monitor.cli import build_app

ESTADO: Any = typer.main.get_command(build_app())


def parse(words: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The command that these words name, and its parameters. What it has not raises.

    >>> parse(["run", "--role", "page"])[0]
    'run'
    """
    command, rest = ESTADO, list(words)
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    context = command.make_context(command.name, rest)
    return command.name, context.params
