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
from monitor.client.door import Asks, Door
from monitor.client.exchange import Exchange, Received, Sent
from monitor.client.faults import SignInNeeded
from monitor.client.keyrings import system_keyring
from monitor.client.remote.product import RemoteProduct

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


def is_named(typed: str | None) -> bool:
    """The door was said here and now, and not by a login of days ago."""
    return bool(typed or os.environ.get(URL_VARIABLE))


@contextmanager
def open_door(address: DoorAddress, *, tells: bool = False) -> Iterator[RemoteProduct]:
    """`tells`: where it is goes to standard error before anything is changed there. Raises
    NotAsked, and SignInNeeded where no credential is known for it."""
    yield RemoteProduct(signed_in_door(address, _Telling(address) if tells else None))


class _Telling:
    """Implements `monitor.client.door.Asks`."""

    def __init__(self, address: DoorAddress) -> None:
        self._url = address.url
        self._exchange = Exchange(address)
        self._is_told = False

    def ask(self, sent: Sent) -> Received:
        if sent.method != "GET" and not self._is_told:
            self._is_told = True
            typer.echo(f"at {self._url}", err=True)
        return self._exchange.ask(sent)


def signed_in_door(address: DoorAddress, exchange: Asks | None = None) -> Door:
    given = os.environ.get(TOKEN_VARIABLE)
    key = given or saved_credentials().key(address.url)
    if not key:
        raise SignInNeeded(
            f"not signed in at {address.url}: estado login --url {address.url}, or a token in "
            f"{TOKEN_VARIABLE}"
        )
    return Door(address, require_key(key), exchange, origin=TOKEN_VARIABLE if given else "")


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
