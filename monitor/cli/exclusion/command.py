"""`estado exclusion`: propose, look at, decide."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.acting import JsonOption, RevisionOption, acting, print_found, print_json
from monitor.cli.completing.ids import Ids, ids
from monitor.cli.evidence import FileOption, LinkOption, evidence_of
from monitor.cli.exclusion.view import print_effect, print_listed, print_shown, print_step_taken
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.times import optional_time
from monitor.client.views import AskedExclusion
from monitor.domain.exclusions.classification import CAUSES, ExclusionStatus

_Id = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="The exclusion's.",
        show_default=False,
        autocompletion=ids(Ids.EXCLUSION),
    ),
]
_Component = Annotated[
    str | None,
    typer.Option("--component", help="Its id.", autocompletion=ids(Ids.COMPONENT)),
]
_Incident = Annotated[
    str | None,
    typer.Option(
        "--incident",
        help="What it is about; says component and time where they are left out.",
        autocompletion=ids(Ids.INCIDENT),
    ),
]
_From = Annotated[
    str | None, typer.Option("--from", help="2026-04-19T02:00, local time.", metavar="TIME")
]
_To = Annotated[
    str | None, typer.Option("--to", help="2026-04-19T04:00, local time.", metavar="TIME")
]
_Cause = Annotated[str, typer.Option("--cause", help=f"One of {', '.join(CAUSES)}.")]
_Evidence = Annotated[str, typer.Option("--evidence", help="Why; never public.")]
_Reason = Annotated[str, typer.Option("--reason", help="Why; kept for ever.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help=(
            "Leave time out of the guarantee: one account proposes, another one decides.\n\n"
            "What has happened to a component may be classified by a cause of the contract, with "
            "evidence. Until another account approves, everything counts as before. Whoever "
            "proposed any revision of an exclusion decides nothing about it. The shell of this "
            "host is no account: propose and decide with [bold]--url[/] and a token."
        ),
        short_help="Leave time out of the guarantee: one account proposes, another one decides.",
    )
    group.command()(propose)
    group.command()(revise)
    group.command()(withdraw)
    group.command()(approve)
    group.command()(refuse)
    group.command(name="list")(list_)
    group.command()(show)
    group.command()(effect)
    app.add_typer(group, name="exclusion")


def propose(
    cause: _Cause,
    evidence: _Evidence,
    component: _Component = None,
    incident: _Incident = None,
    start: _From = None,
    end: _To = None,
    file: FileOption = None,
    link: LinkOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Ask for time to be left out; nothing is until another account approves.

    [bold]estado exclusion propose --component web-1 --from 2026-10-12T10:00 --to 2026-10-12T11:00
    --cause external_provider --evidence "Aviso 4711 del proveedor."[/]
    """
    with acting(url, config, data_dir) as product:
        asked = AskedExclusion(
            component=component, incident=incident, start=optional_time(start, product),
            end=optional_time(end, product), cause=cause,
            evidence=evidence_of(evidence, file, link),
        )  # fmt: skip
        print_found(product.exclusions.propose(asked), print_step_taken, as_json=as_json)


def revise(
    wanted: _Id,
    cause: _Cause,
    evidence: _Evidence,
    incident: _Incident = None,
    start: _From = None,
    end: _To = None,
    file: FileOption = None,
    link: LinkOption = None,
    revision: RevisionOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Propose it anew; what is in force stays so until this is approved."""
    with acting(url, config, data_dir) as product:
        asked = AskedExclusion(
            incident=incident, start=optional_time(start, product), end=optional_time(end, product),
            cause=cause, evidence=evidence_of(evidence, file, link),
        )  # fmt: skip
        found = product.exclusions.revise(wanted, asked, revision=revision)
        print_found(found, print_step_taken, as_json=as_json)


def withdraw(
    wanted: _Id,
    reason: _Reason,
    revision: RevisionOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Ask for what is in force to count again; another account decides about that too."""
    with acting(url, config, data_dir) as product:
        found = product.exclusions.withdraw(wanted, reason=reason, revision=revision)
        print_found(found, print_step_taken, as_json=as_json)


def approve(
    wanted: _Id,
    reason: _Reason,
    revision: RevisionOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Put the proposal in force. Look at its effect before: estado exclusion effect ID."""
    with acting(url, config, data_dir) as product:
        found = product.exclusions.approve(wanted, reason=reason, revision=revision)
        print_found(found, print_step_taken, as_json=as_json)


def refuse(
    wanted: _Id,
    reason: _Reason,
    revision: RevisionOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Refuse the proposal; what is in force stays."""
    with acting(url, config, data_dir) as product:
        found = product.exclusions.refuse(wanted, reason=reason, revision=revision)
        print_found(found, print_step_taken, as_json=as_json)


def list_(
    status: Annotated[
        ExclusionStatus | None, typer.Option("--status", help="Only those that stand so.")
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """List exclusions, the one with the newest step first."""
    with acting(url, config, data_dir) as product:
        found = list(product.exclusions.listed("" if status is None else str(status)))
        if as_json:
            print_json(found)
        elif found:
            print_listed(found)
        else:
            typer.echo("There are none. Propose one: estado exclusion propose --help")


def show(
    wanted: _Id,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show every step with its evidence."""
    with acting(url, config, data_dir) as product:
        found = product.exclusions.show(wanted)
        print_found(found, print_shown, as_json=as_json)


def effect(
    wanted: _Id,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show what approving it changes: seconds, contracts and money, month by month."""
    with acting(url, config, data_dir) as product:
        found = product.exclusions.effect(wanted)
        print_found(found, print_effect, as_json=as_json)
