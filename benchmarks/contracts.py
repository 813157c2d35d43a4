"""An import of many contracts: CPU, time and memory, into an empty journal and once more."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from credits.contracts.file import BAD_BYTES, ENCODING
from credits.contracts.import_file import ContractsImport
from monitor.domain.time.interval import Second
from monitor.journal.access import migrate, open_journal
from monitor.roles.catalogues.past import catalogues_of
from monitor.roles.core.configuration import store_revision
from monitor.roles.tools import open_tools

_BEGAN = Second(1_756_695_600)
_CONFIG = """
page: {name: Estado, company: Example, url: "https://estado.example.com/"}
timezone: America/Argentina/Buenos_Aires
terms: [{id: standard, guarantee: "0.9989"}]
services:
  - id: hosting
    name: Hosting
    components:
      - id: web
        name: Web
        checks: [{id: web, probe: tcp, target: "203.0.113.1:80"}]
"""
_HEADER = (
    "contract_id,client_id,service_id,product,terms,components,active_from,invoice_id,"
    "invoice_line_id,period_start,period_end,net,currency\n"
)


def run(*, contracts: int, url: str | None) -> int:
    """`url` is an empty PostgreSQL database; without it SQLite in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = url or f"sqlite:///{folder / 'journal.db'}"
        config, file = folder / "services.yaml", folder / "contracts.csv"
        place = f"operations: {{journal: '{url}'}}\n" if url else ""
        config.write_text(_CONFIG + place, "utf-8")
        migrate(journal, backup=False)
        with open_journal(journal) as opened, opened.transaction() as tx:
            store_revision(tx, _CONFIG, _BEGAN, _BEGAN)
        for what, net in (("new", "1234.56"), ("the same", "1234.56"), ("changed", "1500.00")):
            _write(file, contracts, net)
            _measure(what, lambda: _import(config, folder, file))
    return 0


def _write(file: Path, contracts: int, net: str) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write(_HEADER)
        for n in range(contracts):
            out.write(
                f"C-{n:06},{n},{n},Hosting básico,standard,web,2026-01-10,"
                f"F-{n},L1,2026-10-01,2026-11-01,{net},USD\n"
            )


def _import(config: Path, folder: Path, file: Path) -> str:
    with open_tools(config, folder) as tools:
        done = ContractsImport(
            reading=tools.journal, writing=tools.journal, catalogues=catalogues_of(tools),
            clock=tools.clock, actor=tools.actor,
        ).run(lambda: _opened(file), dry_run=False)  # fmt: skip
    return f"{done.new} new, {done.changed} changed, {done.unchanged} unchanged"


@contextmanager
def _opened(file: Path) -> Iterator[TextIO]:
    with file.open(encoding=ENCODING, errors=BAD_BYTES, newline="") as text:
        yield text


def _measure(what: str, work: Callable[[], str]) -> None:
    began, cpu = time.monotonic(), time.process_time()
    said = work()
    spent, waited = time.process_time() - cpu, time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{what}: {said}; {spent:.1f} s CPU, {waited:.1f} s, peak {peak} MiB\n")
    sys.stdout.flush()
