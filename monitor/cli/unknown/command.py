"""`estado unknown`: see what waits, say what it was, decide."""

from __future__ import annotations

from typing import Annotated

import typer

from credits.life.credit import Assumed
from credits.life.ruling import RulingStatus
from monitor.cli.acting import JsonOption, RevisionOption, acting, print_found, print_json
from monitor.cli.completing.ids import Ids, ids
from monitor.cli.evidence import FileOption, LinkOption, evidence_of
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.times import optional_time
from monitor.cli.unknown.view import print_listed, print_shown, print_step_taken, print_waiting
from monitor.client.views import AskedRuling

_Id = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The ruling's.", show_default=False, autocompletion=ids(Ids.RULING)
    ),
]
_As = Annotated[
    Assumed,
    typer.Option(
        "--as",
        help="What the unknown seconds were: [bold]up[/], [bold]down[/], or [bold]closed[/]: "
        "whatever they were, nothing is due.",
    ),
]
_Month = Annotated[
    str | None,
    typer.Option("--month", help="Of the credits that wait of this month, such as 2026-10."),
]
_From = Annotated[
    str | None,
    typer.Option("--from", help="Those whose unknown time all lies behind it.", metavar="TIME"),
]
_To = Annotated[str | None, typer.Option("--to", help="… and before it.", metavar="TIME")]
_Cause = Annotated[
    str, typer.Option("--cause", help="Those with this cause; see estado unknown waiting.")
]
_Credit = Annotated[
    list[str] | None, typer.Option("--credit", help="Instead of --month: one credit by its id.")
]
_Evidence = Annotated[str, typer.Option("--evidence", help="How you know; never public.")]
_Reason = Annotated[str, typer.Option("--reason", help="Why; kept for ever.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help=(
            "Say what unknown time was, where credits wait for it: one account proposes, another "
            "one decides.\n\n"
            "Where nobody knows what a service was, and that would decide whether its guarantee "
            "held, the credit waits. What waits for the same cause is decided together, all of it "
            "or nothing. Neither of the two may approve the credits that come of it. The shell of "
            "this host is no account: propose and decide with [bold]--url[/] and a token."
        ),
        short_help="Say what unknown time was, where credits wait for it: one account proposes, "
        "another one decides.",
    )
    group.command()(waiting)
    group.command()(propose)
    group.command()(revise)
    group.command()(approve)
    group.command()(refuse)
    group.command(name="list")(list_)
    group.command()(show)
    app.add_typer(group, name="unknown")


def waiting(
    month: Annotated[str, typer.Option("--month", help="Of this one alone: 2026-10.")] = "",
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show which credits wait, where their unknown time came from, and what they come to."""
    with acting(url, config, data_dir) as product:
        found = list(product.rulings.waiting(month))
        if as_json:
            print_json(found)
        elif found:
            print_waiting(found)
        else:
            typer.echo("Nothing waits.")


def _require_month(month: str | None, *narrowed: object) -> None:
    """Credits that are named one by one are narrowed down by nothing else."""
    if month is None and any(narrowed):
        raise typer.BadParameter("--from, --to and --cause are about a --month")


def propose(
    assumed: _As,
    evidence: _Evidence,
    month: _Month = None,
    start: _From = None,
    end: _To = None,
    cause: _Cause = "",
    credit: _Credit = None,
    file: FileOption = None,
    link: LinkOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Say what it was; nothing is decided until another account approves.

    [bold]estado unknown propose --month 2026-10 --cause monitor_down --as up
    --evidence "El registro de accesos no tiene huecos."[/]
    """
    _require_month(month, start, end, cause)
    with acting(url, config, data_dir) as product:
        asked = AskedRuling(
            assumed=assumed.value, month=month, start=optional_time(start, product),
            end=optional_time(end, product), cause=cause, credits=tuple(credit or ()),
            evidence=evidence_of(evidence, file, link),
        )  # fmt: skip
        print_found(product.rulings.propose(asked), print_step_taken, as_json=as_json)


def revise(
    wanted: _Id,
    assumed: _As,
    evidence: _Evidence,
    month: _Month = None,
    start: _From = None,
    end: _To = None,
    cause: _Cause = "",
    credit: _Credit = None,
    file: FileOption = None,
    link: LinkOption = None,
    revision: RevisionOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Propose it anew, of what waits now; the proposal before it is not decided any more."""
    _require_month(month, start, end, cause)
    with acting(url, config, data_dir) as product:
        asked = AskedRuling(
            assumed=assumed.value, month=month, start=optional_time(start, product),
            end=optional_time(end, product), cause=cause, credits=tuple(credit or ()),
            evidence=evidence_of(evidence, file, link),
        )  # fmt: skip
        found = product.rulings.revise(wanted, asked, revision=revision)
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
    """Decide all that it covers, or nothing. Look at it before: estado unknown show ID."""
    with acting(url, config, data_dir) as product:
        found = product.rulings.approve(wanted, reason=reason, revision=revision)
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
    """Refuse it; what it covers goes on waiting."""
    with acting(url, config, data_dir) as product:
        found = product.rulings.refuse(wanted, reason=reason, revision=revision)
        print_found(found, print_step_taken, as_json=as_json)


def list_(
    status: Annotated[
        RulingStatus | None, typer.Option("--status", help="Only those that stand so.")
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """List rulings, the one with the newest step first."""
    with acting(url, config, data_dir) as product:
        found = list(product.rulings.listed("" if status is None else str(status)))
        if as_json:
            print_json(found)
        elif found:
            print_listed(found)
        else:
            typer.echo("There are none. See what waits: estado unknown waiting")


def show(
    wanted: _Id,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show every step, what it covers, and the money before and after."""
    with acting(url, config, data_dir) as product:
        found = product.rulings.show(wanted)
        print_found(found, print_shown, as_json=as_json)
