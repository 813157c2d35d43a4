"""`estado token`: keys for programs, each of which acts as an account and within its scopes."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text as Styled

from monitor.cli.acting import (
    JsonOption,
    acting,
    iso_time,
    local_time,
    print_json,
    print_table,
)
from monitor.cli.completing.ids import Ids, ids
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.client.views import TokenView
from monitor.domain.accounts.account import DEFAULT_DAYS, MOST_DAYS, TokenState
from monitor.domain.accounts.permissions import SCOPES_OF, Scope
from monitor.i18n.scopes import SCOPE_MEANINGS

_STATES = {
    TokenState.VALID: "green",
    TokenState.EXPIRED: "dim",
    TokenState.REVOKED: "dim",
    TokenState.OWNER_DISABLED: "red",
}


OwnerOption = Annotated[
    str,
    typer.Option("--owner", help="The account as which it acts.", autocompletion=ids(Ids.ACCOUNT)),
]
ScopesOption = Annotated[
    list[Scope] | None,
    typer.Option("--scope", help="What it may do; again for each.", show_default=False),
]
AllScopesOption = Annotated[
    bool, typer.Option("--all-scopes", help="All that the owner may do today.")
]
DaysOption = Annotated[
    int | None,
    typer.Option("--days", min=1, max=MOST_DAYS, help=f"How long; default {DEFAULT_DAYS}."),
]


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
    owner: OwnerOption,
    scope: ScopesOption = None,
    all_scopes: AllScopesOption = False,
    label: Annotated[str, typer.Option("--label", help="What it is for.")] = "",
    days: DaysOption = None,
    forever: Annotated[bool, typer.Option("--forever", help="Until it is revoked.")] = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Make a token. Standard output has the token and nothing else, and this once.

    [bold]TOKEN=$(estado token create --owner ana --scope state:read --label grafana)[/]
    """
    _require_one_of(scope, all_scopes=all_scopes)
    lasts = _days(days, is_forever=forever)
    with acting(url, config, data_dir) as product:
        token, secret = product.tokens.create(
            label, owner=owner, scopes=None if all_scopes else scope, days=lasts
        )
        end = local_time(token.expires_at, product.labels().zone) if lasts else "it is revoked"
    typer.echo(f"{token.id}: acts as {owner} until {end}; {_scopes(token)}", err=True)
    typer.echo("The token, shown this once:", err=True)
    typer.echo(secret)


def _require_one_of(scope: list[Scope] | None, *, all_scopes: bool) -> None:
    if all_scopes == bool(scope):
        raise typer.BadParameter(
            "say what it may do: either --scope, again for each, or --all-scopes; "
            "estado token scopes shows them"
        )


def list_(
    owner: Annotated[
        str | None,
        typer.Option("--owner", help="Those of one account.", autocompletion=ids(Ids.ACCOUNT)),
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """List the tokens, revoked and expired ones too; never what opens anything."""
    with acting(url, config, data_dir) as product:
        visible, zone = product.tokens.visible(), product.labels().zone
        found = [token for token in visible if owner in (None, token.owner)]
        if owner is not None and not found:
            product.accounts.named(owner)
        if as_json:
            print_json([_json(token, zone) for token in found])
        elif found:
            columns = ("id", "label", "owner", "scopes", "made", "until", "last used", "state")
            print_table(columns, [_row(token, zone) for token in found])
        else:
            typer.echo("No token. Make one: estado token create --help")


def revoke(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="The token's; list shows it.",
            show_default=False,
            autocompletion=ids(Ids.TOKEN),
        ),
    ],
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """End a token: it opens nothing from the next request on."""
    with acting(url, config, data_dir) as product:
        revoked = product.tokens.revoke(wanted)
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


def _scopes(token: TokenView) -> str:
    return ", ".join(sorted(token.scopes))


def _row(token: TokenView, zone: ZoneInfo) -> tuple[Any, ...]:
    return (
        Styled(token.id, style="bold"),
        Styled(token.label),
        Styled(token.owner),
        _scopes(token),
        local_time(token.created_at, zone),
        "forever" if token.expires_at is None else local_time(token.expires_at, zone),
        local_time(token.last_used_at, zone),
        Styled(token.state, style=_STATES[token.state]),
    )


def _json(token: TokenView, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": token.id,
        "label": token.label,
        "owner": token.owner,
        "scopes": sorted(token.scopes),
        "is_valid": token.state is TokenState.VALID,
        "created_at": iso_time(token.created_at, zone),
        "expires_at": iso_time(token.expires_at, zone),
        "last_used_at": iso_time(token.last_used_at, zone),
        "revoked_at": iso_time(token.revoked_at, zone),
    }
