"""Simulates the past: scripted results go through log, fold, journal and incidents on a simulated
clock.

Nothing is written but by the parts that write when the product runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from monitor.demo.script import scripted_observation
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import LOCAL, Result
from monitor.domain.time.interval import Second
from monitor.evaluation.tick import Core
from monitor.incidents.writer import IncidentWriter
from monitor.journal.access import open_journal, open_lease
from monitor.results.log.result_log import open_log, open_reader
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.core.configuration import store_revision
from monitor.roles.journal import prepare_journal
from monitor.roles.registries import all_failures
from monitor.roles.settings import journal_url, log_file

_STEP = 600
"""Simulated seconds between two ticks: the past is decided nearly as finely as the present."""


class SimulatedClock:
    """Shows the time that it was put to."""

    def __init__(self, now: Second) -> None:
        self._now = now

    def put(self, now: Second) -> None:
        self._now = now

    def now(self) -> Second:
        return self._now

    def wall(self) -> float:
        return float(self._now)

    def monotonic(self) -> float:
        return float(self._now)

    def boottime(self) -> float:
        return float(self._now)

    def boot_id(self) -> str:
        return "simulated"


def simulate_past(
    data_dir: Path,
    *,
    past_text: str,
    live_text: str,
    begin: Second,
    end: Second,
    progress: Callable[[float], None],
) -> None:
    """Simulate from `begin` to `end` under the past's configuration; then put the present's in
    force."""
    url = journal_url(data_dir, None)
    prepare_journal(url)
    clock = SimulatedClock(begin)
    with open_lease(url) as epoch, open_journal(url, epoch=epoch) as journal:
        with journal.transaction() as tx:
            stored = store_revision(tx, past_text, begin, begin)
        catalogues = RevisionReader(journal).read()
        log = open_log(log_file(data_dir), clock=clock)
        reader = open_reader(log_file(data_dir))
        core = Core(
            journal=journal,
            log=reader,
            catalogues=catalogues,
            incident_writer=IncidentWriter(failures=all_failures()),
            clock=clock,
        )
        checks = catalogues.at(begin).checks
        for start in range(begin, end, _STEP):
            stop = Second(min(start + _STEP, end))
            # No slot lies ahead of the clock at which it is logged.
            clock.put(stop)
            log.append(list(_results(checks, Second(start), stop, end, stored.number)), {})
            while core.tick().backlog:
                pass
            progress((stop - begin) / (end - begin))
        log.close()
        with journal.transaction() as tx:
            store_revision(tx, live_text, end, end)


def _results(
    checks: tuple[Check, ...], start: Second, stop: Second, present: Second, revision: int
) -> Iterator[Result]:
    slots = [
        (Second(slot), check)
        for offset, check in enumerate(checks)
        for slot in range(start + offset * 7 % check.interval, stop, check.interval)
    ]
    slots.sort(key=lambda due: due[0])
    for slot, check in slots:
        observation = scripted_observation(check.id, present - slot)
        if observation is not None:
            yield Result(
                check=check.id,
                location=LOCAL,
                slot=slot,
                revision=revision,
                outcome=observation.outcome,
                failure=observation.failure,
                message=observation.message,
                phases_ms={"connect": 1.0},
            )
