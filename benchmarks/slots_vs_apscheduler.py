"""What it costs to begin a job: the timer wheel beside APScheduler, in pairs, in one run.

`python -m benchmarks.slots_vs_apscheduler [--jobs N] [--seconds S] [--pairs P]`

Each side is a process of its own that begins a coroutine for every job that is due (50 000 jobs
each 20 s: 2 500 a second), on the same loop; CPU (user and system) of the measured seconds, by the
jobs that began in them. Scheduling the jobs is not counted on either side. APScheduler runs twice:
each job at a time of its own, as anybody would schedule them, and with all of them on our grid.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from zoneinfo import ZoneInfo

from monitor.domain.catalogue import Catalogue, CatalogueRevision, Check, Operations, Page
from monitor.domain.checks.fold import Policy
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from monitor.runtime.system_clock import SystemClock
from monitor.scheduling.scheduler import ScheduledRun, Scheduler
from monitor.scheduling.timer_wheel import GRID_S

INTERVAL_S = 20
WARM_UP_S = 2.0


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Meter:
    """Jobs that began, and CPU, since `reset`."""

    def reset(self) -> None:
        self.begun, self.cpu_s = 0, cpu_s()

    def read(self) -> dict[str, float]:
        used = cpu_s() - self.cpu_s
        return {"jobs": self.begun, "us_per_job": used / max(1, self.begun) * 1e6}


async def run_slots(jobs: int, seconds: float) -> dict[str, float]:
    meter, slots = Meter(), Scheduler(SystemClock())
    slots.adopt([_catalogue(jobs)])
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()

    async def job(scheduled_run: ScheduledRun) -> None:
        meter.begun += 1
        slots.ended(scheduled_run)
        slots.logged(scheduled_run)

    def tick() -> None:
        for scheduled_run in slots.take():
            task = loop.create_task(job(scheduled_run))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        loop.call_later(max(0.0, slots.wake_at() - monotonic()), tick)

    tick()
    read = await _measure(meter, seconds)
    return {**read, "missed": slots.missed}


async def run_apscheduler(jobs: int, seconds: float, grid_s: float = 0.0) -> dict[str, float]:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler
    from apscheduler.triggers.interval import IntervalTrigger

    meter = Meter()
    meter.reset()

    async def job() -> None:
        meter.begun += 1

    scheduler = AsyncIOScheduler(timezone=UTC)
    trigger = IntervalTrigger(seconds=INTERVAL_S, timezone=UTC)
    start = datetime.now(UTC) + timedelta(seconds=INTERVAL_S / 2)  # noqa: TID251 - its own clock
    for number in range(jobs):
        place = INTERVAL_S * number / jobs
        first = start + timedelta(seconds=place - place % grid_s if grid_s else place)
        scheduler.add_job(job, trigger, next_run_time=first, misfire_grace_time=INTERVAL_S)
    scheduler.start()
    await asyncio.sleep(max(0.0, (start - datetime.now(UTC)).total_seconds()))  # noqa: TID251
    read = await _measure(meter, seconds)
    scheduler.shutdown(wait=False)
    return {**read, "missed": 0}


async def _measure(meter: Meter, seconds: float) -> dict[str, float]:
    meter.reset()
    await asyncio.sleep(WARM_UP_S)
    meter.reset()
    await asyncio.sleep(seconds)
    return meter.read()


def _catalogue(jobs: int) -> CatalogueRevision:
    policy = Policy(interval=INTERVAL_S, max_gap=3 * INTERVAL_S)
    checks = tuple(
        Check(
            id=CheckId(f"job-{number}"), component=ComponentId("bench"), kind="none", spec=None,
            policy=policy, timeout_s=10.0,
        )
        for number in range(jobs)
    )  # fmt: skip
    catalogue = Catalogue(
        zone=ZoneInfo("UTC"),
        page=Page(name=plain("bench"), company="bench", url="https://bench.example"),
        checks=checks,
        operations=Operations(max_concurrent=jobs),
    )
    return CatalogueRevision(
        number=1, hash="", text="", effective_from=Second(0), catalogue=catalogue
    )


SIDES: dict[str, Callable[[int, float], Awaitable[dict[str, float]]]] = {
    "apscheduler": run_apscheduler,
    "apscheduler on the grid": partial(run_apscheduler, grid_s=GRID_S),
    "slots": run_slots,
}


def _measure_side(side: str, jobs: int, seconds: float) -> dict[str, float]:
    """One side in a fresh process."""
    command = [
        sys.executable, "-m", "benchmarks.slots_vs_apscheduler", "--side", side,
        "--jobs", str(jobs), "--seconds", str(seconds),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _run_side(side: str, jobs: int, seconds: float) -> None:
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop

    async def run() -> dict[str, float]:
        return await SIDES[side](jobs, seconds)

    with asyncio.Runner(loop_factory=factory) as runner:
        print(json.dumps(runner.run(run())))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        _run_side(given.side, given.jobs, given.seconds)
        return
    ratios: dict[str, list[float]] = {side: [] for side in SIDES if side != "slots"}
    for pair in range(1, given.pairs + 1):
        results = {side: _measure_side(side, given.jobs, given.seconds) for side in SIDES}
        summary = ", ".join(
            f"{side} {s['us_per_job']:.1f} µs x {s['jobs']:.0f}" for side, s in results.items()
        )
        print(f"pair {pair}: {summary}, missed {results['slots']['missed']:.0f}")
        for side, found in ratios.items():
            found.append(results[side]["us_per_job"] / results["slots"]["us_per_job"])
    for side, found in ratios.items():
        spread = f"{min(found):.1f} to {max(found):.1f}"
        print(f"{side} / slots: median {statistics.median(found):.1f} ({spread})")
    print("wanted 4, hoped for 12")


if __name__ == "__main__":
    main()
