"""`estado store dead-letters`: results that the store refused for good, kept for a person."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from monitor.cli.acting import JsonOption, print_json, print_table
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.i18n.formats import utc_iso
from monitor.results.stores.ports import DeadLetter, DeadLetters, ResultStore, StoreRefused
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config

_STILL_REFUSED, _UNKNOWN = 1, 2
_AT_ONCE = 1_000
_SHOWN = 100

Seqs = Annotated[
    list[int] | None, typer.Argument(help="Their numbers in the log, as `list` shows them.")
]
All = Annotated[bool, typer.Option("--all", help="Every one of them.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="Results that the store refused: look at them, offer them again, or let them go.",
    )
    group.command(name="list")(list_letters)
    group.command(name="show")(show)
    group.command(name="replay")(replay)
    group.command(name="drop")(drop)
    app.add_typer(group, name="dead-letters")


def list_letters(
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    limit: Annotated[int, typer.Option("--limit", min=1, help="The most to show.")] = _SHOWN,
    as_json: JsonOption = False,
) -> None:
    """Show what the store refused, and why."""
    from monitor.roles.store.tools import store_tools

    with store_tools(config or default_config(), data_dir) as tools:
        book = tools.book()
        letters, count = book.dead_letters(limit), book.count()
        book.close()
    if as_json:
        print_json([_fields(letter) for letter in letters])
        return
    if not letters:
        typer.echo("The store has refused nothing.")
        return
    print_table(
        ("number", "check", "slot", "outcome", "refused", "reason"),
        [
            (
                str(letter.row.seq),
                letter.row.result.check,
                utc_iso(letter.row.result.slot),
                letter.row.result.outcome,
                utc_iso(letter.at),
                letter.reason,
            )
            for letter in letters
        ],
    )
    if count > len(letters):
        typer.echo(f"… and {count - len(letters)} more (--limit)")


def show(
    seq: Annotated[int, typer.Argument(help="Its number in the log.")],
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Show one of them whole, as JSON."""
    from monitor.roles.store.tools import store_tools

    with store_tools(config or default_config(), data_dir) as tools:
        book = tools.book()
        (letter,) = _chosen(book, [seq], every=False)
        book.close()
    print_json(_fields(letter))


def replay(
    seqs: Seqs = None,
    every: All = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Offer them to the store again; what it takes now is settled.

    Exit code: 0 all were taken, 1 some are still refused (they stay), 2 no such number.
    """
    from monitor.roles.store.tools import StoreTools, store_tools

    async def offer(tools: StoreTools, letters: Sequence[DeadLetter]) -> list[int]:
        async with tools.store() as store:
            return [letter.row.seq for letter in letters if await _is_taken(store, letter)]

    with store_tools(config or default_config(), data_dir) as tools:
        book = tools.book()
        letters = _chosen(book, seqs or [], every=every)
        taken = asyncio.run(offer(tools, letters))
        book.drop(taken)
        book.close()
    typer.echo(f"{len(taken)} stored, {len(letters) - len(taken)} still refused")
    if len(taken) < len(letters):
        raise typer.Exit(_STILL_REFUSED)


def drop(
    seqs: Seqs = None,
    every: All = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Let them go. The result log, the incidents and the credits have them all the same."""
    from monitor.roles.store.tools import store_tools

    with store_tools(config or default_config(), data_dir) as tools:
        book = tools.book()
        gone = book.drop([letter.row.seq for letter in _chosen(book, seqs or [], every=every)])
        book.close()
    typer.echo(f"{gone} dropped")


async def _is_taken(store: ResultStore, letter: DeadLetter) -> bool:
    try:
        await store.write([letter.row])
    except StoreRefused as error:
        typer.secho(f"{letter.row.seq}: {error}", err=True, fg="yellow")
        return False
    return True


def _chosen(letters: DeadLetters, seqs: Sequence[int], *, every: bool) -> list[DeadLetter]:
    """Those that were named, or all of them; the command ends where a number is none of theirs."""
    if bool(seqs) == every:
        typer.secho("name numbers, or say --all", err=True, fg="red")
        raise typer.Exit(_UNKNOWN)
    found: list[DeadLetter] = []
    while part := letters.dead_letters(_AT_ONCE, found[-1].row.seq if found else 0):
        found += part
    if every:
        return found
    wanted = set(seqs)
    strangers = wanted - {letter.row.seq for letter in found}
    if strangers:
        names = ", ".join(map(str, sorted(strangers)))
        typer.secho(f"no dead letter {names}: see estado store dead-letters list", err=True)
        raise typer.Exit(_UNKNOWN)
    return [letter for letter in found if letter.row.seq in wanted]


def _fields(letter: DeadLetter) -> dict[str, object]:
    result = letter.row.result
    return {
        "number": letter.row.seq,
        "refused_at": utc_iso(letter.at),
        "reason": letter.reason,
        "check": result.check,
        "location": result.location,
        "slot": utc_iso(result.slot),
        "outcome": result.outcome,
        "failure": result.failure,
        "message": result.message,
        "phases_ms": dict(result.phases_ms),
        "evidence": dict(result.evidence),
    }
