"""A month of many checks, simulated with the parts that write when the product runs.

Results are appended to the result log as the prober's writer does, folded by the core, and counted
and forwarded by the parts of the store role. What each costs is printed. Afterwards the folder can
be asked about its history (`python -m benchmarks history`).
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.catalogues.file import write_catalogues
from monitor.demo.past import SimulatedClock
from monitor.domain.catalogue import Catalogue, Check
from monitor.domain.checks.observation import LOCAL, FailureId, Outcome, Result
from monitor.domain.time.interval import Second
from monitor.evaluation.tick import Core
from monitor.incidents.writer import IncidentWriter
from monitor.journal.access import open_journal, open_lease
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.forwarding.forwarder import BATCH, Forwarder
from monitor.results.log.lookup import SqliteResultLookup
from monitor.results.log.result_log import open_log, open_reader
from monitor.results.rollups.follower import RollupFollower
from monitor.results.rollups.rollup_store import RollupStore
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.core.configuration import store_revision
from monitor.roles.journal import prepare_journal
from monitor.roles.registries import all_failures
from monitor.roles.settings import catalogue_file, follower_file, journal_url, log_file
from monitor.roles.store.choice import Chosen, store_dependencies
from monitor.runtime.system_clock import SystemClock

_STEP = 600
_DAY = 86_400
_REPORT_EVERY = 144


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    folder: Path
    checks: int
    days: int
    interval: int
    store: str
    """A configuration's `store:` section as one line of YAML."""


def run(plan: Plan) -> int:
    """Make the month in an empty folder; the exit code."""
    if any(plan.folder.glob("*.db")):
        sys.stderr.write(f"{plan.folder} holds a month already; name an empty folder\n")
        return 2
    plan.folder.mkdir(parents=True, exist_ok=True)
    now = SystemClock().now()
    end = Second(now - now % _STEP)
    catalogue, rows = simulate(plan, Second(end - plan.days * _DAY), end)
    rollups = RollupStore(follower_file(plan.folder), is_remote=Chosen.of(catalogue).kind.is_remote)
    asyncio.run(_absorb(plan, catalogue, rollups, rows))
    if Chosen.of(catalogue).kind.is_remote:
        asyncio.run(_forward(plan, catalogue, rollups, rows))
    rollups.close()
    for file in sorted(plan.folder.glob("*.db")):
        _say(f"{file.name}: {file.stat().st_size / rows:.1f} bytes a result")
    return 0


def simulate(plan: Plan, begin: Second, end: Second) -> tuple[Catalogue, int]:
    """Append results to the log and run the core after them, step by step."""
    url = journal_url(plan.folder, None)
    prepare_journal(url)
    clock = SimulatedClock(begin)
    with open_lease(url) as epoch, open_journal(url, epoch=epoch) as journal:
        with journal.transaction() as tx:
            store_revision(tx, config_text(plan), begin, begin)
        catalogues = RevisionReader(journal).read()
        write_catalogues(catalogue_file(plan.folder), catalogues.revisions)
        log = open_log(log_file(plan.folder), clock=clock)
        reader = open_reader(log_file(plan.folder))
        core = Core(
            journal=journal,
            log=reader,
            catalogues=catalogues,
            incident_writer=IncidentWriter(failures=all_failures()),
            clock=clock,
        )
        checks = [_Story(check, seed) for seed, check in enumerate(catalogues.at(begin).checks)]
        rows, appended, folded = 0, _Spent(), _Spent()
        for n, start in enumerate(range(begin, end, _STEP)):
            # No slot is ahead of the clock by which it is logged.
            clock.put(Second(start + _STEP))
            batch = [r for story in checks for r in story.results(start, start + _STEP)]
            batch.sort(key=lambda result: result.slot)
            for first in range(0, len(batch), 1000):
                part = batch[first : first + 1000]
                appended.during(lambda part=part: log.append(part, {}))  # type: ignore[misc]
            rows += len(batch)
            folded.during(lambda: _tick(core))
            if n % _REPORT_EVERY == 0:
                _say(f"  {rows} results, day {n * _STEP // _DAY}")
        log.close()
    _say(f"log: {appended.us_each(rows)}; fold and journal: {folded.us_each(rows)}")
    return catalogues.at(end), rows


def _tick(core: Core) -> None:
    while core.tick().backlog:
        pass


async def _absorb(plan: Plan, catalogue: Catalogue, rollups: RollupStore, rows: int) -> None:
    lookup, follower_state, spent = (
        SqliteResultLookup(log_file(plan.folder)),
        FollowerState(follower_file(plan.folder)),
        _Spent(),
    )
    follower = RollupFollower(
        log=lookup, rollups=rollups, positions=follower_state, zone=catalogue.zone
    )
    with spent:
        while await follower.absorb():
            pass
    lookup.close()
    follower_state.close()
    _say(f"latencies: {spent.us_each(rows)}")


async def _forward(plan: Plan, catalogue: Catalogue, rollups: RollupStore, rows: int) -> None:
    chosen, clock = Chosen.of(catalogue), SystemClock()
    lookup, follower_state, spent = (
        SqliteResultLookup(log_file(plan.folder)),
        FollowerState(follower_file(plan.folder)),
        _Spent(),
    )
    async with chosen.kind.build(
        chosen.spec, store_dependencies(plan.folder, catalogue, clock)
    ) as store:
        forwarder = Forwarder(
            log=lookup,
            store=store,
            positions=follower_state,
            clock=clock,
            say=_event,
            reached=lambda _: None,
        )
        follower = RollupFollower(
            log=lookup, rollups=rollups, positions=follower_state, zone=catalogue.zone
        )
        with spent:
            while await forwarder.step() == 0.0:
                if forwarder.written % (200 * BATCH) == 0:
                    _say(f"  {forwarder.written} carried")
            while await follower.publish(store):
                pass
    lookup.close()
    follower_state.close()
    _say(f"carried to {chosen.kind.name}: {spent.us_each(rows)}")


class _Story:
    """The results of one check: mostly up, with an outage and a slow hour now and then."""

    def __init__(self, check: Check, seed: int) -> None:
        self._check = check
        self._rng = random.Random(seed)  # noqa: S311 - a script, not a secret
        self._phase = seed * 7 % check.interval
        self._mean = self._rng.uniform(2, 180)
        self._down_until = self._slow_until = 0

    def results(self, start: int, stop: int) -> Iterator[Result]:
        interval = self._check.interval
        first = start + (self._phase - start) % interval
        return (self._run(slot) for slot in range(first, stop, interval))

    def _run(self, slot: int) -> Result:
        rng = self._rng
        if slot > self._down_until and rng.random() < self._check.interval / (10 * _DAY):
            self._down_until = slot + rng.randrange(300, 3600)
        if slot > self._slow_until and rng.random() < self._check.interval / (5 * _DAY):
            self._slow_until = slot + rng.randrange(300, 3600)
        if slot < self._down_until:
            return self._result(slot, Outcome.DOWN)
        factor = 8 if slot < self._slow_until else 1
        took = self._mean * rng.lognormvariate(0, 0.35) * factor
        return self._result(
            slot,
            Outcome.UP,
            {"resolve": 0.2, "connect": round(took * 0.2, 3), "processing": round(took * 0.8, 3)},
        )

    def _result(
        self, slot: int, outcome: Outcome, phases: dict[str, float] | None = None
    ) -> Result:
        is_up = outcome is Outcome.UP
        return Result(
            check=self._check.id,
            location=LOCAL,
            slot=Second(slot),
            revision=1,
            outcome=outcome,
            failure=None if is_up else FailureId("conn_refused"),
            message="" if is_up else "127.0.0.1: connection refused",
            phases_ms=phases or {"resolve": 0.2},
            evidence={"status": 200} if is_up else {"attempts": [{"address": "127.0.0.1"}]},
        )


def config_text(plan: Plan) -> str:
    """One component a check, ten a service."""
    lines = [
        "page: {name: Banco, company: Prueba, url: 'http://127.0.0.1/'}",
        "timezone: America/Argentina/Buenos_Aires",
        "terms: [{id: default, guarantee: '0.9989'}]",
        f"store: {plan.store}",
        f"defaults: {{interval: {plan.interval}s, timeout: 5s, max_gap: {3 * plan.interval}s}}",
        "services:",
    ]
    for n in range(plan.checks):
        if n % 10 == 0:
            lines += [f"  - id: s{n}", f"    name: S{n}", "    components:"]
        check = f"{{id: k{n}, probe: tcp, target: '127.0.0.1:9'}}"
        lines.append(f"      - {{id: c{n}, name: C{n}, checks: [{check}]}}")
    return "\n".join(lines) + "\n"


class _Spent:
    """CPU time and wall time of this process, summed over intervals."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0

    def during(self, work: Callable[[], object]) -> None:
        with self:
            work()

    def __enter__(self) -> _Spent:
        self._cpu, self._wall = time.process_time(), time.monotonic()
        return self

    def __exit__(self, *error: object) -> None:
        self.cpu += time.process_time() - self._cpu
        self.wall += time.monotonic() - self._wall

    def us_each(self, rows: int) -> str:
        return f"{self.cpu / rows * 1e6:.1f} us of CPU a result ({rows / self.wall:.0f}/s)"


def _event(event: str, **fields: object) -> None:
    _say(f"  {event} {fields}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
