"""`estado login`, `logout`, `whoami`: from where one sits, at a door elsewhere."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from monitor.cli.acting import JsonOption, ending_by_reason, local_time, print_json
from monitor.cli.options import UrlOption
from monitor.cli.product.elsewhere import (
    TOKEN_VARIABLE,
    meant_door,
    require_key,
    saved_credentials,
    signed_in_door,
)
from monitor.client.address import DoorAddress, door_address
from monitor.client.door import Door
from monitor.client.faults import DoorError, NotAsked
from monitor.client.reading import Fields
from monitor.client.remote.product import RemoteProduct


def register_login(app: typer.Typer) -> None:
    app.command()(login)


def register_logout(app: typer.Typer) -> None:
    app.command()(logout)


def register_whoami(app: typer.Typer) -> None:
    app.command()(whoami)


def login(
    url: UrlOption = None,
    name: Annotated[
        str | None, typer.Option("--user", help="The account; asked for.", show_default=False)
    ] = None,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read a token: one line of standard input.")
    ] = False,
) -> None:
    """Sign in at a door elsewhere: the commands that it serves are about that product from then on.

    [bold]estado login --url https://estado.example[/]

    The key goes into the system's keyring if the library keyring is installed and finds one, else
    into a file that you alone may read. It ends after 12 hours without use, or with estado logout.
    """
    with ending_by_reason():
        address = meant_door(url, is_here=False) or door_address(_asked_url())
        key, found = _by_token(address) if token_stdin else _by_password(address, name)
        place = saved_credentials().save(
            address.url, found.text("account"), key, is_session=not token_stdin
        )
    typer.echo(f"Signed in at {address.url} as {found.text('account')}; kept in {place}.")
    if os.environ.get(TOKEN_VARIABLE):
        typer.echo(f"{TOKEN_VARIABLE} is set, and wins over it.", err=True)


def logout(url: UrlOption = None) -> None:
    """End the session, and forget what is saved of that door. A token is forgotten, not revoked."""
    with ending_by_reason():
        address = saved_address(url)
        credentials = saved_credentials()
        saved = credentials.door(address.url)
        if saved is None:
            raise NotAsked(f"nothing is saved of {address.url}")
        ended = _ended(address) if saved.is_session else ""
        credentials.forget(address.url)
    typer.echo(
        f"Signed out at {address.url}." if saved.is_session else f"{address.url}: forgotten."
    )
    if ended:
        typer.echo(f"The session may go on there until it is over: {ended}", err=True)


def whoami(url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Say at which door you are signed in, as whom, and what you may."""
    with ending_by_reason():
        address = saved_address(url)
        door = signed_in_door(address)
        found, zone = door.session, RemoteProduct(door).labels().zone
        until = found.second_or_none("expires_at")
        if as_json:
            print_json({"url": address.url, **found.found})
            return
        services = found.texts_or_none("services")
        token = found.text_or_none("token")
        lines = [
            ("door", address.url),
            ("account", found.text("account")),
            ("by", f"token {token}" if token else "session"),
            ("until", "it is revoked" if until is None else local_time(until, zone)),
            ("scopes", ", ".join(found.texts("scopes"))),
            ("services", "all" if services is None else ", ".join(services)),
        ]
    for what, said in lines:
        typer.echo(f"{what:<9} {said}")


def saved_address(url: str | None) -> DoorAddress:
    """Of the door that is named, or that somebody signed in at last. Raises NotAsked."""
    address = meant_door(url, is_here=False)
    if address is None:
        raise NotAsked("not signed in anywhere: estado login --url URL")
    return address


def _asked_url() -> str:
    _require_terminal("--url")
    asked: str = typer.prompt("The door's address, such as https://estado.example", err=True)
    return asked


def _by_token(address: DoorAddress) -> tuple[str, Fields]:
    key = require_key(sys.stdin.readline())
    return key, Door(address, key).session


def _by_password(address: DoorAddress, name: str | None) -> tuple[str, Fields]:
    _require_terminal("--token-stdin")
    # Before anybody types a password: whether this is a door at all.
    Door(address, None).require_estado()
    body = {
        "name": name or typer.prompt("Account", err=True),
        "password": typer.prompt("Password", hide_input=True, err=True),
        "code": typer.prompt(
            "Code of the second factor (Enter where there is none)", default="",
            show_default=False, err=True,
        ),
    }  # fmt: skip
    found = Door(address, None).act("/session", body)
    return found.text("key"), found


def _require_terminal(instead: str) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"there is no terminal to ask on: {instead}")


def _ended(address: DoorAddress) -> str:
    """Why the session could not be ended; empty where it was."""
    try:
        Door(address, saved_credentials().key(address.url)).delete("/session")
    except DoorError as error:
        return str(error)
    return ""
