"""`estado subscriber`: who asked to be told. Addresses are shown only where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.acting import JsonOption, print_json, print_table
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.domain.subscriptions.contact import TELEGRAM, TYPED, Contact, read_contact
from monitor.domain.subscriptions.mail_address import BadAddress
from monitor.domain.subscriptions.subscription import (
    Ending,
    Severity,
    Subscription,
    SubscriptionId,
    SubscriptionState,
)
from monitor.i18n.ways import OTHER_WAYS, read_any_contact
from monitor.journal.ports import JournalError
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config
from monitor.roles.tools import Tools, open_tools
from monitor.subscribers.ending import end
from monitor.subscribers.ports import SubscribersTransaction

_AT_ONCE = 1_000
_STILL_THERE = (
    "The address is deleted; the journal's log of writes still holds it until another process has "
    "read on. The core cuts it at its next start or ending."
)


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="See who asked to be told, and remove somebody.",
        short_help="See who asked to be told, and remove somebody.",
    )
    group.command(name="list")(list_)
    group.command()(remove)
    app.add_typer(group, name="subscriber")


def list_(
    addresses: Annotated[bool, typer.Option("--addresses", help="Show addresses too.")] = False,
    ended: Annotated[bool, typer.Option("--ended", help="How many ended, too.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Show subscriptions by their opaque ids, and how many there are."""
    with _opened(config, data_dir) as tools, tools.subscribers.transaction() as tx:
        counts = tx.subscriptions.counts()
        shown = list(_all(tx))
        known = tx.subscriptions.contacts([s.id for s in shown]) if addresses else {}
    if as_json:
        print_json([_document(one, known.get(one.id)) for one in shown])
        return
    rows = [
        (
            s.id,
            s.kind,
            s.state.value,
            s.page or "",
            _wanted(s),
            s.locale,
            _address(known.get(s.id)),
        )
        for s in shown
    ]
    heads = ("ID", "KIND", "STATE", "PAGE", "ABOUT", "LANGUAGE", "ADDRESS" if addresses else "")
    print_table(heads, rows)
    states = {
        state: sum(n for (_, s), n in counts.items() if s is state) for state in SubscriptionState
    }
    told = [f"{number} {state}" for state, number in states.items() if ended or state != "ended"]
    typer.echo(", ".join(told))


def remove(
    wanted: Annotated[str, typer.Argument(metavar="ID|ADDRESS", help="Whom to remove.")],
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """End subscriptions and erase their address, as if their owner had unsubscribed."""
    with _opened(config, data_dir) as tools:
        with tools.subscribers.transaction() as tx:
            found = _found(tx, wanted)
            for one in found:
                end(tx, one, Ending.REMOVED, tools.actor, tools.clock.now())
        is_erased = tools.subscribers.is_erased()
    if not found:
        typer.echo("Nobody is subscribed by that id or address.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Removed: {', '.join(one.id for one in found)}")
    if not is_erased:
        typer.echo(_STILL_THERE, err=True)


@contextmanager
def _opened(config: Path | None, data_dir: Path) -> Iterator[Tools]:
    """A journal that fails ends the command with its reason."""
    try:
        with open_tools(config or default_config(), data_dir) as tools:
            yield tools
    except JournalError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from error


def _all(tx: SubscribersTransaction) -> Iterator[Subscription]:
    after = ""
    while rows := tx.subscriptions.listed(after, _AT_ONCE):
        yield from rows
        after = rows[-1].id


def _found(tx: SubscribersTransaction, wanted: str) -> list[Subscription]:
    """By id, or all of a mailbox, or of a chat, which is a number."""
    if "@" in wanted or ":" in wanted:
        found = [
            one for mailbox in _mailboxes(wanted) for one in tx.subscriptions.of_mailbox(mailbox)
        ]
    else:
        found = list(tx.subscriptions.some([SubscriptionId(wanted)]))
        with suppress(BadAddress):
            found += tx.subscriptions.of_mailbox(read_contact(TELEGRAM, wanted).mailbox)
    return [one for one in found if one.state is not SubscriptionState.ENDED]


def _mailboxes(wanted: str) -> set[str]:
    """What an address may be, read as each kind that is typed. Raises typer.BadParameter."""
    found = set()
    for kind in (*TYPED, *OTHER_WAYS):
        with suppress(BadAddress):
            found.add(read_any_contact(kind, wanted).mailbox)
    if not found:
        raise typer.BadParameter(f"want an id or an address, got {wanted!r}")
    return found


def _address(of: Contact | None) -> str:
    return "" if of is None else of.address


def _wanted(of: Subscription) -> str:
    wanted = of.wanted
    if wanted.incident is not None:
        return f"incident {wanted.incident}"
    about = ", ".join(wanted.components) or "everything"
    return about if wanted.severity is Severity.ANY else f"{about} ({wanted.severity.value})"


def _document(of: Subscription, contact: Contact | None) -> dict[str, object]:
    document: dict[str, object] = {
        "id": of.id,
        "kind": of.kind,
        "state": of.state.value,
        "components": list(of.wanted.components),
        "incident": of.wanted.incident,
        "severity": of.wanted.severity.value,
        "language": of.locale,
        "created_at": of.created_at,
        "confirmed_at": of.confirmed_at,
    }
    return document if contact is None else {**document, "address": contact.address}
