"""What the month under way will come to for many contracts: CPU of the first look and of the next
ones, memory, and how long a transaction lasts.

The world is that of `benchmarks.effect`, but its outage goes on: contracts that all require one
component, of fifty prices, every tenth begun at a second of its own within the month. A journal in
SQLite; `longest` is wall time, so compare it on a quiet machine alone.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.billed import add_contracts
from benchmarks.effect import (
    BEFORE,
    CHECK,
    MONTH,
    OUTAGE,
    TERMS,
    Watched,
    catalogues,
    decided,
)
from credits.forecast.alike import Contracts
from credits.forecast.forecast import Forecast, present_forecast
from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import LOCAL, Outcome
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, migrate, open_journal

_NOW = Second(OUTAGE.start + 2_400)


def run(*, sizes: Sequence[int]) -> int:
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="forecast-") as name:
            url = f"sqlite:///{Path(name) / 'journal.db'}"
            migrate(url, backup=False)
            with open_journal(url) as journal:
                _fill(journal, size)
                watched = Watched(journal)
                known = _measure(watched, "first", None)
                _measure(watched, "next", known)
    return 0


def _measure(journal: Watched, which: str, known: Contracts | None) -> Contracts:
    journal.longest, journal.count = 0.0, 0
    began, cpu = time.monotonic(), time.process_time()
    found, contracts = present_forecast(journal, catalogues(), _NOW, known)
    spent, waited = time.process_time() - cpu, time.monotonic() - began
    sys.stdout.write(
        f"{which}: {_said(found)}; {spent:.2f} s CPU, {waited:.1f} s; {journal.count} "
        f"transactions, longest {journal.longest * 1000:.0f} ms; peak "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB\n"
    )
    sys.stdout.flush()
    return contracts


def _said(found: Forecast) -> str:
    return f"{found.contracts} contracts, {len(found.alike)} unlike; {found.reached[80]} at 80 %"


def _fill(journal: SqlJournal, size: int) -> None:
    with journal.transaction() as tx:
        tx.revisions.add(hash="", text="", effective_from=BEFORE)
        seen = ((Outcome.UP, BEFORE), (Outcome.DOWN, OUTAGE.start))
        tx.transitions.append([decided(to, at) for to, at in seen])
        tx.folds.save({(CHECK, LOCAL): _state()}, 1)
    add_contracts(journal, size, TERMS, MONTH, BEFORE)


def _state() -> FoldState:
    return FoldState(
        status=Outcome.DOWN, last_slot=_NOW, covered_until=_NOW, is_confirmed=True, revision=1
    )
