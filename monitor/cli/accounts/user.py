"""`estado user`: who may sign in, and what they may do."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text as Styled

from monitor.cli.accounts.new_password import (
    GenerateOption,
    StdinOption,
    new_password,
    print_made,
    require_one_source,
)
from monitor.cli.acting import (
    EXIT_UNKNOWN,
    JsonOption,
    RevisionOption,
    acting,
    iso_time,
    local_time,
    print_json,
    print_table,
)
from monitor.cli.completing.ids import Ids, ids
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.client.views import AccountView, AtProvider
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.checks.observation import ServiceId
from monitor.i18n.scopes import ROLE_MEANINGS

_ALL = "all"

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="Such as ana.", show_default=False, autocompletion=ids(Ids.ACCOUNT)
    ),
]
Roles = Annotated[
    list[AccountRole] | None,
    typer.Option("--role", help="What the account may do; again for each.", show_default=False),
]
Services = Annotated[
    list[str] | None,
    typer.Option(
        "--service",
        help="A service's id; again for each. Bounds the account to what belongs to them.",
        show_default=False,
        autocompletion=ids(Ids.SERVICE),
    ),
]


Email = Annotated[
    str | None,
    typer.Option(
        help="By this address it is bound at the first sign-in at the OpenID provider, where the "
        "provider has verified it.",
        show_default=False,
    ),
]
Subject = Annotated[
    str | None,
    typer.Option(
        "--oidc-subject", help="Who it is at the OpenID provider: its sub.", show_default=False
    ),
]


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help=(
            "Say who may sign in, and what they may do.\n\n"
            "The first account is made here, by whoever may type at the core's host; there is no "
            "other way in. What a command changes holds from the account's next request on."
        ),
        short_help="Say who may sign in.",
    )
    group.command()(add)
    group.command(name="list")(list_)
    group.command()(change)
    group.command()(disable)
    group.command()(enable)
    group.command()(reset)
    app.add_typer(group, name="user")


def add(
    name: Name,
    role: Roles = None,
    service: Services = None,
    full_name: Annotated[str, typer.Option("--full-name", help="For people to read.")] = "",
    email: Email = None,
    oidc_subject: Subject = None,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="It signs in at the OpenID provider alone.")
    ] = False,
    generate: GenerateOption = False,
    from_stdin: StdinOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Make an account. On a terminal the password is asked for twice and not shown.

    [bold]estado user add ana --role operator --full-name "Ana Pérez"[/]

    [bold]estado user add eva --role operator --email eva@example.com --no-password[/]
    """
    roles = role or _exit_without_role(name)
    if no_password and (generate or from_stdin):
        raise typer.BadParameter("either --no-password or a password")
    if not no_password:
        require_one_source(generate=generate, from_stdin=from_stdin)
    with acting(url, config, data_dir, creates=True) as product:
        saved, password = product.accounts.add(
            name,
            roles=roles,
            services=tuple(map(ServiceId, service or ())),
            full_name=full_name,
            password=_password(name, generate=generate, from_stdin=from_stdin, none=no_password),
            has_password=not no_password,
            elsewhere=_at_provider(email, oidc_subject),
        )
    typer.echo(f"{saved.name}: added; {_bounds(saved)}", err=generate)
    if generate:
        print_made(password)


def list_(
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """List the accounts, disabled ones too."""
    with acting(url, config, data_dir) as product:
        found, zone = product.accounts.every(), product.labels().zone
        if as_json:
            print_json([_json(account, zone) for account in found])
        elif found:
            columns = (
                "name", "full name", "roles", "services", "second factor", "last sign-in",
                "enabled",
            )  # fmt: skip
            print_table(columns, [_row(account, zone) for account in found])
        else:
            typer.echo("No account yet. Make the first one: estado user add --help")


def change(
    name: Name,
    role: Roles = None,
    service: Services = None,
    all_services: Annotated[
        bool, typer.Option("--all-services", help="No longer bounded to services.")
    ] = False,
    email: Email = None,
    oidc_subject: Subject = None,
    unbind: Annotated[
        bool, typer.Option("--unbind", help="It opens by password alone from here on.")
    ] = False,
    revision: RevisionOption = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Give an account other roles or services, in place of those that it has; or bind it to another
    person at the OpenID provider, and its sessions end.

    [bold]estado user change ana --role operator --role billing --service hosting[/]
    """
    identity = email or oidc_subject
    _require_a_change(role, service, identity, is_unbounded=all_services, is_unbound=unbind)
    with acting(url, config, data_dir) as product:
        services = tuple(map(ServiceId, service)) if service else None
        saved = product.accounts.change(
            name,
            roles=role or None,
            services=() if all_services else services,
            elsewhere=_at_provider(email, oidc_subject, unbind=unbind),
            revision=revision,
        )
        typer.echo(f"{saved.name}: changed; {_bounds(saved)}, revision {saved.revision}")


def _require_a_change(
    role: Roles, service: Services, identity: str | None, *, is_unbounded: bool, is_unbound: bool
) -> None:
    """Refuse options that contradict each other, and a line that changes nothing."""
    if service and is_unbounded:
        raise typer.BadParameter("either --service or --all-services")
    if is_unbound and identity:
        raise typer.BadParameter("either --unbind or whom it is bound to")
    if not (role or service or is_unbounded or identity or is_unbound):
        raise typer.BadParameter(
            "say what is to change: --role, --service, --all-services, --email, --oidc-subject or "
            "--unbind"
        )


def disable(
    name: Name,
    revision: RevisionOption = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Shut an account out at once. What it did keeps its name; enable lets it in again."""
    with acting(url, config, data_dir) as product:
        saved = product.accounts.disable(name, revision=revision)
        typer.echo(f"{saved.name}: disabled; its sessions have ended, its tokens open nothing")


def enable(
    name: Name,
    revision: RevisionOption = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Let a disabled account in again, with its password and its tokens."""
    with acting(url, config, data_dir) as product:
        saved = product.accounts.enable(name, revision=revision)
        typer.echo(f"{saved.name}: enabled; its tokens open again")


def reset(
    name: Name,
    generate: GenerateOption = False,
    from_stdin: StdinOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Give an account a new password, for somebody who lost password or second factor."""
    require_one_source(generate=generate, from_stdin=from_stdin)
    with acting(url, config, data_dir) as product:
        seen = product.accounts.named(name)  # before anybody types a password in vain
        saved, password = product.accounts.reset(
            name,
            password=new_password(name, generate=generate, from_stdin=from_stdin),
            revision=seen.revision,
        )
    typer.echo(
        f"{saved.name}: new password; no second factor any more, its sessions have ended, and its "
        "tokens are revoked",
        err=generate,
    )
    if generate:
        print_made(password)


def _password(name: str, *, generate: bool, from_stdin: bool, none: bool) -> str | None:
    """None where there is none, or it is to be made."""
    return None if none else new_password(name, generate=generate, from_stdin=from_stdin)


def _at_provider(
    email: str | None, subject: str | None, *, unbind: bool = False
) -> AtProvider | None:
    """None where nothing is said of it."""
    if not (email or subject or unbind):
        return None
    return AtProvider(email=email, subject=subject)


def _exit_without_role(name: str) -> list[AccountRole]:
    typer.secho(f"Say what {name} may do: --role, again for each.", err=True, fg="red")
    for role, meaning in ROLE_MEANINGS.items():
        typer.echo(f"  {role:<9} {meaning}", err=True)
    raise typer.Exit(EXIT_UNKNOWN)


def _bounds(account: AccountView) -> str:
    services = f"services: {', '.join(sorted(account.services)) or _ALL}"
    return f"{', '.join(sorted(account.roles))}; {services}"


def _row(account: AccountView, zone: ZoneInfo) -> tuple[Any, ...]:
    return (
        Styled(account.name, style="bold"),
        Styled(account.full_name),
        ", ".join(sorted(account.roles)),
        Styled(", ".join(sorted(account.services)) or _ALL),
        "yes" if account.has_second_factor else "no",
        local_time(account.last_signed_in_at, zone),
        Styled("yes", style="green") if account.is_enabled else Styled("no", style="red"),
    )


def _json(account: AccountView, zone: ZoneInfo) -> dict[str, Any]:
    """`services` is null where there is no bound, for an empty list would say the contrary."""
    return {
        "name": account.name,
        "revision": account.revision,
        "full_name": account.full_name,
        "roles": sorted(account.roles),
        "services": sorted(account.services) or None,
        "has_password": account.has_password,
        "has_second_factor": account.has_second_factor,
        "email": account.email,
        "oidc_issuer": account.issuer,
        "oidc_subject": account.subject,
        "follows_groups": account.follows_groups,
        "last_signed_in_at": iso_time(account.last_signed_in_at, zone),
        "is_enabled": account.is_enabled,
        "created_at": iso_time(account.created_at, zone),
        "disabled_at": iso_time(account.disabled_at, zone),
        "password_changed_at": iso_time(account.password_changed_at, zone),
    }
