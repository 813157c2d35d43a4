"""`estado audit`: who did what."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import typer

from monitor.cli.acting import JsonOption, acting, print_json, print_table
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.wide_console import untrusted_text
from monitor.client.ports import Document

_MOST = 100_000


def register(app: typer.Typer) -> None:
    app.command()(audit)


def audit(
    actor: Annotated[str, typer.Option("--actor", help="What one of them did.")] = "",
    kind: Annotated[
        str,
        typer.Option("--kind", help="A kind such as incident.resolved, or a family: incident."),
    ] = "",
    subject: Annotated[
        str, typer.Option("--subject", help="What was done to one: an id, a name.")
    ] = "",
    after: Annotated[
        int | None,
        typer.Option(
            "--after",
            min=0,
            help="What came behind this place; default: the last changes.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=_MOST, help="How many.")] = 100,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="CSV in which no cell is a formula.")
    ] = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show who did what, by which door and from where, oldest first."""
    if as_csv and as_json:
        raise typer.BadParameter("either --csv or --json")
    # Imported here: the outline of commands is shown without them.
    from monitor.accounts.audit import changes_csv
    from monitor.journal.ports import WantedChanges

    wanted = WantedChanges(
        actor=actor, kind=kind, subject=subject, after=after or 0, is_newest_first=after is None
    )
    with acting(url, config, data_dir) as product:
        found = product.audit.changes(wanted, limit)
    if as_csv:
        typer.echo(changes_csv(found), nl=False)
    elif as_json:
        print_json(found)
    elif found:
        print_table(("place", "at", "who", "by", "what", "subject", "now"), list(map(_row, found)))
    else:
        typer.echo("Nothing of that is in the audit log.")


def _row(change: Document) -> tuple[Any, ...]:
    by = " ".join(filter(None, (change["via"], change["token"], change["address"])))
    return (
        str(change["seq"]),
        f"{datetime.fromisoformat(change['at']):%Y-%m-%d %H:%M:%S}",
        untrusted_text(change["actor"]),
        untrusted_text(by or "-"),
        untrusted_text(change["kind"]),
        untrusted_text(change["subject"]),
        untrusted_text(json.dumps(change["after"], ensure_ascii=False) if change["after"] else "-"),
    )
