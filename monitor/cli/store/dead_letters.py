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
    group.command(name="list")(list_dead_letters)
    group.command(name="show")(show)
    group.command(name="replay")(replay)
    group.command(name="drop")(drop)
    app.add_typer(group, name="dead-letters")


def list_dead_letters(
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    limit: Annotated[int, typer.Option("--limit", min=1, help="The most to show.")] = _SHOWN,
    as_json: JsonOption = False,
) -> None:
    """Show what the store refused, and why."""
    from monitor.roles.store.tools import store_tools

    with store_tools(config or default_config(), data_dir) as tools:
        follower_state = tools.follower_state()
        dead_letters, count = follower_state.dead_letters(limit), follower_state.count()
        follower_state.close()
    if as_json:
        print_json([_fields(dead_letter) for dead_letter in dead_letters])
        return
    if not dead_letters:
        typer.echo("The store has refused nothing.")
        return
    print_table(
        ("number", "check", "slot", "outcome", "refused", "reason"),
        [
            (
                str(dead_letter.row.seq),
                dead_letter.row.result.check,
                utc_iso(dead_letter.row.result.slot),
                dead_letter.row.result.outcome,
                utc_iso(dead_letter.at),
                dead_letter.reason,
            )
            for dead_letter in dead_letters
        ],
    )
    if count > len(dead_letters):
        typer.echo(f"… and {count - len(dead_letters)} more (--limit)")


def show(
    seq: Annotated[int, typer.Argument(help="Its number in the log.")],
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Show one dead letter whole, as JSON."""
    from monitor.roles.store.tools import store_tools

    with store_tools(config or default_config(), data_dir) as tools:
        follower_state = tools.follower_state()
        (dead_letter,) = _chosen(follower_state, [seq], every=False)
        follower_state.close()
    print_json(_fields(dead_letter))


def replay(
    seqs: Seqs = None,
    every: All = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Offer dead letters to the store again; those that it takes now leave the list.

    Exit code: 0 all were taken, 1 some are still refused (they stay), 2 no such number.
    """
    from monitor.roles.store.tools import StoreTools, store_tools

    async def offer(tools: StoreTools, dead_letters: Sequence[DeadLetter]) -> list[int]:
        async with tools.store() as store:
            return [
                dead_letter.row.seq
                for dead_letter in dead_letters
                if await _is_taken(store, dead_letter)
            ]

    with store_tools(config or default_config(), data_dir) as tools:
        follower_state = tools.follower_state()
        dead_letters = _chosen(follower_state, seqs or [], every=every)
        taken = asyncio.run(offer(tools, dead_letters))
        follower_state.drop(taken)
        follower_state.close()
    typer.echo(f"{len(taken)} stored, {len(dead_letters) - len(taken)} still refused")
    if len(taken) < len(dead_letters):
        raise typer.Exit(_STILL_REFUSED)


def drop(
    seqs: Seqs = None,
    every: All = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Drop dead letters. The result log, the incidents and the credits have them all the same."""
    from monitor.roles.store.tools import store_tools

    with store_tools(config or default_config(), data_dir) as tools:
        follower_state = tools.follower_state()
        dropped = follower_state.drop(
            [
                dead_letter.row.seq
                for dead_letter in _chosen(follower_state, seqs or [], every=every)
            ]
        )
        follower_state.close()
    typer.echo(f"{dropped} dropped")


async def _is_taken(store: ResultStore, dead_letter: DeadLetter) -> bool:
    try:
        await store.write([dead_letter.row])
    except StoreRefused as error:
        typer.secho(f"{dead_letter.row.seq}: {error}", err=True, fg="yellow")
        return False
    return True


def _chosen(source: DeadLetters, seqs: Sequence[int], *, every: bool) -> list[DeadLetter]:
    """Those that were named, or all of them. Ends the command where a number is none of theirs."""
    if bool(seqs) == every:
        typer.secho("name numbers, or say --all", err=True, fg="red")
        raise typer.Exit(_UNKNOWN)
    found: list[DeadLetter] = []
    while part := source.dead_letters(_AT_ONCE, found[-1].row.seq if found else 0):
        found += part
    if every:
        return found
    wanted = set(seqs)
    unknown = wanted - {dead_letter.row.seq for dead_letter in found}
    if unknown:
        names = ", ".join(map(str, sorted(unknown)))
        typer.secho(f"no dead letter {names}: see estado store dead-letters list", err=True)
        raise typer.Exit(_UNKNOWN)
    return [dead_letter for dead_letter in found if dead_letter.row.seq in wanted]


def _fields(dead_letter: DeadLetter) -> dict[str, object]:
    result = dead_letter.row.result
    return {
        "number": dead_letter.row.seq,
        "refused_at": utc_iso(dead_letter.at),
        "reason": dead_letter.reason,
        "check": result.check,
        "location": result.location,
        "slot": utc_iso(result.slot),
        "outcome": result.outcome,
        "failure": result.failure,
        "message": result.message,
        "phases_ms": dict(result.phases_ms),
        "evidence": dict(result.evidence),
    }
