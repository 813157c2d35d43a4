"""`estado store`: where results are stored for people to look at."""

from __future__ import annotations

import asyncio
import math

import typer

from monitor.cli.acting import JsonOption, print_json, print_table
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.store import copy as store_copy
from monitor.cli.store import dead_letters as store_dead_letters
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
    store_dead_letters.register(group)
    app.add_typer(group, name="store")


def init(config: ConfigOption = None, data_dir: DataDirOption = DEFAULT_DATA_DIR) -> None:
    """Set the configured store up: organisation, buckets with their retention, tokens.

    Nothing is done twice: run it again after you change a retention. The embedded store needs no
    setup.
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
        findings = asyncio.run(tools.chosen.kind.doctor(tools.chosen.spec, tools.dependencies))
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
    """Show how far the store has come: how far it is behind, what it refused, why it waits.

    Exit code: 0 it works, also while it is behind; 1 a person has to act; 2 nothing has run here.
    """
    from monitor.results.forwarding.follower_state import stored_form
    from monitor.roles.store.tools import store_tools

    with store_tools(config or default_config(), data_dir) as tools:
        follower_state = tools.follower_state()
        metrics, now = follower_state.metrics(), read_clock(tools.clock)
        follower_state.close()
    if metrics is None:
        typer.echo("The store role has not reported yet: estado run starts it.")
        raise typer.Exit(_NOT_WELL)
    if as_json:
        print_json({**stored_form(metrics), "lag_s": metrics.lag_s(now.at)})
    else:
        print_table(("", ""), _rows(metrics, now))
    if metrics.paused or metrics.fault:
        raise typer.Exit(_NOT_WELL)


def _rows(metrics: StoreMetrics, now: ClockReading) -> list[tuple[str, str]]:
    from monitor.roles.store.choice import is_remote

    age = age_s(metrics.taken, now)
    reported = f"{age:.0f} s ago" if age < math.inf else "at a time that is still to come"
    reported += " (the role does not run?)" if age > 30 else ""
    return [
        ("store", metrics.kind),
        ("reported", reported),
        *(_forwarded(metrics, now.at) if is_remote(metrics.kind) else ()),
        ("results not in the latencies yet", str(metrics.windows_lag_rows)),
        ("waits for", metrics.paused or metrics.fault or "nothing"),
    ]


def _forwarded(metrics: StoreMetrics, now: Second) -> list[tuple[str, str]]:
    """For a remote store; the embedded one has whatever the log has."""
    age = f", the oldest {metrics.lag_s(now)} s old" if metrics.lag_rows else ""
    return [
        ("results not stored yet", f"{metrics.lag_rows}{age}"),
        ("stored since its start", str(metrics.written)),
        ("dropped before they were stored", _missed(metrics)),
        (
            "refused",
            f"{metrics.dead_letters}" + (_DEAD_LETTERS_HINT if metrics.dead_letters else ""),
        ),
    ]


def _missed(metrics: StoreMetrics) -> str:
    if not metrics.missed:
        return "none"
    return (
        f"at most {metrics.missed} since its start: they were older than operations.keep_results, "
        "or the log was taken away"
    )


_DEAD_LETTERS_HINT = " (estado store dead-letters list)"
