"""`estado health`: whether the roles do their work now."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.options import DataDirOption
from monitor.cli.run import RunRole
from monitor.roles.health import main
from monitor.roles.settings import DEFAULT_DATA_DIR


def register(app: typer.Typer) -> None:
    app.command(name="health")(health)


def health(
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    role: Annotated[
        RunRole, typer.Option("--role", help="One role alone instead of all.")
    ] = RunRole.ALL,
) -> None:
    """Say whether each role does its work now; exits 1 and says what is wrong where one does not.

    Each role answers for itself alone: a page that serves what a dead core left is well.
    """
    raise typer.Exit(main(["--role", role.value, "--data-dir", str(data_dir)]))
