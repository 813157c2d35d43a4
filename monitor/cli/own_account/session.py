"""`estado session`: where one's own account is open."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.text import Text as Styled

from monitor.cli.acting import JsonOption, print_json, print_table
from monitor.cli.options import UrlOption
from monitor.cli.own_account.in_person import in_person
from monitor.cli.wide_console import untrusted_text
from monitor.client.reading import Fields
from monitor.domain.refusals import no_such

_COLUMNS = ("session", "here", "by", "from", "program", "since", "last used", "until")


def register(app: typer.Typer) -> None:
    session = typer.Typer(
        no_args_is_help=True, rich_markup_mode="rich", help="See where your account is open."
    )
    session.command(name="list")(listed)
    session.command()(end)
    app.add_typer(session, name="session")


def listed(as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Where your own account is open at a door, the newest first."""
    with in_person(url) as person:
        found = person.account.sessions()
        if as_json:
            print_json(found)
        else:
            print_table(_COLUMNS, [_row(Fields.of(one)) for one in found])


def end(
    wanted: Annotated[str, typer.Argument(metavar="SESSION", show_default=False)],
    url: UrlOption = None,
) -> None:
    """End one of your own sessions: it opens nothing from its next request on."""
    with in_person(url) as person:
        known = {one["id"]: one["is_current"] for one in person.account.sessions()}
        if wanted not in known:
            raise no_such("session", wanted, known)
        person.account.end_session(wanted)
        if known[wanted]:
            person.forget()
    typer.echo(f"{wanted}: ended.{' It was this one.' if known[wanted] else ''}")


def _row(found: Fields) -> tuple[Any, ...]:
    return (
        Styled(found.text("id"), style="bold"),
        "yes" if found.flag("is_current") else "",
        found.text("opened_by"),
        found.text("address") or "-",
        untrusted_text(found.text("user_agent") or "-"),
        _time(found.text("created_at")),
        _time(found.text("last_used_at")),
        _time(found.text("expires_at")),
    )


def _time(written: str) -> str:
    """In the company's zone, in which it is written."""
    return f"{datetime.fromisoformat(written):%Y-%m-%d %H:%M}"
