"""The prober role: slots → probe → result log. It starts from the compiled catalogue alone."""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import signal
from pathlib import Path

import structlog

from monitor.adapters.catalogue_file import CatalogueUnreadable, read_assignments, read_operations
from monitor.adapters.clock import SystemClock
from monitor.adapters.log_writer import Acknowledge, LogWriter, acknowledge_to
from monitor.adapters.result_log import open_log
from monitor.bootstrap.logs import configure_logs
from monitor.bootstrap.settings import catalogue_file, log_file
from monitor.domain.interval import Second
from monitor.engine.runner import Runner
from monitor.net.guard import Guard
from monitor.net.reach import can_reach
from monitor.net.transport import Transport
from monitor.ports.clock import Clock
from monitor.ports.results import Figures
from probes.registry import PROBES

FIGURES_EVERY = 2.0
_WATCH_EVERY = 0.5
_DAY = 86_400


class ProberRole:
    """One prober: the runner, the writer beside it, and the watch on the catalogue's file."""

    def __init__(self, data_dir: Path, acknowledge: Acknowledge | None) -> None:
        self._clock: Clock = SystemClock()
        self._path = catalogue_file(data_dir)
        self._events = structlog.get_logger()
        self._seen: tuple[int, int] | None = None
        self._keep_days = 35
        self._log = open_log(log_file(data_dir))
        self._writer = LogWriter(self._log, keep_from=self._keep_from, acknowledge=acknowledge)
        self._transport = Transport(wall=self._clock.wall)
        self._runner = Runner(
            clock=self._clock,
            probes={name: kind.build(self._transport) for name, kind in PROBES.items()},
            reach=self._reach,
            offer=self._writer.offer,
            memories=self._log.memories(),
        )
        self._started_at = self._clock.now()

    async def run(self) -> None:
        """Until SIGTERM; the looks under way end, and what they saw is written."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, stop.set)
        self._writer.start()
        watching = asyncio.create_task(self._watch())
        reporting = asyncio.create_task(self._report())
        try:
            await self._runner.run(stop)
        finally:
            for task in (watching, reporting):
                task.cancel()
            await asyncio.gather(watching, reporting, return_exceptions=True)
            self._writer.stop()
            self._log.close()

    async def _watch(self) -> None:
        """Take a new catalogue up when the core has renamed one in."""
        while True:
            self._look_at_file()
            await asyncio.sleep(_WATCH_EVERY)

    def _look_at_file(self) -> None:
        try:
            stat = self._path.stat()
            if (stat.st_mtime_ns, stat.st_ino) == self._seen:
                return
            self._seen = (stat.st_mtime_ns, stat.st_ino)
            found = read_assignments(self._path, lambda kind: PROBES[kind].spec)
            operations = read_operations(self._path)
        except FileNotFoundError:
            return
        except CatalogueUnreadable as error:
            self._events.error("catalogue.unreadable", error=str(error))
            return
        self._transport.guard = Guard(operations.allow_private)
        self._keep_days = operations.result_days
        self._runner.assign(found)
        self._events.info("catalogue.taken", revisions=[a.revision for a in found])

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(FIGURES_EVERY)
            self._writer.note(self._figures())

    def _figures(self) -> Figures:
        tally = self._runner.tally
        late = sorted(tally.lateness_ms)
        used = resource.getrusage(resource.RUSAGE_SELF)
        return Figures(
            at=self._clock.now(),
            started_at=self._started_at,
            lateness_p50_ms=late[len(late) // 2] if late else 0.0,
            lateness_p99_ms=late[int(len(late) * 0.99)] if late else 0.0,
            loop_lag_ms=tally.loop_lag_ms,
            missed=tally.missed,
            started=tally.started,
            finished=tally.finished,
            unwritten=self._writer.unwritten,
            wall_steps=self._runner.wheel.wall_steps,
            last_wall_step_s=self._runner.wheel.last_step_s,
            cpu_s=used.ru_utime + used.ru_stime,
            rss_bytes=used.ru_maxrss * 1024,
            extra={"lost": float(self._writer.lost)},
        )

    def _keep_from(self) -> Second:
        return Second(self._clock.now() - self._keep_days * _DAY)

    async def _reach(self, target: str, timeout_s: float) -> bool:
        return await can_reach(self._transport, target, timeout_s)


def _ledger() -> Acknowledge | None:
    """A test's parent may ask, through a descriptor, to be told what is on disk."""
    fd = os.environ.get("ESTADO_ACK_FD")
    return acknowledge_to(int(fd)) if fd else None


async def _run(data_dir: Path) -> None:
    await ProberRole(data_dir, _ledger()).run()


def _loop_factory() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def run_prober(data_dir: Path) -> int:
    with asyncio.Runner(loop_factory=_loop_factory) as runner:
        runner.run(_run(data_dir))
    return 0


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="estado run --role prober")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--data-dir", type=Path, required=True)
    given = parser.parse_args(argv)
    configure_logs("prober")
    given.data_dir.mkdir(parents=True, exist_ok=True)
    return run_prober(given.data_dir)


if __name__ == "__main__":
    raise SystemExit(main())
