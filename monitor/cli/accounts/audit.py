"""`estado audit`: who did what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from monitor.cli.acting import JsonOption, acting, print_json, print_table
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.wide_console import untrusted_text
from monitor.client.ports import Document

_MOST = 100_000


ActorOption = Annotated[str, typer.Option("--actor", help="What one of them did.")]
KindOption = Annotated[
    str, typer.Option("--kind", help="A kind such as incident.resolved, or a family: incident.")
]
SubjectOption = Annotated[
    str, typer.Option("--subject", help="What was done to one: an id, a name.")
]
AfterOption = Annotated[
    int | None,
    typer.Option(
        "--after",
        min=0,
        help="What came behind this place; default: the last changes.",
        show_default=False,
    ),
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=_MOST, help="How many.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="CSV in which no cell is a formula.")]


def register(app: typer.Typer) -> None:
    app.command()(audit)


def audit(
    actor: ActorOption = "",
    kind: KindOption = "",
    subject: SubjectOption = "",
    after: AfterOption = None,
    limit: LimitOption = 100,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show who did what, by which door and from where, oldest first."""
    if as_csv and as_json:
        raise typer.BadParameter("either --csv or --json")
    # Imported here: the outline of commands is shown without it.
    from monitor.journal.ports import WantedChanges

    wanted = WantedChanges(
        actor=actor, kind=kind, subject=subject, after=after or 0, is_newest_first=after is None
    )
    with acting(url, config, data_dir) as product:
        found = product.audit.changes(wanted, limit)
    if as_csv:
        _print_csv(found)
    elif as_json:
        print_json(found)
    else:
        _print_table(found)


def _print_csv(found: Sequence[Document]) -> None:
    from monitor.accounts.audit import changes_csv

    typer.echo(changes_csv(found), nl=False)


def _print_table(found: Sequence[Document]) -> None:
    if found:
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
