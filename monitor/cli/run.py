"""`estado run`: start the product."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor.bootstrap.settings import DEFAULT_DATA_DIR, default_config
from monitor.bootstrap.supervisor import exec_role
from monitor.bootstrap.tools import load_catalogue_or_exit


class RunRole(StrEnum):
    ALL = "all"
    PROBER = "prober"
    CORE = "core"
    PAGE = "page"
    STORE = "store"


def register(app: typer.Typer) -> None:
    app.command(name="run")(run)


def run(
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="The configuration; default config/services.yaml."),
    ] = None,
    data_dir: Annotated[
        Path, typer.Option("--data-dir", "-d", help="Where results, journal and page are kept.")
    ] = DEFAULT_DATA_DIR,
    role: Annotated[
        RunRole, typer.Option("--role", help="One role alone instead of all four.")
    ] = RunRole.ALL,
) -> None:
    """Probe, decide, alert and serve the page, until you stop it (Ctrl-C).

    Four processes share the data folder: the [bold]prober[/] looks at the services, the
    [bold]core[/] decides and alerts, the [bold]page[/] serves what was published, the
    [bold]store[/] carries results to the result store and counts latencies. Any of them may die;
    the others go on, and it is started again. SIGHUP reads the configuration anew.
    """
    path = config or default_config()
    catalogue = load_catalogue_or_exit(path)
    data_dir.mkdir(parents=True, exist_ok=True)
    if role is RunRole.ALL:
        page = catalogue.page
        typer.echo(f"Estado del Servicio: http://{page.bind_host}:{page.bind_port}/")
        typer.echo(
            f"Operators: http://{catalogue.operations.ops_host}:{catalogue.operations.ops_port}"
            "/metrics and /readyz"
        )
        typer.echo(
            f"Data in {data_dir}. Stop with Ctrl-C. No services at hand? Try: estado demo start"
        )
    target = "supervisor" if role is RunRole.ALL else role.value
    exec_role(target, path.resolve(), data_dir.resolve())
