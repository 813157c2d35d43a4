"""`estado contracts import --from whmcs`: what the panel's customers rent, as contracts."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import typer

from credits.contracts.from_panel import contracts_text
from credits.contracts.import_file import ContractsImport, ImportResult
from monitor.cli.acting import ending_by_reason
from monitor.cli.billing.contracts import refuse_file, tell
from monitor.cli.product.here_reading import imported
from monitor.client.views import ImportView
from monitor.domain.refusals import Refused
from monitor.roles.catalogues.past import catalogues_of
from monitor.roles.panels import assignment_of, forget_services, read_services
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config
from monitor.roles.tools import Tools, open_tools

_NAMED = Path("whmcs")
_REFUSED = 1


def import_from_panel(
    config: Path | None, data_dir: Path | None, *, dry_run: bool, yes: bool
) -> None:
    """Read, check and show everything; then store it, where somebody says so."""
    where = (config or default_config(), data_dir or DEFAULT_DATA_DIR)
    with ending_by_reason(), open_tools(*where, creates=True) as tools:
        text = _as_file(tools)
        done = _run(tools, text, dry_run=True)
        is_to_store = done.changes > 0 and not dry_run
        is_asked = is_to_store and not yes
        if is_asked:
            tell(_view(done), is_rehearsal=False)
            if not sys.stdin.isatty():
                typer.secho("Nothing was kept. Store it: --yes", err=True)
                raise typer.Exit(_REFUSED)
            typer.confirm("Store this?", abort=True)
        if is_to_store:
            done = _run(tools, text, dry_run=False)
        if not dry_run:
            forget_services(tools)
    if is_asked:
        typer.echo("Stored.")
    else:
        tell(_view(done), is_rehearsal=dry_run)


def _as_file(tools: Tools) -> str:
    assignment = assignment_of(tools.catalogue)
    services = read_services(tools)
    with tools.journal.transaction() as tx:
        stored = list(tx.contracts.every())
    zone, now = tools.catalogue.zone, tools.clock.now()
    return contracts_text(services, stored, assignment, zone, now)


def _run(tools: Tools, text: str, *, dry_run: bool) -> ImportResult:
    importing = ContractsImport(
        reading=tools.journal, writing=tools.journal, catalogues=catalogues_of(tools),
        clock=tools.clock, actor=tools.actor,
    )  # fmt: skip
    try:
        return importing.run(lambda: _opened(text), dry_run=dry_run)
    except Refused as error:
        refuse_file(_NAMED, error)


@contextmanager
def _opened(text: str) -> Iterator[TextIO]:
    yield io.StringIO(text, newline="")


def _view(done: ImportResult) -> ImportView:
    return ImportView(
        new=done.new, changed=done.changed, unchanged=done.unchanged,
        shown=[imported(planned) for planned in done.shown],
    )  # fmt: skip
