"""The prober role: slots → probe → result log. It starts from the compiled catalogue alone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.catalogues.file import CatalogueUnreadable
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Operations
from monitor.domain.checks.connectivity import Controls
from monitor.domain.checks.observation import LOCAL
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Second
from monitor.evaluation.dirty_days import BACK, LEAD
from monitor.net.address_guard import Guard
from monitor.net.poller import held_open
from monitor.net.reach import ReachabilityTest
from monitor.net.resolve.control_names import query_controls
from monitor.net.resolve.resolver import Resolver
from monitor.net.transport import Transport
from monitor.registry import Lazy
from monitor.results.log.ack_ledger import ledger_from_environment
from monitor.results.log.ports import LogFull
from monitor.results.log.result_log import (
    LogTaken,
    SqliteResultLog,
    begins_after,
    open_log,
)
from monitor.results.log.set_aside import FileId
from monitor.results.log.writer import LogWriter
from monitor.roles.catalogues.watcher import CatalogueWatch
from monitor.roles.exit_codes import EXIT_CANNOT_RUN
from monitor.roles.log_damage import reported_damage
from monitor.roles.prober.collector import gather
from monitor.roles.settings import catalogue_file, log_file
from monitor.roles.starting import begin_role, role_parser
from monitor.runtime.plain_logs import configure_plain_logs
from monitor.runtime.processes.process import tune_gc
from monitor.runtime.system_clock import SystemClock
from monitor.scheduling.check_run import UnusableProbe
from monitor.scheduling.era_keeper import EraKeeper, LogEnd
from monitor.scheduling.own_line import ResolverCheck
from monitor.scheduling.probe_state import ProbeStates
from monitor.scheduling.runner import Runner
from monitor.scheduling.scheduler import Scheduler
from monitor.scheduling.stalls import StallDetector
from probes.registry import PROBES

METRICS_EVERY_S = 5.0
WATCH_EVERY_S = 0.5
_SPECS: Mapping[str, type[Any]] = Lazy(PROBES, lambda kind: kind.spec)
_log = logging.getLogger("prober")


class ProberRole:
    """One prober: the runner, the writer beside it, and the watch on the catalogue's file."""

    def __init__(self, data_dir: Path, log: SqliteResultLog) -> None:
        self._clock = SystemClock()
        self._data_dir = data_dir
        self._log = log
        self._reported_damage: FileId | None = None
        """The damaged file that the core reported last."""
        self._watched = CatalogueWatch(catalogue_file(data_dir), _SPECS)
        self._keep_days = 35
        self._catalogues: Catalogues | None = None
        self._operations: Operations | None = None
        self._stop = asyncio.Event()
        self._failure: Exception | None = None
        self._started_at = self._clock.now()
        self._transport = Transport(wall=self._clock.wall)
        self._writer = LogWriter(
            log,
            keep_days=lambda: self._keep_days,
            acknowledge=ledger_from_environment(),
            on_failure=self._fail_soon,
        )
        self._lost_until = log.lost_until
        self._stalls = StallDetector()
        self._eras = EraKeeper(
            self._clock,
            LogEnd(eras=log.eras(), anchor=log.anchor(), newest=log.newest_slot()),
            offer=self._writer.begin_era,
            may_follow=self._may_follow,
        )
        log.count = self._eras.time.count
        self._slots = self._make_scheduler()
        self._runner = self._make_runner()

    def _make_scheduler(self) -> Scheduler:
        return Scheduler(
            self._clock,
            location=LOCAL,
            time=self._eras.time,
            era=self._eras.number,
            begin_era=self._eras.step,
        )

    def _make_runner(self) -> Runner:
        states = self._log.probe_states().items()
        own = {check: state for (check, place), state in states if place == LOCAL}
        return Runner(
            clock=self._clock,
            slots=self._slots,
            probes=Lazy(PROBES, lambda kind: kind.build(self._transport), UnusableProbe),
            reach=ReachabilityTest(self._transport, self._stalls.lost_s),
            resolver=ResolverCheck(self._query_controls),
            offer=self._writer.offer,
            probe_states=ProbeStates(own),
            stalls=self._stalls,
        )

    async def run(self) -> None:
        """Until SIGTERM; the check runs under way end, and their results are written."""
        self._loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(signum, self._stop.set)
        # SIGHUP is for the core: what the core compiles comes by file.
        self._loop.add_signal_handler(signal.SIGHUP, lambda: None)
        self._writer.start()
        try:
            async with asyncio.TaskGroup() as group:
                background = [group.create_task(self._watch()), group.create_task(self._report())]
                with held_open():
                    await self._runner.run(self._stop)
                for task in background:
                    task.cancel()
        finally:
            self._writer.stop()
        if self._failure is not None:
            raise self._failure

    async def _watch(self) -> None:
        """Adopt a new catalogue when the core has renamed one in."""
        while True:
            before = self._catalogues
            self.follow()
            if self._catalogues is not before:
                tune_gc()
            await asyncio.sleep(WATCH_EVERY_S)

    def follow(self) -> None:
        """Read the catalogue's file if it is another; follow what is in force now."""
        self._read_file()
        self._follow_operations()

    def _read_file(self) -> None:
        try:
            revisions = self._watched.read_new()
        except CatalogueUnreadable as error:
            # What was read before stays in force.
            _log.error("catalogue.unreadable", extra={"error": str(error)})
            return
        if revisions is not None:
            self._catalogues = Catalogues(revisions)
            self._runner.adopt(revisions)
            _log.info("catalogue.taken", extra={"revision": revisions[-1].number})

    def _follow_operations(self) -> None:
        """A revision is handed over before it comes into force, and the file is not written again
        when it does. What it says of the role itself applies from that second on."""
        if self._catalogues is None:
            return
        operations = self._catalogues.present(self._clock.now()).catalogue.operations
        if operations != self._operations:
            self._operations = operations
            self._transport.guard = Guard(operations.allow_private)
            self._transport.resolver = Resolver(servers=operations.resolver.servers)
            self._keep_days = operations.result_days

    async def _report(self) -> None:
        while True:
            metrics = gather(
                self._runner.counters,
                self._slots,
                self._writer,
                self._stalls,
                started_at=self._started_at,
                now=read_clock(self._clock),
            )
            self._writer.note(metrics, self._eras.anchor())
            self._set_damage_aside()
            await asyncio.sleep(METRICS_EVERY_S)

    def _set_damage_aside(self) -> None:
        """Set aside a log that the core cannot read, for the prober alone may write it."""
        damaged = reported_damage(self._data_dir)
        if damaged is not None and damaged != self._reported_damage:
            self._reported_damage = damaged
            self._writer.ask(lambda: self._log.set_aside(damaged))

    def _fail_soon(self, error: Exception) -> None:
        """The log's thread has ended: end too, so that the role is started anew."""
        self._failure = error
        self._loop.call_soon_threadsafe(self._stop.set)

    def _may_follow(self, at: Second) -> bool:
        """A clock that goes back to where the past cannot be folded again is not believed."""
        lost_until = self._lost_until()
        return at >= lost_until + BACK + LEAD or not lost_until

    async def _query_controls(self) -> Controls:
        settings = (self._operations or Operations()).resolver
        resolver = self._transport.resolver
        found = await query_controls(
            resolver.settings.nameservers, settings.controls, settings.timeout_s
        )
        resolver.doubt(found)
        return found


def run_prober(data_dir: Path) -> int:
    """Probe until SIGTERM; the exit code. Waits for the first catalogue, and for a disk with
    room for the log."""
    try:
        log = open_log(log_file(data_dir), after=begins_after(SystemClock().now()))
    except LogTaken as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CANNOT_RUN
    except (LogFull, OSError) as error:
        _log.error("log.full", extra={"error": str(error)})
        return 1
    except sqlite3.DatabaseError as error:
        sys.stderr.write(f"{log_file(data_dir)} is no log of this version ({error})\n")
        return EXIT_CANNOT_RUN
    with contextlib.closing(log), asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(_run(data_dir, log))
    return 0


async def _run(data_dir: Path, log: SqliteResultLog) -> None:
    await ProberRole(data_dir, log).run()


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed (extra `speed`), else asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def main(argv: list[str] | None = None) -> int:
    given = begin_role(role_parser("prober"), argv, lambda: configure_plain_logs("prober"))
    return run_prober(given.data_dir)


if __name__ == "__main__":
    raise SystemExit(main())
