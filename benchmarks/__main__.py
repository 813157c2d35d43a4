"""`make bench`: what the product costs. `python -m benchmarks --help` names the measurements."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import (
    bars,
    checks,
    close,
    console,
    contracts,
    core,
    effect,
    forecast,
    history,
    late,
    month,
    revisions,
    scale,
    screens,
)
from benchmarks.closing_world import Size as MonthSize
from benchmarks.console_past import Size


def main() -> int:
    given = _parser().parse_args()
    if given.kind in ("month", "late"):
        return _over_a_month(given)
    if given.kind == "core":
        return core.run(
            rate=given.rate, warm_s=given.warm, seconds=given.seconds, is_counting=given.calls
        )
    match given.kind:
        case "scale":
            return scale.run(
                checks=given.checks,
                interval=given.interval,
                minutes=given.minutes,
                components=given.components,
            )
        case "history":
            return history.run(given.folder, queries=given.queries)
        case "revisions":
            return revisions.run(revisions=given.revisions, checks=given.checks)
        case "console":
            return _of_console(given)
        case "contracts" | "effect" | "forecast" | "close":
            return _of_contracts(given)
        case "bars":
            return bars.run(components=given.components)
        case "checks":
            return checks.run(pairs=given.pairs, minutes=given.minutes, rate=given.rate)
    return checks.run(pairs=5, minutes=1, rate=100)


def _over_a_month(given: argparse.Namespace) -> int:
    plan = month.Plan(
        folder=given.folder,
        checks=given.checks,
        days=given.days,
        interval=given.interval,
        store=given.store,
    )
    return month.run(plan) if given.kind == "month" else late.run(plan)


def _of_contracts(given: argparse.Namespace) -> int:
    if given.kind == "effect":
        return effect.run(sizes=given.contracts)
    if given.kind == "forecast":
        return forecast.run(sizes=given.contracts)
    if given.kind == "close":
        size = MonthSize(contracts=given.contracts, outages=given.outages, servers=given.servers)
        return close.run(size=size, folder=given.folder)
    return contracts.run(contracts=given.contracts, url=given.url)


def _of_console(given: argparse.Namespace) -> int:
    if given.screens:
        size = Size(
            checks=given.checks, components=given.checks // 5, contracts=given.contracts
        )  # fmt: skip
        return screens.run(size=size, queries=given.queries, most_ms=given.most_ms, only=given.only)
    return console.run(
        checks=given.checks,
        clients=given.clients,
        pairs=given.pairs,
        seconds=given.seconds,
        queries=given.queries,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", metavar="WHAT")
    _add_checks(kinds.add_parser("checks", help="CPU a check, beside blackbox_exporter (default)"))
    _add_core(kinds.add_parser("core", help="what the core does for a result, to compare versions"))
    _add_scale(kinds.add_parser("scale", help="10 000 checks for half an hour"))
    of_bars = kinds.add_parser("bars", help="the bars of 90 days out of the journal")
    of_bars.add_argument("--components", type=int, default=1_000)
    _add_month(kinds.add_parser("month", help="a month of 1 000 checks into an empty folder"))
    _add_month(kinds.add_parser("late", help="late looks of such a month, folded again"))
    of_revisions = kinds.add_parser("revisions", help="a start over many old configurations")
    of_revisions.add_argument("--revisions", type=int, default=100)
    of_revisions.add_argument("--checks", type=int, default=10_000)
    of_history = kinds.add_parser("history", help="answers about the past, over such a folder")
    of_history.add_argument("folder", type=Path)
    of_history.add_argument("--queries", type=int, default=100, help="of each kind")
    of_console = kinds.add_parser("console", help="the API with many who follow the events")
    of_console.add_argument("--checks", type=int, default=10_000)
    of_console.add_argument("--clients", type=int, default=200)
    of_console.add_argument("--pairs", type=int, default=5)
    of_console.add_argument("--seconds", type=int, default=60, help="of each window")
    of_console.add_argument("--queries", type=int, default=50, help="of each screen")
    of_console.add_argument(
        "--screens", action="store_true", help="every screen and reading operation, without streams"
    )
    of_console.add_argument("--only", default="", help="those whose path has this in it")
    of_console.add_argument(
        "--contracts", type=int, default=0,
        help="ask for the screens while the console computes what exclusions change for so many",
    )  # fmt: skip
    of_console.add_argument("--most-ms", type=float, help="fail where p95 of CPU is above")
    of_contracts = kinds.add_parser("contracts", help="an import of many contracts")
    of_contracts.add_argument("--contracts", type=int, default=20_000)
    of_contracts.add_argument("--url", help="an empty PostgreSQL database instead of SQLite")
    of_close = kinds.add_parser("close", help="the close of a month of many contracts")
    of_close.add_argument("--contracts", type=int, default=100_000)
    of_close.add_argument("--outages", type=int, default=500)
    of_close.add_argument("--servers", type=int, default=1_000, help="the fewer, the more credits")
    of_close.add_argument("--folder", type=Path, help="one that was filled before, or that stays")
    for kind, what in (
        ("effect", "what an exclusion changes for many contracts"),
        ("forecast", "what the month under way will come to for many contracts"),
    ):
        kinds.add_parser(kind, help=what).add_argument(
            "--contracts", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="how many"
        )
    return parser


def _add_checks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pairs", type=int, default=5, help="interleaved rounds of each")
    parser.add_argument("--minutes", type=int, default=1, help="how long each round measures")
    parser.add_argument("--rate", type=int, default=100, help="checks a second")


def _add_core(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rate", type=int, default=100, help="checks a second")
    parser.add_argument("--warm", type=int, default=130, help="seconds before")
    parser.add_argument("--seconds", type=int, default=120, help="how long is measured")
    parser.add_argument("--calls", action="store_true", help="count function calls, not CPU")


def _add_scale(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checks", type=int, default=10_000)
    parser.add_argument("--interval", type=int, default=60, help="seconds")
    parser.add_argument("--minutes", type=int, default=30, help="how long is measured")
    parser.add_argument("--components", type=int, default=1_000)


def _add_month(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where the data goes; empty")
    parser.add_argument("--checks", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--interval", type=int, default=60, help="seconds")
    parser.add_argument(
        "--store", default="{kind: sqlite}", help="a configuration's store, in YAML"
    )


if __name__ == "__main__":
    raise SystemExit(main())
