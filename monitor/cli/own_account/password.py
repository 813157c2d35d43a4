"""`estado password`: another password for the account that is signed in."""

from __future__ import annotations

import typer

from monitor.cli.options import UrlOption
from monitor.cli.own_account.in_person import asked_proof, in_person


def register(app: typer.Typer) -> None:
    app.command()(password)


def password(url: UrlOption = None) -> None:
    """Change the password of your own account at a door: every other session of it ends.

    The present password, a code where there is a second factor, and the new password are asked for
    on the terminal. This session goes on, under another key. Tokens open as before, and are named.
    """
    with in_person(url, asks=True) as person:
        proof = asked_proof(person)
        new = typer.prompt(
            "New password", hide_input=True, confirmation_prompt="The same again", err=True
        )
        changed = person.account.change_password(proof, new)
        person.keep(changed.key)
    typer.echo(f"The password is changed; other sessions that ended: {changed.sessions_ended}.")
    for token in changed.tokens:
        typer.echo(f"It opens as before: token {token}", err=True)
