"""`estado credits list|show|request|review|approve|reject`: what people do about credits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import typer

from credits.life.states import CreditState
from monitor.cli.acting import (
    EXIT_REFUSED,
    JsonOption,
    RevisionOption,
    acting,
    print_found,
    print_json,
)
from monitor.cli.completing.ids import Ids, ids
from monitor.cli.credits.view import print_judged, print_listed, print_shown, print_step_taken
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.client.ports import Document
from monitor.client.views import AskedCredits

_LIMIT = 100
_LARGEST = 100_000
_MONTH = re.compile(r"\d{4}-\d{2}")
_Id = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The credit's.", show_default=False, autocompletion=ids(Ids.CREDIT)
    ),
]
_Ids = Annotated[
    list[str],
    typer.Argument(
        metavar="ID...", help="One or many.", show_default=False, autocompletion=ids(Ids.CREDIT)
    ),
]
_Limit = Annotated[
    int, typer.Option("--limit", min=1, max=_LARGEST, help="So many, newest month first.")
]
_IdsOnly = Annotated[
    bool, typer.Option("--ids", help="Ids alone, a line each: for xargs and the other commands.")
]


def register(group: typer.Typer) -> None:
    group.command(name="list")(list_)
    group.command()(show)
    group.command()(request)
    group.command()(review)
    group.command()(approve)
    group.command()(reject)


def list_(
    state: Annotated[
        CreditState | None, typer.Option("--state", help="Only those that stand so.")
    ] = None,
    month: Annotated[
        str, typer.Option("--month", metavar="2026-10", help="Whose close made them.")
    ] = "",
    client: Annotated[str, typer.Option("--client", help="The billing panel's id.")] = "",
    contract: Annotated[str, typer.Option("--contract", help="Its id.")] = "",
    limit: _Limit = _LIMIT,
    ids_only: _IdsOnly = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """List credits and adjustments, the newest month first."""
    if month and _MONTH.fullmatch(month) is None:
        raise typer.BadParameter(f"a month such as 2026-10, not {month}")
    asked = AskedCredits(
        state="" if state is None else str(state), month=month, client=client, contract=contract
    )
    with acting(url, config, data_dir) as product:
        found = list(product.credits.listed(asked, limit + 1))
    shown, has_more = found[:limit], len(found) > limit
    if as_json:
        print_json(shown)
    elif ids_only:
        for one in shown:
            typer.echo(one["credit_id"])
    elif shown:
        print_listed(shown)
    else:
        typer.echo("There are none. The close of a month opens them: estado report MONTH")
    if has_more:
        typer.secho(f"Only the first {limit} are listed: --limit", err=True, fg="yellow")


def show(
    wanted: _Id,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show one: what it comes to, each step with who, when and why, and what belongs to it."""
    with acting(url, config, data_dir) as product:
        found = product.credits.show(wanted)
    print_found(found, print_shown, as_json=as_json)


def request(
    wanted: _Id,
    ticket: Annotated[str, typer.Option("--ticket", help="Its code (clause 9a).")],
    client: Annotated[str, typer.Option("--client", help="Whose ticket it is.")],
    revision: RevisionOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Ask for a credit by a ticket of its client; a second ticket joins the same credit.

    [bold]estado credits request BON-2026-10-1f0c2a7d4b --ticket ABC-123456 --client 77[/]
    """
    with acting(url, config, data_dir) as product:
        found = product.credits.request(wanted, ticket=ticket, client=client, revision=revision)
    print_found(found, print_step_taken, as_json=as_json)


def review(
    wanted: _Ids,
    revision: RevisionOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Take requests up: look at the ticket, at the figures, and whose it is.

    Of many, each is judged by itself. Exit code: 0 all done, 1 some are not and say why.
    """
    with acting(url, config, data_dir) as product:
        if len(wanted) == 1:
            found = product.credits.review(wanted[0], revision=revision)
            print_found(found, print_step_taken, as_json=as_json)
            return
        _require_no_revision(revision)
        judged = product.credits.review_all(wanted)
    _say_each(judged, as_json=as_json)


def approve(
    wanted: _Ids,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept for ever.")] = "",
    revision: RevisionOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Approve credits that another account has asked for. Look at one before: estado credits show.

    Of many, each is judged by itself. Exit code: 0 all done, 1 some are not and say why.
    """
    with acting(url, config, data_dir) as product:
        if len(wanted) == 1:
            found = product.credits.approve(wanted[0], reason=reason, revision=revision)
            print_found(found, print_step_taken, as_json=as_json)
            return
        _require_no_revision(revision)
        judged = product.credits.approve_all(wanted, reason=reason)
    _say_each(judged, as_json=as_json)


def reject(
    wanted: _Id,
    reason: Annotated[str, typer.Option("--reason", help="Why; the customer is told.")],
    clause: Annotated[str, typer.Option("--clause", help="Of the contract, such as 13b.")],
    revision: RevisionOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Reject a request, or what an adjustment would take back."""
    with acting(url, config, data_dir) as product:
        found = product.credits.reject(wanted, reason=reason, clause=clause, revision=revision)
    print_found(found, print_step_taken, as_json=as_json)


def _require_no_revision(revision: int | None) -> None:
    if revision is not None:
        raise typer.BadParameter("--revision is of one credit: name one")


def _say_each(judged: Sequence[Document], *, as_json: bool) -> None:
    print_found(judged, print_judged, as_json=as_json)
    if not all(one["is_done"] for one in judged):
        raise typer.Exit(EXIT_REFUSED)
