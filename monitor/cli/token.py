"""`estado token`: keys for programs, each of which acts as an account and within its scopes."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text as Styled

from monitor.accounts.tokens import DEFAULT_DAYS, MOST_DAYS, TokenCommands
from monitor.cli.acting import (
    JsonOption,
    acting,
    iso_time,
    local_time,
    print_json,
    print_table,
)
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.user import account_named
from monitor.domain.accounts.account import AccessToken, Account
from monitor.domain.accounts.permissions import SCOPES_OF, Scope
from monitor.i18n.scopes import SCOPE_MEANINGS
from monitor.roles.settings import DEFAULT_DATA_DIR
from monitor.roles.tools import Tools

_STATES = {"valid": "green", "expired": "dim", "revoked": "dim", "owner disabled": "red"}


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help=(
            "Make and revoke the tokens by which programs act.\n\n"
            "A token acts as its owner, within its own scopes: what the owner may no longer do, "
            "the token may not either."
        ),
        short_help="Make keys for programs.",
    )
    group.command()(create)
    group.command(name="list")(list_)
    group.command()(revoke)
    group.command()(scopes)
    app.add_typer(group, name="token")


def create(
    owner: Annotated[str, typer.Option("--owner", help="The account as which it acts.")],
    scope: Annotated[
        list[Scope] | None,
        typer.Option("--scope", help="What it may do; again for each.", show_default=False),
    ] = None,
    all_scopes: Annotated[
        bool, typer.Option("--all-scopes", help="All that the owner may do today.")
    ] = False,
    label: Annotated[str, typer.Option("--label", help="What it is for.")] = "",
    days: Annotated[
        int | None,
        typer.Option("--days", min=1, max=MOST_DAYS, help=f"How long; default {DEFAULT_DAYS}."),
    ] = None,
    forever: Annotated[bool, typer.Option("--forever", help="Until it is revoked.")] = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Make a token. Standard output has the token and nothing else, and this once.

    [bold]TOKEN=$(estado token create --owner ana --scope state:read --label grafana)[/]
    """
    if all_scopes == bool(scope):
        raise typer.BadParameter(
            "say what it may do: either --scope, again for each, or --all-scopes; "
            "estado token scopes shows them"
        )
    lasts = _days(days, is_forever=forever)
    with acting(config, data_dir) as tools:
        account = account_named(owner, tools)
        token, secret = _commands(tools).create(
            label, owner=owner, scopes=scope or account.scopes, days=lasts
        )
        end = local_time(token.expires_at, tools.catalogue) if lasts else "it is revoked"
    typer.echo(f"{token.id}: acts as {owner} until {end}; {_scopes(token)}", err=True)
    typer.echo("The token, shown this once:", err=True)
    typer.echo(secret)


def list_(
    owner: Annotated[str | None, typer.Option("--owner", help="Those of one account.")] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """List the tokens, revoked and expired ones too; never what opens anything."""
    with acting(config, data_dir) as tools:
        if owner is not None:
            account_named(owner, tools)
        visible = _commands(tools).visible()
        found = [token for token in visible if owner in (None, token.owner)]
        with tools.accounts.transaction() as tx:
            owners = {account.name: account for account in tx.accounts.every()}
        if as_json:
            print_json([_json(token, owners[token.owner], tools) for token in found])
        elif found:
            columns = ("id", "label", "owner", "scopes", "made", "until", "last used", "state")
            print_table(columns, [_row(token, owners[token.owner], tools) for token in found])
        else:
            typer.echo("No token. Make one: estado token create --help")


def revoke(
    wanted: Annotated[
        str, typer.Argument(metavar="ID", help="The token's; list shows it.", show_default=False)
    ],
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """End a token: it opens nothing from the next request on."""
    with acting(config, data_dir) as tools:
        revoked = _commands(tools).revoke(wanted)
        typer.echo(f"{revoked.id}: revoked; it acted as {revoked.owner}")


def scopes() -> None:
    """Show what a token can be allowed, and which roles have it."""
    rows = [
        (
            Styled(scope, style="bold"),
            SCOPE_MEANINGS[scope],
            ", ".join(role for role, given in SCOPES_OF.items() if scope in given),
        )
        for scope in Scope
    ]
    print_table(("scope", "allows", "roles"), rows)


def _days(days: int | None, *, is_forever: bool) -> int | None:
    if is_forever and days is not None:
        raise typer.BadParameter("either --days or --forever")
    return None if is_forever else days or DEFAULT_DAYS


def _commands(tools: Tools) -> TokenCommands:
    # Imported here: other commands start without the library of ciphers.
    from monitor.accounts.secrets import SystemRandomness

    return TokenCommands(
        journal=tools.accounts,
        randomness=SystemRandomness(),
        clock=tools.clock,
        actor=tools.actor,
    )


def _scopes(token: AccessToken) -> str:
    return ", ".join(sorted(token.scopes))


def _state(token: AccessToken, owner: Account, tools: Tools) -> str:
    if token.is_valid(tools.clock.now(), owner):
        return "valid"
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if owner.is_enabled else "owner disabled"


def _row(token: AccessToken, owner: Account, tools: Tools) -> tuple[Any, ...]:
    catalogue, state = tools.catalogue, _state(token, owner, tools)
    return (
        Styled(token.id, style="bold"),
        Styled(token.label),
        Styled(token.owner),
        _scopes(token),
        local_time(token.created_at, catalogue),
        "forever" if token.expires_at is None else local_time(token.expires_at, catalogue),
        local_time(token.last_used_at, catalogue),
        Styled(state, style=_STATES[state]),
    )


def _json(token: AccessToken, owner: Account, tools: Tools) -> dict[str, Any]:
    catalogue = tools.catalogue
    return {
        "id": token.id,
        "label": token.label,
        "owner": token.owner,
        "scopes": sorted(token.scopes),
        "is_valid": token.is_valid(tools.clock.now(), owner),
        "created_at": iso_time(token.created_at, catalogue),
        "expires_at": iso_time(token.expires_at, catalogue),
        "last_used_at": iso_time(token.last_used_at, catalogue),
        "revoked_at": iso_time(token.revoked_at, catalogue),
    }
