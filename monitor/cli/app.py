"""The tree of commands. Each module registers the commands it owns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Annotated

import typer


class Reach(StrEnum):
    """Which product a command is about; the headings of `estado --help`."""

    ANYWHERE = "Here, or at a door elsewhere (--url, estado login)"
    HERE = "On this host alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`place` is the module and the function that registers it; `says` is its line in the help of
    `estado`, which is printed without loading any of them."""

    place: str
    says: str
    reach: Reach = Reach.HERE
    here_alone: tuple[str, ...] = ()
    """Of a group that reaches anywhere: its commands that do not. KIND: one for each kind."""

    def register(self, app: typer.Typer) -> None:
        module, _, function = self.place.partition(":")
        getattr(import_module(f"monitor.cli.{module}"), function or "register")(app)


COMMANDS: Mapping[str, Command] = {
    "run": Command(
        place="run", says="Probe, decide, alert and serve the page, until you stop it (Ctrl-C)."
    ),
    "health": Command(
        place="health",
        says="Say whether each role does its work now; exits 1 and says what is wrong where one "
        "does not.",
    ),
    "demo": Command(
        place="demo",
        says="Watch an outage become an incident, an alert and a credit, on servers of its own.",
    ),
    "probe": Command(
        place="probe.command",
        says="Look at a target, or at a configured check, now.",
        reach=Reach.ANYWHERE,
        here_alone=("KIND",),
    ),
    "config": Command(
        place="config.command",
        says="Check the configuration, describe it to editors, hand it to the running core.",
        reach=Reach.ANYWHERE,
        here_alone=("schema", "apply"),
    ),
    "login": Command(
        place="accounts.login:register_login",
        says="Sign in at a door elsewhere: the commands that it serves are about that product from "
        "then on.",
        reach=Reach.ANYWHERE,
    ),
    "logout": Command(
        place="accounts.login:register_logout",
        says="End the session, and forget what is saved of that door. A token is forgotten, not "
        "revoked.",
        reach=Reach.ANYWHERE,
    ),
    "whoami": Command(
        place="accounts.login:register_whoami",
        says="Say at which door you are signed in, as whom, and what you may.",
        reach=Reach.ANYWHERE,
    ),
    "session": Command(
        place="own_account.session", says="See where your account is open.", reach=Reach.ANYWHERE
    ),
    "password": Command(
        place="own_account.password",
        says="Change the password of your own account at a door: every other session of it ends.",
        reach=Reach.ANYWHERE,
    ),
    "second-factor": Command(
        place="own_account.second_factor",
        says="Ask for a code of an authenticator wherever your account signs in.",
        reach=Reach.ANYWHERE,
    ),
    "state": Command(
        place="state",
        says="Show what each component is now, and which checks fail.",
        reach=Reach.ANYWHERE,
    ),
    "watch": Command(
        place="watch",
        says="Follow what changes from now on: checks, incidents, maintenance, configuration, the "
        "monitor.",
        reach=Reach.ANYWHERE,
    ),
    "incident": Command(
        place="incident.command",
        says="See incidents, tell the public about them.",
        reach=Reach.ANYWHERE,
    ),
    "maintenance": Command(
        place="maintenance", says="Announce planned work.", reach=Reach.ANYWHERE
    ),
    "exclusion": Command(
        place="exclusion.command",
        says="Leave time out of the guarantee: one account proposes, another one decides.",
        reach=Reach.ANYWHERE,
    ),
    "unknown": Command(
        place="unknown.command",
        says="Say what unknown time was, where credits wait for it: one account proposes, another "
        "one decides.",
        reach=Reach.ANYWHERE,
    ),
    "user": Command(place="accounts.user", says="Say who may sign in.", reach=Reach.ANYWHERE),
    "audit": Command(
        place="accounts.audit",
        says="Show who did what, by which door and from where, oldest first.",
        reach=Reach.ANYWHERE,
    ),
    "token": Command(place="accounts.token", says="Make keys for programs.", reach=Reach.ANYWHERE),
    "subscriber": Command(
        place="visitors.subscriber", says="See who asked to be told, and remove somebody."
    ),
    "name": Command(
        place="visitors.name", says="Which components serve which domain of a customer."
    ),
    "problem": Command(place="visitors.problem", says="What customers say on the page that fails."),
    "page": Command(
        place="page.command", says="The public page as files; links that open private pages."
    ),
    "contracts": Command(
        place="billing.contracts",
        says="What customers rent: contracts, invoice lines, what was promised.",
        reach=Reach.ANYWHERE,
    ),
    "report": Command(
        place="report.command",
        says="Show a month's availability, to the second, and the credits due for it.",
        reach=Reach.ANYWHERE,
    ),
    "forecast": Command(
        place="billing.forecast",
        says="Show what the month under way will come to: allowances used up, and what is due.",
        reach=Reach.ANYWHERE,
    ),
    "credits": Command(
        place="credits.command",
        says="What customers are given back: one account asks, another one approves.",
        reach=Reach.ANYWHERE,
        here_alone=("close", "explain", "bundle", "recompute", "audit"),
    ),
    "journal": Command(place="journal.command", says="Look after the journal's database."),
    "store": Command(
        place="store.command", says="The result store: set up, examine, fill, and what it refused."
    ),
}
"""In the order in which `estado --help` shows them."""


def build_app(words: Sequence[str] = ()) -> typer.Typer:
    """The whole command tree; where there are `words`, no more of it than they need. Somebody who
    waits for one check run does not wait for the database's library, and who asks for help waits
    for nothing but its text."""
    app = typer.Typer(
        name="estado",
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_show_locals=False,
        help=(
            "Uptime monitor, status page and uptime credits.\n\n"
            "Start with [bold]estado demo start[/] to watch an outage from end to end, or with "
            "[bold]estado config check config/services.yaml[/] and then [bold]estado run[/]."
        ),
    )
    app.callback()(_root)
    name, rest = _first_command(words)
    if name == "probe":
        from monitor.cli.probe import command as probe

        probe.register(app, rest)
    elif name is not None:
        COMMANDS[name].register(app)
    elif words:
        _outline(app)
    else:
        for command in COMMANDS.values():
            command.register(app)
    return app


def _first_command(words: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """The command that is typed, and what follows it; None where there is none of that name."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--url":
            del rest[:1]
        elif not word.startswith("-"):
            return (word if word in COMMANDS else None), rest
    return None, ()


def _outline(app: typer.Typer) -> None:
    """The commands' names and what they say, for help, for completion and for mistakes."""
    for name, command in COMMANDS.items():
        app.command(name=name, help=command.says, rich_help_panel=command.reach)(_nothing)


def _nothing() -> None:
    """Stands in the outline for a command that is loaded where it is typed."""


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from monitor.runtime.version import version_line

        typer.echo(version_line())
        raise typer.Exit


def _root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and leave.",
            is_eager=True,
            callback=_print_version,
        ),
    ] = False,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            metavar="URL",
            help="The door of a product elsewhere, for commands that it serves.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Nothing of its own: a command does the work."""
    command = COMMANDS.get(context.invoked_subcommand or "")
    if url is not None and command is not None and command.reach is Reach.HERE:
        raise typer.BadParameter(
            f"estado {context.invoked_subcommand} works on this host alone: leave out --url"
        )
