"""`estado store copy`: what one store holds, copied to another."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.wide_console import table_console
from monitor.domain.time.calendar import midnight
from monitor.domain.time.interval import Second
from monitor.results.copy import CopiedUnit, copy, final_span, units_of
from monitor.results.stores.kind import StoreKind
from monitor.results.stores.ports import StoreMisconfigured, StoreRefused
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config
from monitor.roles.store.tools import StoreTools, store_tools

_DIFFERENT, _USAGE = 1, 2
_SHOWN = 20
_SAY_EVERY = 1_000


class From(StrEnum):
    SQLITE = "sqlite"


def register(group: typer.Typer) -> None:
    group.command(name="copy")(copy_store)


def copy_store(
    since: Annotated[str, typer.Option("--since", help="The first local day, as 2026-10-01.")],
    source: Annotated[From, typer.Option("--from", help="Where it is.")] = From.SQLITE,
    target: Annotated[
        str | None, typer.Option("--to", help="Where it goes: the configuration's store.kind.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Carry and compare also what was carried before.")
    ] = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Copy raw results and latencies from the files of DATA-DIR to the store of the configuration.

    With [bold]--config[/] name the configuration that has the new store in it. It need not run yet,
    and whatever runs meanwhile goes on. Each day of each check is compared afterwards by count and
    checksum. Stop it whenever you like: run again, it goes on where it was.

    Exit code: 0 both sides are equal, 1 something differs or the store failed, 2 bad usage.
    """
    first = _day(since)
    with store_tools(config or default_config(), data_dir) as tools:
        _require_remote(tools.chosen.kind, target)
        follower_state = tools.follower_state()
        try:
            outcome = asyncio.run(
                _copy(tools, midnight(first, tools.dependencies.zone), again=again)
            )
        except StoreRefused as refused:
            typer.secho(f"store: it refuses results: {refused}", err=True, fg="red")
            raise typer.Exit(_DIFFERENT) from refused
        finally:
            follower_state.close()
    outcome.report()
    if outcome.different:
        raise typer.Exit(_DIFFERENT)


def _require_remote(kind: StoreKind, target: str | None) -> None:
    """Nothing is copied from the files to themselves, nor to a store that was not meant."""
    if not kind.is_remote or target not in (None, kind.name):
        from monitor.results.stores.registry import STORES

        meant = target or " or ".join(
            name for name, other in STORES.usable().items() if other.is_remote
        )
        raise StoreMisconfigured(
            f"the configuration names {kind.name}, not {meant}: give with --config one whose "
            "store.kind is the target"
        )


async def _copy(tools: StoreTools, since: Second, *, again: bool) -> _Outcome:
    from monitor.results.stores import sqlite

    follower_state, outcome = tools.follower_state(), _Outcome()
    name = _name(tools)
    if again:
        follower_state.forget_copied(name)
    span = final_span(since, tools.clock.now())
    files = sqlite.KIND.build(sqlite.SqliteSpec(), tools.dependencies)
    async with tools.store() as there, files as here:
        units = await units_of(here, span, tools.dependencies.zone)  # type: ignore[arg-type]
        with _progress(len(units), outcome) as report:
            await copy(here, there, units, follower_state, name, report)  # type: ignore[arg-type]
    follower_state.close()
    return outcome


@dataclass(slots=True)
class _Outcome:
    days: int = 0
    before: int = 0
    results: int = 0
    latencies: int = 0
    different: list[CopiedUnit] = field(default_factory=list)

    def add(self, copied: CopiedUnit) -> None:
        self.days += 1
        self.before += copied.was_there
        self.results += copied.results
        self.latencies += copied.windows
        if copied.why_not:
            self.different.append(copied)

    def report(self) -> None:
        for copied in self.different[:_SHOWN]:
            check, location = copied.unit.key
            day = copied.unit.span.start
            typer.secho(f"{check} ({location}), day of {day}: {copied.why_not}", err=True, fg="red")
        if len(self.different) > _SHOWN:
            typer.echo(f"… and {len(self.different) - _SHOWN} more", err=True)
        total = f"{self.results} results and {self.latencies} latencies carried"
        equal = self.days - len(self.different)
        typer.echo(
            f"{total}; {equal} of {self.days} days of checks are equal on both sides"
            + (f" ({self.before} were carried before)" if self.before else "")
        )


@contextmanager
def _progress(total: int, outcome: _Outcome) -> Iterator[Callable[[CopiedUnit], None]]:
    """A bar on a terminal; in a pipe a line now and then."""
    console = table_console()
    columns = (
        TextColumn("days of checks"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)

        def report(copied: CopiedUnit) -> None:
            outcome.add(copied)
            bar.advance(task)
            if not console.is_terminal and outcome.days % _SAY_EVERY == 0:
                typer.echo(f"{outcome.days} of {total} days of checks, {outcome.results} results")

        yield report


def _name(tools: StoreTools) -> str:
    """Another server or other buckets are another target."""
    from monitor.runtime.frozen_json import to_json

    spec = json.dumps(to_json(tools.chosen.spec), sort_keys=True)
    return f"{tools.chosen.kind.name}:{hashlib.sha256(spec.encode()).hexdigest()[:16]}"


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        typer.secho(f"--since: want a day such as 2026-10-01, got {written}", err=True, fg="red")
        raise typer.Exit(_USAGE) from None
