"""Which product a command is about, and how a door elsewhere is opened.

What is typed wins: `--url`, or a folder by `-c` and `-d`. Then the environment (`ESTADO_URL`), then
the door that `estado login` saved, then this host.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from monitor.client.address import DoorAddress, door_address
from monitor.client.credentials import Credentials, config_folder
from monitor.client.door import Door
from monitor.client.faults import SignInNeeded
from monitor.client.keyrings import system_keyring
from monitor.client.remote import RemoteProduct

URL_VARIABLE = "ESTADO_URL"
TOKEN_VARIABLE = "ESTADO_TOKEN"  # noqa: S105 - where one is, no token


def meant_door(typed: str | None, *, is_here: bool) -> DoorAddress | None:
    """None: this host. `is_here`: a folder of it was typed. Raises NotAsked."""
    if typed and is_here:
        raise typer.BadParameter("either --url, or a folder of this host by -c and -d")
    if is_here:
        return None
    url = typed or os.environ.get(URL_VARIABLE) or saved_credentials().present()
    return door_address(url) if url else None


@contextmanager
def open_door(address: DoorAddress) -> Iterator[RemoteProduct]:
    """Raises NotAsked, and SignInNeeded where no credential is known for it."""
    yield RemoteProduct(signed_in_door(address))


def signed_in_door(address: DoorAddress) -> Door:
    key = os.environ.get(TOKEN_VARIABLE) or saved_credentials().key(address.url)
    if not key:
        raise SignInNeeded(
            f"not signed in at {address.url}: estado login --url {address.url}, or a token in "
            f"{TOKEN_VARIABLE}"
        )
    return Door(address, require_key(key))


def require_key(key: str) -> str:
    """Raises SignInNeeded for what no header can carry; it is not repeated."""
    stripped = key.strip()
    if not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        raise SignInNeeded("what is given as token is none: tokens begin with estado_")
    return stripped


def saved_credentials() -> Credentials:
    return Credentials(
        config_folder(os.environ), system_keyring, lambda words: typer.echo(words, err=True)
    )
