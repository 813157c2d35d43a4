"""`estado second-factor`: codes of an authenticator, and what helps without it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import typer

from monitor.cli.options import UrlOption
from monitor.cli.own_account.in_person import asked_code, asked_proof, in_person
from monitor.client.remote.own_account import EnrolmentView


def register(app: typer.Typer) -> None:
    factor = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="Ask for a code of an authenticator wherever your account signs in.",
    )
    factor.command(name="set")(set_up)
    factor.command()(remove)
    factor.command()(codes)
    app.add_typer(factor, name="second-factor")


def set_up(url: UrlOption = None) -> None:
    """Set up a second factor for your own account at a door, or replace the one that it has.

    The seed is shown for an authenticator to read. It counts once a code shows that it has it;
    then ten recovery codes are printed, this once, and every other session ends.
    """
    with in_person(url, asks=True) as person:
        proof = asked_proof(person)
        begun = person.account.begin_second_factor()
        _show_seed(begun)
        new_code = asked_code("Code that the authenticator shows now")
        enrolled = person.account.confirm_second_factor(proof, begun.enrolment, new_code)
        # Before anything that may fail: nobody says them again.
        _print_codes(enrolled.recovery_codes)
        person.keep(enrolled.key)


def remove(url: UrlOption = None) -> None:
    """Sign in by the password alone from now on, where no role demands a second factor."""
    with in_person(url, asks=True) as person:
        person.keep(person.account.remove_second_factor(asked_proof(person)))
    typer.echo("There is no second factor any more; every other session has ended.")


def codes(url: UrlOption = None) -> None:
    """Print ten new recovery codes, this once; those before open nothing any more."""
    with in_person(url, asks=True) as person:
        _print_codes(person.account.renew_recovery_codes(asked_proof(person)))


def _show_seed(begun: EnrolmentView) -> None:
    """On standard error: `estado second-factor set > codes.txt` keeps the codes and not the seed.
    A terminal that shows the picture wrongly has the text."""
    # Imported here: nothing else at the terminal needs it.
    import segno

    picture = io.StringIO()
    segno.make(begun.address, error="m", micro=False).terminal(out=picture, compact=True)
    typer.echo(picture.getvalue(), err=True)
    typer.echo(f"Seed, to be typed where nothing reads pictures: {begun.secret}", err=True)


def _print_codes(recovery: Sequence[str]) -> None:
    typer.echo(
        "Recovery codes, shown this once; each opens once, without the authenticator:", err=True
    )
    for code in recovery:
        typer.echo(code)
