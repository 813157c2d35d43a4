"""The core role: fold, journal, incidents, dispatch, calendar, rendering."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import structlog

from monitor.adapters.calendar import Wakeups
from monitor.adapters.clock import SystemClock
from monitor.adapters.journal import open_journal, open_lease
from monitor.adapters.killpoints import reached
from monitor.adapters.ops.server import make_ops_app
from monitor.adapters.result_log import open_reader
from monitor.bootstrap.closing import MonthCloser
from monitor.bootstrap.configuration import Configuration
from monitor.bootstrap.core_figures import StoreStanding, disk_figures, process_figures
from monitor.bootstrap.dispatching import make_dispatcher, make_distress
from monitor.bootstrap.logs import SightLog, configure_logs
from monitor.bootstrap.registries import all_failures, declared_phases
from monitor.bootstrap.rendering import Renderer
from monitor.bootstrap.serving import serving_beside
from monitor.bootstrap.settings import (
    core_pid_file,
    journal_url,
    log_file,
    typed_options,
)
from monitor.bootstrap.storage import prepare_journal, revealed_url
from monitor.config import ConfigErrors
from monitor.domain.interval import Second
from monitor.domain.notification import Delivery
from monitor.domain.secret import SecretMissing
from monitor.engine.billing import BillingJournal
from monitor.engine.core import Core
from monitor.engine.correct import correct_late
from monitor.engine.dispatch import Dispatcher
from monitor.engine.distress import Trouble
from monitor.engine.figures import CoreFigures
from monitor.engine.last_looks import LastLooks
from monitor.engine.narrate import Narrator
from monitor.ports.journal import Deposed, JournalError
from monitor.ports.lease import LeaseTaken

_T = TypeVar("_T")
TICK = 0.25
DEAD_AFTER_S = 40.0
"""A database believes no longer than that in a core whose machine vanished."""
EXIT_CONFIG = 78
DISTRESS_EVERY = 5.0
SILENT_S = 5.0
"""A tick comes four times a second; so long without one, and the journal fails or hangs."""
NO_ROOM = 256 << 10
"""Bytes of room with which SQLite cannot be counted upon to commit."""
_PATIENCE = 2.0
"""How long who asks for figures waits for new ones."""


class CoreRole:
    """One core: its parts, and the loops that drive them. The journal is touched by one thread."""

    def __init__(
        self, journal: BillingJournal, configuration: Configuration, data_dir: Path
    ) -> None:
        self._journal = journal
        self._configuration = configuration
        self._data_dir = data_dir
        self._clock = SystemClock()
        self._log = structlog.get_logger()
        self._reader = open_reader(log_file(data_dir))
        self._store = StoreStanding(journal, data_dir)
        self._narrator = Narrator(failures=all_failures())
        self._started_at = self._clock.now()
        self._looks = LastLooks()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self.core = self._make_core()
        self._renderer = Renderer(journal, data_dir)
        self._figures: CoreFigures | None = None
        self._rendered_at: Second | None = None
        self._render_now = asyncio.Event()
        self._stop = asyncio.Event()
        self._ticked_at: Second | None = None
        self._alive_at = self._clock.monotonic()
        self._sight_log = SightLog()
        self._has_read_all = False
        self._closer = MonthCloser(journal, self._clock)

    async def run(self) -> None:
        """Until SIGTERM. Raises Deposed where another core has taken the journal."""
        self._loop = asyncio.get_running_loop()
        self._listen()
        dispatcher = self._dispatcher = make_dispatcher(
            self._journal,
            self._narrator,
            self._clock,
            lambda: self.core,
            self._reader,
            typed_options(self._configuration.path, self._data_dir),
        )
        async with self._ops_server(), self._wakeups():
            loops = [
                asyncio.create_task(self._tick_forever(), name="tick"),
                asyncio.create_task(self._render_forever(), name="render"),
                asyncio.create_task(dispatcher.run(self._on_thread), name="dispatch"),
                asyncio.create_task(self._watch_over(dispatcher), name="distress"),
            ]
            stopped = asyncio.create_task(self._stop.wait())
            done, _ = await asyncio.wait([*loops, stopped], return_when=asyncio.FIRST_COMPLETED)
            for task in [*loops, stopped]:
                task.cancel()
            await asyncio.gather(*loops, stopped, return_exceptions=True)
            for task in done - {stopped}:
                task.result()

    async def _watch_over(self, dispatcher: Dispatcher) -> None:
        """Tell operators from memory what the journal cannot keep."""
        distress = make_distress(dispatcher, lambda: self.core, self._clock)
        while True:
            distress.see(self._trouble())
            await distress.deliver()
            await asyncio.sleep(DISTRESS_EVERY)

    def _trouble(self) -> Trouble | None:
        disk = disk_figures(self._data_dir)
        if disk is not None and disk.free < NO_ROOM:
            return Trouble.FULL
        silent = self._clock.monotonic() - self._alive_at
        return Trouble.JOURNAL if silent > SILENT_S else None

    def _make_core(self) -> Core:
        return Core(
            journal=self._journal,
            log=self._reader,
            catalogues=self._configuration.catalogues,
            narrator=self._narrator,
            clock=self._clock,
            looks=self._looks,
        )

    async def _on_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _tick_forever(self) -> None:
        while True:
            started = self._clock.monotonic()
            try:
                ticked = await self._on_thread(self._tick)
            except Deposed:
                raise
            except JournalError as error:
                self._log.error("core.journal_failed", error=str(error))
                await self.begin_again()
                continue
            if ticked:
                continue
            await asyncio.sleep(max(0.01, TICK - (self._clock.monotonic() - started)))

    def _tick(self) -> bool:
        ticked = self.core.tick()
        self._alive_at = self._clock.monotonic()
        reached("core.tick.after")
        self._has_read_all = not ticked.backlog
        now = self._clock.now()
        if ticked.changed:
            self._wake_renderer()
            self._loop.call_soon_threadsafe(self._dispatcher.wake)
        self._ticked_at = now
        self._store.follow(self.core.held.catalogue, now)
        self._sight_log.tell(is_blind=self.core.held.sight.blind_since is not None)
        return ticked.backlog

    def _wake_renderer(self) -> None:
        """From the journal's thread: an event belongs to the loop's."""
        self._loop.call_soon_threadsafe(self._render_now.set)

    async def begin_again(self) -> None:
        """Until the journal answers: the core that failed holds more than the journal does, and a
        tick of it would save states without what was decided on the way to them."""
        while True:
            await asyncio.sleep(1)
            try:
                self.core = await self._on_thread(self._make_core)
            except Deposed:
                raise
            except JournalError as error:
                self._log.error("core.journal_failed", error=str(error))
            else:
                return

    async def _figures_now(self) -> CoreFigures | None:
        """Gathered when somebody asks: nothing is counted for nobody. Where the journal is stuck or
        fails, the last ones, with how long that has been so."""
        try:
            async with asyncio.timeout(_PATIENCE):
                self._figures = await self._on_thread(self._count)
        except (TimeoutError, JournalError):
            if self._figures is None or self._ticked_at is None:
                return None
            return replace(self._figures, ticked_at=self._ticked_at, rendered_at=self._rendered_at)
        return self._figures

    def _count(self) -> CoreFigures | None:
        if self._ticked_at is None:
            return None
        now, held = self._clock.now(), self.core.held
        in_force = held.catalogues.in_force(now)
        with self._journal.transaction() as tx:
            incidents = tx.incidents.unresolved()
            counts = tx.outbox.counts()
        return CoreFigures(
            at=now,
            ticked_at=self._ticked_at,
            rendered_at=self._rendered_at,
            is_blind=held.sight.blind_since is not None,
            log_depth=self._reader.depth(held.cursor),
            revision=in_force.number,
            sent=counts.get(Delivery.SENT, 0),
            owed=counts.get(Delivery.PENDING, 0),
            given_up=counts.get(Delivery.FAILED, 0),
            catalogue=in_force.catalogue,
            states=dict(held.states),
            looks=self._looks.copy(),
            standings=dict(held.standings),
            incidents=incidents,
            view=self._renderer.last_view,
            prober=self._reader.figures(),
            process=process_figures(self._started_at),
            disk=disk_figures(self._data_dir),
            store=self._store.figures,
        )

    async def _render_forever(self) -> None:
        while True:
            self._render_now.clear()
            began = self._clock.monotonic()
            try:
                self._rendered_at = await self._renderer.render(
                    self.core, self._clock.now(), self._on_thread
                )
            except (JournalError, OSError) as error:
                self._log.error("core.render_failed", error=str(error))
                await asyncio.sleep(1)
                continue
            spent = self._clock.monotonic() - began
            await self._render_now.wait()
            # A burst of transitions is one render, and a large page takes no more than a third of
            # a core however fast things change.
            await asyncio.sleep(max(0.2, 2 * spent))

    async def _each_minute(self) -> None:
        self._render_now.set()
        await self._on_thread(self._correct)
        # What the log still holds of a month belongs into its report.
        if self._has_read_all:
            await self._closer.close_due(self.core.held.catalogues, self._on_thread)

    def _correct(self) -> None:
        try:
            with self._journal.transaction() as tx:
                corrected = correct_late(
                    tx, self._reader, self.core.held.catalogues.check, self._clock.now()
                )
        except JournalError as error:
            self._log.error("core.correction_failed", error=str(error))
            return
        if corrected:
            self._renderer.forget_past()
            self.core = self._make_core()

    def _wakeups(self) -> Wakeups:
        wakeups = Wakeups(self.core.held.catalogue.zone)
        wakeups.each_minute("minute", self._each_minute)
        return wakeups

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stop.set)
        loop.add_signal_handler(
            signal.SIGHUP, lambda: loop.create_task(self._on_thread(self._reload))
        )

    def _reload(self) -> None:
        """A new configuration is one event; a bad file changes nothing and says so."""
        try:
            difference = self._configuration.reload(self._journal, self._clock.now())
        except (ConfigErrors, OSError) as error:
            self._log.error("config.refused", error=str(error))
            return
        except JournalError as error:
            self._log.error("config.not_kept", error=str(error))
            return
        self.core.adopt(self._configuration.catalogues)
        self._log.info("config.taken", difference=difference)
        self._wake_renderer()

    def _ops_server(self) -> AbstractAsyncContextManager[None]:
        operations = self.core.held.catalogue.operations
        app = make_ops_app(self._figures_now, self._clock, declared_phases())
        return serving_beside(app, operations.ops_host, operations.ops_port)


def run_core(config: Path, data_dir: Path) -> int:
    """Run one core in this process; the exit code."""
    log = structlog.get_logger()
    clock = SystemClock()
    try:
        configuration = Configuration.read(config, data_dir)
    except (ConfigErrors, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIG
    configured = configuration.first.operations.journal_url
    try:
        url = revealed_url(journal_url(data_dir, configured))
        prepare_journal(url)
        lease = open_lease(url, patience_s=DEAD_AFTER_S)
        with lease as epoch, open_journal(url, epoch=epoch, lease=lease) as journal:
            configuration.begin(journal, clock.now())
            core_pid_file(data_dir).write_text(f"{os.getpid()}\n")
            asyncio.run(_run(journal, configuration, data_dir))
    except (LeaseTaken, SecretMissing, ConfigErrors) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIG
    except Deposed as error:
        log.error("core.deposed", error=str(error))
        return 1
    except JournalError as error:
        log.error("core.no_journal", error=str(error))
        return 1
    return 0


async def _run(journal: BillingJournal, configuration: Configuration, data_dir: Path) -> None:
    await CoreRole(journal, configuration, data_dir).run()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="estado run --role core")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    given = parser.parse_args(argv)
    os.umask(0o027)
    configure_logs("core")
    given.data_dir.mkdir(parents=True, exist_ok=True)
    return run_core(given.config, given.data_dir)


if __name__ == "__main__":
    raise SystemExit(main())
