"""`estado store`: where results are kept for people to look at."""

from __future__ import annotations

import asyncio
import math
from dataclasses import asdict

import typer

from monitor.cli.acting import JsonOption, print_json, print_table
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.store import copy as store_copy
from monitor.cli.store import dead_letters as store_letters
from monitor.domain.time.age import ClockReading, age_s
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Second
from monitor.results.stores.ports import StoreMetrics
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config

_NOT_WELL = 1


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="The result store: set up, examine, fill, and what it refused.",
    )
    group.command(name="init")(init)
    group.command(name="doctor")(doctor)
    group.command(name="status")(status)
    store_copy.register(group)
    store_letters.register(group)
    app.add_typer(group, name="store")


def init(config: ConfigOption = None, data_dir: DataDirOption = DEFAULT_DATA_DIR) -> None:
    """Set the configured store up: organisation, buckets with their retention, tokens.

    Nothing is done twice: type it again after you change a retention. The embedded store needs no
    setting up.
    """
    from monitor.roles.store.tools import store_tools

    with store_tools(config or default_config(), data_dir) as tools:
        asyncio.run(tools.chosen.kind.init(tools.chosen.spec, typer.echo))


def doctor(config: ConfigOption = None, data_dir: DataDirOption = DEFAULT_DATA_DIR) -> None:
    """Examine the configured store, and say in words what is wrong and what to do.

    Exit code: 0 all is well, 1 something is not, 2 the configuration is faulty.
    """
    from monitor.roles.store.tools import store_tools

    with store_tools(config or default_config(), data_dir) as tools:
        findings = asyncio.run(tools.chosen.kind.doctor(tools.chosen.spec, tools.around))
    for finding in findings:
        mark, colour = ("ok", "green") if finding.is_well else ("!!", "red")
        typer.echo(f"{typer.style(mark, fg=colour)}  {finding.what}")
        if finding.remedy:
            typer.echo(f"    {finding.remedy}")
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(_NOT_WELL)


def status(
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Show how far the store has come: what it lags, what it refused, why it waits.

    Exit code: 0 all is well, 1 it lags or a person has to act, 2 nothing has run here.
    """
    from monitor.roles.store.tools import store_tools

    with store_tools(config or default_config(), data_dir) as tools:
        book = tools.book()
        figures, now = book.metrics(), read_clock(tools.clock)
        book.close()
    if figures is None:
        typer.echo("The store role has not reported yet: estado run starts it.")
        raise typer.Exit(_NOT_WELL)
    if as_json:
        print_json({**asdict(figures), "lag_s": figures.lag_s(now.at)})
    else:
        print_table(("", ""), _rows(figures, now))
    if figures.paused or figures.trouble:
        raise typer.Exit(_NOT_WELL)


def _rows(figures: StoreMetrics, now: ClockReading) -> list[tuple[str, str]]:
    from monitor.roles.store.choice import is_remote

    age = age_s(figures.taken, now)
    reported = f"{age:.0f} s ago" if age < math.inf else "at a time that is still to come"
    reported += " (the role does not run?)" if age > 30 else ""
    return [
        ("store", figures.kind),
        ("reported", reported),
        *(_carried(figures, now.at) if is_remote(figures.kind) else ()),
        ("results not in the latencies yet", str(figures.windows_lag_rows)),
        ("waits for", figures.paused or figures.trouble or "nothing"),
    ]


def _carried(figures: StoreMetrics, now: Second) -> list[tuple[str, str]]:
    """Of a store that is apart; the embedded one has whatever the log has."""
    age = f", the oldest {figures.lag_s(now)} s old" if figures.lag_rows else ""
    return [
        ("results not stored yet", f"{figures.lag_rows}{age}"),
        ("stored since its start", str(figures.written)),
        ("dropped before they were stored", _missed(figures)),
        ("refused", f"{figures.dead_letters}" + (_LETTERS if figures.dead_letters else "")),
    ]


def _missed(figures: StoreMetrics) -> str:
    if not figures.missed:
        return "none"
    return (
        f"at most {figures.missed} since its start: they were older than operations.keep_results, "
        "or the log was taken away"
    )


_LETTERS = " (estado store dead-letters list)"
