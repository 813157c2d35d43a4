"""`estado run`: start the product."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import ConfigOption, DataDirOption
from monitor.domain.catalogue import Catalogue
from monitor.roles.preflight import Unusable, require_ports
from monitor.roles.settings import DEFAULT_DATA_DIR, config_source, default_config
from monitor.roles.supervisor import exec_role
from monitor.roles.tools import load_catalogue_or_exit, ready_folder_or_exit

EXIT_CANNOT_LISTEN = 1
"""Another time the port may be free."""


class RunRole(StrEnum):
    ALL = "all"
    PROBER = "prober"
    CORE = "core"
    PAGE = "page"
    STORE = "store"
    CONSOLE = "console"
    SUBSCRIBERS = "subscribers"


def register(app: typer.Typer) -> None:
    app.command(name="run")(run)


def run(
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    role: Annotated[
        RunRole, typer.Option("--role", help="One role alone instead of all.")
    ] = RunRole.ALL,
    new: Annotated[
        bool, typer.Option("--new", help="Begin a journal from nothing beside data of another.")
    ] = False,
) -> None:
    """Probe, decide, alert and serve the page, until you stop it (Ctrl-C).

    Processes share the data folder: the [bold]prober[/] checks the services, the
    [bold]core[/] decides and alerts, the [bold]page[/] serves what was published, the
    [bold]store[/] forwards results to the result store and counts latencies, the [bold]console[/]
    answers people with accounts and programs with tokens, and where visitors may ask for e-mail,
    [bold]subscribers[/] writes to them. Any of them may die; the others go on, and it is started
    again. SIGHUP makes the core read the configuration anew.
    """
    ready_folder_or_exit(data_dir)
    path = config or default_config()
    catalogue = load_catalogue_or_exit(config_source(path, data_dir))
    if role in (RunRole.ALL, RunRole.PAGE):
        _require_ports_or_exit(catalogue, role)
    if role is RunRole.ALL:
        typer.echo(_banner(catalogue, data_dir))
    target = "supervisor" if role is RunRole.ALL else role.value
    begins_new = new and role in (RunRole.ALL, RunRole.CORE)
    exec_role(target, path.resolve(), data_dir.resolve(), *(["--new"] if begins_new else []))


def _require_ports_or_exit(catalogue: Catalogue, role: RunRole) -> None:
    page, operations = catalogue.page, catalogue.operations
    listeners = [
        ("the page", page.bind_host, page.bind_port),
        ("the operators' port", operations.ops_host, operations.ops_port),
        ("the history", operations.history_host, operations.history_port),
        ("the console", operations.console.host, operations.console.port),
    ]
    try:
        require_ports(listeners if role is RunRole.ALL else listeners[:1])
    except Unusable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_CANNOT_LISTEN) from error


def _banner(catalogue: Catalogue, data_dir: Path) -> str:
    page, operations = catalogue.page, catalogue.operations
    console = operations.console
    return (
        f"Estado del Servicio: http://{page.bind_host}:{page.bind_port}/\n"
        f"Operators: http://{operations.ops_host}:{operations.ops_port}/metrics and /readyz\n"
        f"Console: http://{console.host}:{console.port}/ "
        "(the first account: estado user add NAME --role admin)\n"
        f"Data in {data_dir}. Stop with Ctrl-C. No services at hand? Try: estado demo start"
    )
