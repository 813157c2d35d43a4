"""`estado credits apply` and what belongs to it: from an approval to the customer's balance."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated

import typer

from credits.billing.file import LARGEST, carried_text, confirmed_references
from monitor.cli.acting import (
    EXIT_LATER,
    EXIT_REFUSED,
    JsonOption,
    RevisionOption,
    acting,
    print_json,
    print_table,
)
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.wide_console import untrusted_text
from monitor.client.ports import Document, Product
from monitor.domain.refusals import Refused
from monitor.domain.untrusted_text import visible

_LOOK_S, _LONGEST_S = 1.0, 120.0
_NO_ANSWER = frozenset({"apply_unknown", "not_read", "refused", "changed", "not_reached"})
"""What somebody has to look at."""

_Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Until the core has done it.")]


def register(group: typer.Typer) -> None:
    group.command()(apply)
    group.command()(reconcile)
    group.command()(export)
    group.command()(confirm)
    group.command()(release)
    group.command()(pause)
    group.command()(resume)


def apply(
    month: Annotated[
        str, typer.Option("--month", help="2026-10: what the close of that month made.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read everything, apply nothing.")
    ] = False,
    wait: _Wait = True,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Let the core bring what is approved into the billing panel of the configuration.

    Each customer is read just before: suspended accounts are blocked, returned payments held,
    another owner or currency refused. Nothing is ever asked twice: what the panel gives no answer
    about is searched for. To apply takes an account: [bold]--url[/] and a token.

    Exit code: 0 all done, 1 some of it needs somebody to look, 75 the core has not done it yet.
    """
    task = "rehearse" if dry_run else "apply"
    _pass(task, month, url, config, data_dir, wait=wait, as_json=as_json)


def reconcile(
    wait: _Wait = True,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Let the core search the panel now for what it gave no answer about."""
    _pass("reconcile", "", url, config, data_dir, wait=wait, as_json=as_json)


def export(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file; default: the terminal.")
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Write what people carry to the panel, with the kind [bold]csv[/]: each credit until it is
    confirmed. Fill in the column [bold]reference[/], and give the file to estado credits confirm.
    """
    with acting(url, config, data_dir) as product:
        found = product.applying.handed_out()
    if as_json:
        print_json(list(found))
        return
    text = carried_text(found)
    if output is None:
        typer.echo(text.replace("\r\n", "\n"), nl=False)
        return
    try:
        output.write_text(text, "utf-8-sig", newline="")
    except OSError as error:
        typer.secho(f"{output}: {error.strerror or error}", err=True, fg="red")
        raise typer.Exit(EXIT_REFUSED) from error
    typer.echo(f"{len(found)} credits in {output}")


def confirm(
    what: Annotated[
        str, typer.Argument(help="The file with the references filled in, or one credit's id.")
    ],
    reference: Annotated[
        str, typer.Option("--reference", help="Of one credit: under which the panel has it.")
    ] = "",
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Say under which reference the panel has a credit, or each credit of a file: all, or none.

    The same file again changes nothing. It takes an account: [bold]--url[/] and a token.
    """
    with acting(url, config, data_dir) as product:
        given = {what: reference} if reference else _read(what)
        found = product.applying.confirm(given) if given else ()
    if as_json:
        print_json(list(found))
        return
    for one in found:
        _print_step(one)
    typer.echo(f"{len(found)} confirmed")


def release(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="As estado credits list shows it.")],
    reason: Annotated[str, typer.Option("--reason", help="Where you looked; kept for ever.")],
    revision: RevisionOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Let a credit be applied again that the panel gave no answer about, and does not have.

    Only once the panel was searched after [bold]apply_settle[/]: what is not there yet may still
    arrive. Look there yourself first. It takes an account: [bold]--url[/] and a token.
    """
    with acting(url, config, data_dir) as product:
        found = product.applying.release(wanted, reason=reason, revision=revision)
    if as_json:
        print_json(found)
    else:
        _print_step(found)


def pause(
    reason: Annotated[str, typer.Option("--reason", help="Why; who resumes reads it.")],
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Pull the brake: nothing more is applied, also of a pass that is under way, until somebody
    resumes.

    The one credit that the panel is being asked for is finished. What it gave no answer about goes
    on being searched for.
    """
    with acting(url, config, data_dir) as product:
        found = product.applying.pause(reason)
    _tell_brake(found, as_json=as_json)


def resume(
    reason: Annotated[str, typer.Option("--reason", help="What has been seen to.")],
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Let go of the brake. It takes an account: [bold]--url[/] and a token."""
    with acting(url, config, data_dir) as product:
        found = product.applying.resume(reason)
    _tell_brake(found, as_json=as_json)


def _tell_brake(found: Document, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    said = "The brake is on: nothing is applied" if found["is_on"] else "The brake is off"
    known = f"; {found['by']}, {found['since']}: {found['reason']}" if found["since"] else ""
    typer.echo(visible(f"{said}{known}"))


def _pass(
    task: str, month: str, url: str | None, config: Path | None, data_dir: Path | None,
    *, wait: bool, as_json: bool,
) -> None:  # fmt: skip
    with acting(url, config, data_dir) as product:
        asked = product.applying.ask(task, month)
        found = _settled(product, asked) if wait else asked
    if as_json:
        print_json(found)
    else:
        _tell(found)
    if found["state"] == "pending":
        raise typer.Exit(EXIT_LATER)
    if found["state"] == "failed" or _NO_ANSWER & found["counts"].keys():
        raise typer.Exit(EXIT_REFUSED)


def _settled(product: Product, asked: Document) -> Document:
    until, found = monotonic() + _LONGEST_S, asked
    while found["state"] == "pending" and monotonic() < until:
        sleep(_LOOK_S)
        found = product.applying.show(asked["id"])
    return found


def _tell(found: Document) -> None:
    if found["state"] == "pending":
        typer.echo(f"The core has not done it yet: request {found['id']} waits.")
        return
    if found["failed"]:
        typer.secho(visible(str(found["failed"])), err=True, fg="red")
        return
    rows = [
        (
            untrusted_text(one["credit_id"]),
            untrusted_text(one.get("client_id") or "-"),
            _due(one.get("amounts") or ()),
            one["came"],
            untrusted_text(one["detail"]),
        )
        for one in found["listed"]
    ]
    if rows:
        print_table(("credit", "client", "due", "came", "detail"), rows)
    more = sum(found["counts"].values()) - len(rows)
    if more > 0:
        typer.echo(f"… and {more} more")
    counts = ", ".join(f"{count} {came}" for came, count in found["counts"].items())
    typer.echo(counts or "Nothing waits.")


def _due(amounts: Iterable[Mapping[str, str]]) -> str:
    return ", ".join(f"{one['currency']} {one['amount']}" for one in amounts) or "-"


def _print_step(found: Mapping[str, object]) -> None:
    reference = f", {found['reference']}" if found["reference"] else ""
    typer.echo(visible(f"{found['credit_id']}: {found['state']}{reference}"))


def _read(file: str) -> Mapping[str, str]:
    """Raises Refused."""
    try:
        if file == "-":
            return confirmed_references(sys.stdin.read(LARGEST + 1))
        with Path(file).open(encoding="utf-8-sig", newline="") as opened:
            return confirmed_references(opened.read(LARGEST + 1))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(
            "applying.file", wanted=f"a file in UTF-8 that can be read: {file}"
        ) from error
