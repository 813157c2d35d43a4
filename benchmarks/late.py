"""Late results of many checks on every day of a log, folded again between the core's ticks.

A month is simulated first (as `python -m benchmarks month` does). Then one result of each check and
day comes late, and everything is folded again. Printed are the longest step, for which a decision
may have to wait, and what the whole takes.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from pathlib import Path

from benchmarks import month
from monitor.catalogues.in_force import Catalogues
from monitor.demo.past import SimulatedClock
from monitor.domain.checks.observation import LOCAL, Outcome, Result
from monitor.domain.time.interval import Second
from monitor.evaluation.reprocess import Reprocessing
from monitor.evaluation.tick import Core
from monitor.incidents.writer import IncidentWriter
from monitor.journal.access import SqlJournal, open_journal, open_lease
from monitor.results.log.result_log import SqliteResultLog, open_log, open_reader
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.registries import all_failures
from monitor.roles.settings import journal_url, log_file
from monitor.runtime.processes.process import tune_gc
from monitor.runtime.system_clock import SystemClock

MUST_MS = 100
_DAY = 86_400


def run(plan: month.Plan) -> int:
    """Run in an empty folder; return 1 where a step took too long."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    now = SystemClock().now()
    begin, end = Second(now - plan.days * _DAY), Second(now - now % 600)
    month.simulate(plan, begin, end)
    url = journal_url(plan.folder, None)
    with open_lease(url) as epoch, open_journal(url, epoch=epoch) as journal:
        catalogues = RevisionReader(journal).read()
        log = open_log(log_file(plan.folder))
        _append_late(log, catalogues, begin, end)
        log.close()
        return _fold_again(journal, catalogues, plan.folder, end)


def _append_late(log: SqliteResultLog, catalogues: Catalogues, begin: Second, end: Second) -> None:
    """A result of each check on every day, between two others."""
    for at in range(begin + _DAY // 2, end, _DAY):
        log.append(
            [
                Result(check=check.id, location=LOCAL, slot=Second(at + 1), revision=1,
                       outcome=Outcome.UP, failure=None)
                for check in catalogues.at(end).checks
            ],
            {},
        )  # fmt: skip


def _fold_again(journal: SqlJournal, catalogues: Catalogues, folder: Path, end: Second) -> int:
    reader, clock = open_reader(log_file(folder)), SimulatedClock(end)
    core = Core(
        journal=journal,
        log=reader,
        catalogues=catalogues,
        incident_writer=IncidentWriter(failures=all_failures()),
        clock=clock,
    )
    clock.put(Second(end + 60))
    while core.tick().backlog:
        pass
    job = Reprocessing(core=core, journal=journal, log=reader, clock=clock)
    steps: list[float] = []
    tune_gc()  # as the role does
    began, spent = time.monotonic(), time.process_time()
    while not job.is_done:
        step = time.process_time()
        job.step()
        steps.append(1000 * (time.process_time() - step))
    figures = {
        "rows": reader.depth(0),
        "steps": len(steps),
        "step, median ms": round(statistics.median(steps), 2),
        "step, worst ms": round(max(steps), 1),
        "CPU s": round(time.process_time() - spent, 1),
        "s": round(time.monotonic() - began, 1),
        "corrected": len(job.corrected),
        "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }
    for name, value in figures.items():
        sys.stdout.write(f"{name}: {value}\n")
    return 0 if max(steps) <= MUST_MS else 1
