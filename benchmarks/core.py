"""What the core does for a result and for a rendering, at a steady rate, on a simulated clock.

Results are appended to a real log as the prober's writer does; after each half second of them the
core ticks, and after each minute it renders. Both are measured alone: CPU of this process, and with
`--calls` the number of function calls, which no other load on the machine can change. Of two
versions compare the calls; compare CPU only in interleaved pairs.
"""

from __future__ import annotations

import asyncio
import cProfile
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.stage import Site, product_config
from monitor.demo.past import SimulatedClock
from monitor.domain.checks.observation import LOCAL, CheckId, Outcome, Result
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Second
from monitor.evaluation.tick import Core
from monitor.incidents.writer import IncidentWriter
from monitor.journal.access import open_journal, open_lease
from monitor.results.log.result_log import open_log, open_reader
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.core.configuration import store_revision
from monitor.roles.core.pages.rendering import Renderer
from monitor.roles.journal import prepare_journal
from monitor.roles.registries import all_failures
from monitor.roles.settings import journal_url, log_file
from monitor.runtime.processes.process import tune_gc

_T = TypeVar("_T")
_BEGIN = Second(1_764_000_000)
_INTERVAL = 20
_COMPONENTS = 100


@dataclass(slots=True)
class _Measure:
    """CPU and calls of what is measured, without what lies between."""

    is_counting: bool
    cpu_s: float = 0.0
    _profile: cProfile.Profile = field(default_factory=cProfile.Profile)

    def of(self, work: Callable[[], _T]) -> _T:
        began = time.process_time()
        try:
            return self._profile.runcall(work) if self.is_counting else work()
        finally:
            self.cpu_s += time.process_time() - began

    def each(self, number: int) -> str:
        if not self.is_counting:
            return f"{self.cpu_s / number * 1e6:.1f} us of CPU"
        calls = sum(entry.callcount for entry in self._profile.getstats())
        return f"{calls / number:.1f} calls"


def run(*, rate: int, warm_s: int, seconds: int, is_counting: bool) -> int:
    """Print what a result and a rendering take, after `warm_s` seconds of the product's life."""
    ticks, renderings = _Measure(is_counting), _Measure(is_counting)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        _live(Path(folder), rate, warm_s, seconds, ticks, renderings)
    sys.stdout.write(
        f"a result: {ticks.each(rate * seconds)} (of {rate * seconds}, {rate}/s)\n"
        f"a rendering: {renderings.each(-(-seconds // 60))} ({_COMPONENTS} components)\n"
    )
    return 0


def _live(
    folder: Path, rate: int, warm_s: int, seconds: int, ticks: _Measure, renderings: _Measure
) -> None:
    url, clock = journal_url(folder, None), SimulatedClock(_BEGIN)
    prepare_journal(url)
    with open_lease(url) as epoch, open_journal(url, epoch=epoch) as journal:
        with journal.transaction() as tx:
            store_revision(tx, _config(folder, rate), _BEGIN, _BEGIN)
        catalogues = RevisionReader(journal).read()
        log, reader = open_log(log_file(folder), clock=clock), open_reader(log_file(folder))
        core = Core(
            journal=journal,
            log=reader,
            catalogues=catalogues,
            incident_writer=IncidentWriter(failures=all_failures()),
            clock=clock,
        )
        renderer = Renderer(journal, folder, clock, thread=_Inline())
        checks = [check.id for check in catalogues.at(_BEGIN).checks]
        rng = random.Random(7)  # noqa: S311 - a script, not a secret
        tune_gc()  # as the role does
        for second in range(warm_s + seconds):
            is_measured = second >= warm_s
            for half in (0, 1):
                clock.put(Second(_BEGIN + second + half))
                log.append(_results(checks, rate, second, half, rng), {})
                _do(ticks if is_measured else None, lambda: _tick(core))
            if second % 60 == 0:
                _do(renderings if is_measured else None, lambda: _render(renderer, core, clock))
        log.close()


def _do(measure: _Measure | None, work: Callable[[], object]) -> None:
    _ = work() if measure is None else measure.of(work)


def _tick(core: Core) -> None:
    while core.tick().backlog:
        pass


def _render(renderer: Renderer, core: Core, clock: SimulatedClock) -> None:
    async def inline(work: Callable[[], _T]) -> _T:
        return work()

    asyncio.run(renderer.render(core, read_clock(clock), inline))


def _results(
    checks: Sequence[CheckId], rate: int, second: int, half: int, rng: random.Random
) -> list[Result]:
    """Those of one half second, all up: nearly all results are."""
    first = second * rate + half * rate // 2
    last = second * rate + (half + 1) * rate // 2
    return [
        Result(
            check=checks[number % len(checks)],
            location=LOCAL,
            slot=Second(_BEGIN + second),
            revision=1,
            outcome=Outcome.UP,
            phases_ms={"resolve": 0.2, "connect": 0.4, "processing": rng.uniform(1, 30)},
            evidence={"status": 200, "address": "127.0.0.1", "bytes": 2},
        )
        for number in range(first, last)
    ]


def _config(folder: Path, rate: int) -> str:
    return product_config(
        Site(folder, 9, 9), checks=rate * _INTERVAL, interval=_INTERVAL, components=_COMPONENTS,
        is_tls=False, page=8081, ops=8082,
    )  # fmt: skip


class _Inline(Executor):
    """Does the work at once, in this thread, where it is counted."""

    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]:
        done: Future[_T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done
