"""The session that one is signed in with, and the proof that it is oneself who types.

What is typed goes to the door in the request and nowhere else: it is no argument, and no error and
no log has it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer

from monitor.cli.accounts.login import saved_address
from monitor.cli.acting import ending_by_reason
from monitor.cli.product.elsewhere import TOKEN_VARIABLE, saved_credentials, signed_in_door
from monitor.client.faults import NotAsked
from monitor.client.remote.own_account import RemoteOwnAccount, TypedProof
from monitor.client.remote.product import RemoteProduct


@dataclass(frozen=True, slots=True, kw_only=True)
class InPerson:
    url: str
    account: RemoteOwnAccount
    product: RemoteProduct

    def keep(self, key: str) -> None:
        """The session goes on under another key; what was saved opens nothing any more."""
        try:
            if os.environ.get(TOKEN_VARIABLE):
                raise NotAsked(f"it came from {TOKEN_VARIABLE}")
            saved_credentials().renew(self.url, key)
        except NotAsked as error:
            typer.echo(
                f"The key of this session could not be replaced ({error}): sign in again with "
                f"estado login --url {self.url}",
                err=True,
            )

    def forget(self) -> None:
        if not os.environ.get(TOKEN_VARIABLE):
            saved_credentials().forget(self.url)


@contextmanager
def in_person(url: str | None, *, asks: bool = False) -> Iterator[InPerson]:
    """`asks`: somebody has to be there to type. A refusal ends the command with its reason."""
    if asks and not has_terminal():
        raise typer.BadParameter("there is no terminal to ask on: this is for people alone")
    with ending_by_reason():
        address = saved_address(url)
        door = signed_in_door(address)
        yield InPerson(url=address.url, account=RemoteOwnAccount(door), product=RemoteProduct(door))


def has_terminal() -> bool:
    return sys.stdin.isatty()


def asked_proof(person: InPerson) -> TypedProof:
    """The present password, and a code where there is a second factor."""
    seen = person.account.show()
    password = typer.prompt(
        f"Present password of {seen.name} at {person.url} (Enter where there is none)",
        default="", show_default=False, hide_input=True, err=True,
    )  # fmt: skip
    code = asked_code("Code of the second factor") if seen.has_second_factor else ""
    return TypedProof(password=password, code=code)


def asked_code(what: str) -> str:
    asked: str = typer.prompt(what, err=True)
    return asked.strip()
