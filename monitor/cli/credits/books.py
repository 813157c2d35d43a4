"""`estado credits recompute` and `audit`: credits computed again, from cases and from the books."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from credits.cases.compute import Difference, differences, figures
from credits.cases.read import BadCase, CaseFile, read_cases
from credits.fields import InvalidFields
from credits.life.ledger import Holding, LedgerAccount, LedgerFault, money_of
from monitor.cli.acting import JsonOption, ending_by_reason, print_json, print_table
from monitor.cli.credits.evidence import is_bundle, recompute_bundle
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.wide_console import counted
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config

_DIFFERS, _INVALID = 1, 2


def register(group: typer.Typer) -> None:
    group.command(name="recompute")(recompute)
    group.command(name="audit")(audit)


def recompute(
    file: Annotated[
        Path, typer.Argument(help="Cases as JSON, or a bundle; - reads standard input.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One array, for programs.")] = False,
) -> None:
    """Compute every case of FILE, or the bundle that it is, and print its figures.

    A bundle needs nothing else, neither journal nor configuration: it comes to the same bytes, or
    the first difference is named. A case holds terms, a window, outages or probes, and
    invoices; docs/billing.md describes the form. Where it says what is [bold]expected[/], each
    figure is compared.

    Exit code: 0 all agree, 1 a figure differs, 2 a case cannot be read (the others are computed).
    """
    text = _text(file)
    if is_bundle(text):
        recompute_bundle(str(file), text, as_json=as_json)
        return
    found = _read(file, text)
    computed = [(case, figures(case)) for case in found.cases]
    differing = [
        (case.id, differences(case.expected, output))
        for case, output in computed
        if case.expected is not None
    ]
    if as_json:
        text = json.dumps([output for _, output in computed], ensure_ascii=False, indent=2)
        typer.echo(text)
    else:
        _print_cases([output for _, output in computed], dict(differing))
    wrong = {name: unequal for name, unequal in differing if unequal}
    _complain(wrong, found.bad)
    if not as_json:
        _print_sum(found, len(differing), len(wrong))
    if found.bad:
        raise typer.Exit(_INVALID)
    raise typer.Exit(_DIFFERS if wrong else 0)


def audit(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Compute the ledger again from every step of every credit, and print what each account holds.

    Exit code: 0 all agree, 1 a posting differs: the first one is named.
    """
    # Imported here: the arithmetic alone starts without the journal.
    from credits.report.audit import LedgerAudit
    from monitor.roles.tools import open_tools

    with ending_by_reason(), open_tools(config or default_config(), data_dir) as tools:
        found = LedgerAudit(journal=tools.journal, actor=tools.actor).run()
    rows = _balances(found.balances)
    if as_json:
        print_json({"credits": found.credits, "balances": rows, "fault": _fault(found.fault)})
    else:
        print_table(
            ("currency", "account", "clients", "balance"), [tuple(row.values()) for row in rows]
        )
        if found.fault is None:
            typer.echo(f"{counted(found.credits, 'credit')} computed again: every posting agrees.")
    if found.fault is not None:
        said = f"{found.fault.posting}: the ledger does not say what the credit's steps say"
        typer.secho(said, err=True, fg="red")
        raise typer.Exit(_DIFFERS)


def _balances(held: Mapping[Holding, int]) -> list[dict[str, str]]:
    """What an account holds of all clients together, by currency, never across."""
    sums: dict[tuple[str, LedgerAccount], list[int]] = {}
    for (_, currency, account), minor in held.items():
        sums.setdefault((currency, account), []).append(minor)
    return [
        {
            "currency": currency,
            "account": str(account),
            "clients": str(len(sums[currency, account])),
            "balance": f"{money_of(sum(sums[currency, account]), currency).amount:f}",
        }
        for currency, account in sorted(sums)
    ]


def _fault(fault: LedgerFault | None) -> Mapping[str, object] | None:
    if fault is None:
        return None
    sides = {"wanted": fault.wanted, "got": fault.got}
    return {"posting": fault.posting} | {
        side: [
            {"account": str(entry.account), "currency": entry.currency, "minor": entry.minor}
            for entry in entries
        ]
        for side, entries in sides.items()
    }


def _text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except OSError as exc:
        typer.secho(f"{file}: {exc.strerror or exc}", err=True, fg="red")
    except UnicodeDecodeError as exc:
        typer.secho(f"{file}: wanted UTF-8, got byte {exc.start}: {exc.reason}", err=True, fg="red")
    raise typer.Exit(_INVALID)


def _read(file: Path, text: str) -> CaseFile:
    try:
        return read_cases(text)
    except InvalidFields as exc:
        for problem in exc.problems:
            typer.secho(f"{file}: {problem}", err=True, fg="red")
    raise typer.Exit(_INVALID)


def _print_cases(
    computed: Sequence[Mapping[str, object]], compared: Mapping[str, Sequence[Difference]]
) -> None:
    for output in computed:
        name = str(output["id"])
        typer.secho(name, bold=True)
        for key, value in output.items():
            if key == "lines":
                _print_lines(value)
            elif key != "id":
                typer.echo(f"  {key:<19} {_plain(value)}")
        if name in compared:
            differs = len(compared[name])
            verdict = f"{differs} differ" if differs else "as expected"
            typer.secho(f"  {verdict}", fg="red" if differs else "green")


def _print_lines(lines: object) -> None:
    for line in lines if isinstance(lines, list) else ():
        text = "  ".join(f"{key} {value}" for key, value in line.items())
        typer.echo(f"  {'line':<19} {text}")


def _plain(value: object) -> str:
    return "-" if value is None else str(value)


def _complain(wrong: Mapping[str, Sequence[Difference]], bad: Sequence[BadCase]) -> None:
    for name, found in wrong.items():
        for difference in found:
            typer.secho(f"{name}: {difference}", err=True, fg="red")
    for case in bad:
        for problem in case.problems:
            typer.secho(f"{case.name}: {problem}", err=True, fg="red")


def _print_sum(found: CaseFile, compared: int, wrong: int) -> None:
    parts = [f"{len(found.cases)} computed"]
    if compared:
        parts.append(f"{compared - wrong} of {compared} as expected")
    if found.bad:
        parts.append(f"{len(found.bad)} could not be read")
    typer.echo("; ".join(parts))
