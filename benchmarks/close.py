"""The close of a month of many contracts: CPU, memory, and how long a decision waits meanwhile.

The month is closed as the core closes it, in a process of its own. Beside it a core's transactions
go on, ten a second; `longest` is the wall time of the longest of them, so read it on a quiet
machine alone. What one killed half-way leaves behind is taken up: the second figures say what that
saves. The journal is SQLite's.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.closing_world import NOW, ZONE, Size, fill
from credits.period.month import Month
from credits.report.close import Closing
from monitor.journal.access import SqlJournal, open_journal, open_journal_to_read, open_lease
from monitor.journal.ports import JournalBusy
from monitor.roles.core.money.closing import ClosingFailed
from monitor.roles.core.money.closing_beside import ClosesBeside
from monitor.roles.settings import closing_dir
from monitor.runtime.system_clock import SystemClock

MOST_CPU_S, MOST_DELAY_S = 60.0, 2.0
_MONTH = Month(2026, 10)
_EVERY_S = 0.1


def run(*, size: Size, folder: Path | None) -> int:
    """Print the figures; return 1 where one is above what it may be. `folder` is one that was
    filled before, or that is filled and stays."""
    if folder is not None:
        return _measured(folder, size)
    with tempfile.TemporaryDirectory(prefix="close-") as name:
        return _measured(Path(name), size)


def _measured(folder: Path, size: Size) -> int:
    url = f"sqlite:///{folder / 'journal.db'}"
    if not (folder / "journal.db").exists():
        fill(folder, size)
    with open_lease(url) as epoch, open_journal(url, epoch=epoch) as journal:
        core = _Core(journal)
        spent, killed = _spent(), asyncio.run(_close(url, folder, core, _half(folder, size)))
        before = _spent() - spent
        spent, done = _spent(), asyncio.run(_close(url, folder, core, lambda: False))
    cpu = _spent() - spent
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    with open_journal_to_read(url) as reading, reading.transaction() as tx:
        issued = tx.reports.get(str(_MONTH), 1)
        begun = sum(1 for _ in tx.credits.within(_MONTH.window(ZONE)))
    _say(
        f"{size.contracts} contracts, {size.outages} outages: {done and done.outcome}, {begun} "
        f"credits, report of {len(issued.body) >> 20 if issued else 0} MiB"
    )
    _say(
        f"killed half-way after {before:.1f} s of CPU ({killed}), then {cpu:.1f} s; peak {peak} MiB"
    )
    _say(f"{core.count} transactions of the core meanwhile, longest {core.longest:.2f} s")
    is_good = before + cpu <= MOST_CPU_S and core.longest <= MOST_DELAY_S
    _say(f"bound: {MOST_CPU_S:.0f} s, {MOST_DELAY_S:.0f} s: {'kept' if is_good else 'BROKEN'}")
    return 0 if is_good else 1


class _Core:
    """What a core does with its journal, without the rest of it."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal
        self.count, self.longest = 0, 0.0

    def decide(self) -> None:
        began = time.monotonic()
        try:
            with self._journal.transaction() as tx:
                tx.cursors.set("benchmark", self.count)
        except JournalBusy:
            # It decides from memory then, and tries again in a moment.
            self.longest = max(self.longest, time.monotonic() - began)
            return
        self.count += 1
        self.longest = max(self.longest, time.monotonic() - began)


async def _close(
    url: str, folder: Path, core: _Core, is_over: Callable[[], bool]
) -> Closing | None:
    """None where it was ended before it was done."""
    closing = asyncio.create_task(ClosesBeside(url, folder, SystemClock()).close(_MONTH, NOW))
    while not closing.done() and not is_over():
        await asyncio.to_thread(core.decide)
        await asyncio.sleep(_EVERY_S)
    if not closing.done():
        closing.cancel()
    try:
        return await closing
    except (asyncio.CancelledError, ClosingFailed):
        return None


def _half(folder: Path, size: Size) -> Callable[[], bool]:
    parts = closing_dir(folder, str(_MONTH))
    return lambda: parts.exists() and len(list(parts.iterdir())) * 500 * 2 > size.contracts


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
