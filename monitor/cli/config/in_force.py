"""`estado config show`, `revisions` and `reload`: what the core runs by, here or at a door."""

from __future__ import annotations

import json
from datetime import datetime
from time import monotonic, sleep
from typing import Annotated, Any

import typer

from monitor.cli.acting import EXIT_LATER, EXIT_REFUSED, JsonOption, acting, print_json, print_table
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.wide_console import untrusted_text
from monitor.client.ports import Document, Product

_LOOK_S = 1.0
_LONGEST_S = 30.0
"""A core that runs looks every two seconds."""


def register(group: typer.Typer) -> None:
    group.command()(show)
    group.command()(revisions)
    group.command()(reload)


def show(
    under: Annotated[
        str,
        typer.Argument(help="A part alone: operations, services[0].", show_default=False),
    ] = "",
    revision: Annotated[
        int | None,
        typer.Option("--revision", min=1, help="One that ran; default: the one in force."),
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show each value of the configuration in force with its line; a secret is its reference."""
    with acting(url, config, data_dir) as product:
        found = product.configuration.show(revision, under)
    if as_json:
        print_json(found)
        return
    values = [
        (str(one["line"]), untrusted_text(one["path"]), untrusted_text(_plain(one["value"])))
        for one in found["values"]
    ]
    if values:
        print_table(("line", "path", "value"), values)
    since = _time(found["effective_from"])
    typer.echo(f"Revision {found['revision']}, since {since}; {found['file'] or 'file unknown'}")


def revisions(
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """List the configurations that ran, newest first."""
    with acting(url, config, data_dir) as product:
        found = product.configuration.revisions()
    if as_json:
        print_json(found)
    else:
        print_table(("revision", "since", "hash", "in force"), list(map(_row, found)))


def reload(
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Until the core has read the file.")
    ] = True,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Let the core read the file that it was started with again, wherever the core is.

    Exit code: 0 it holds from the next whole minute on, 1 it is faulty and nothing has changed,
    75 the core has not read it yet.
    """
    with acting(url, config, data_dir) as product:
        asked = product.configuration.reload()
        found = _settled(product, asked) if wait else asked
    if as_json:
        print_json(found)
    else:
        _tell(found)
    if found["state"] != "applied":
        raise typer.Exit(EXIT_REFUSED if found["state"] == "refused" else EXIT_LATER)


def _settled(product: Product, asked: Document) -> Document:
    until, found = monotonic() + _LONGEST_S, asked
    while found["state"] == "pending" and monotonic() < until:
        sleep(_LOOK_S)
        found = product.configuration.application(asked["id"])
    return found


def _tell(found: Document) -> None:
    match found["state"]:
        case "applied":
            typer.echo(str(found["difference"]))
            since = _time(found["effective_from"])
            typer.echo(f"Revision {found['revision']}, in force from {since} on.")
        case "refused":
            for error in found["errors"]:
                typer.secho(error, err=True, fg="red")
            typer.secho("Nothing has changed.", err=True, fg="red")
        case _:
            typer.echo(f"The core has not read it yet: request {found['id']} waits.")


def _row(found: Document) -> tuple[Any, ...]:
    return (
        str(found["revision"]),
        _time(found["effective_from"]),
        found["content_hash"][:12],
        "yes" if found["is_in_force"] else "",
    )


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _time(written: str) -> str:
    return f"{datetime.fromisoformat(written):%Y-%m-%d %H:%M:%S}"
