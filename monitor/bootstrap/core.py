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
from monitor.bootstrap.collector import spare_collector
from monitor.bootstrap.configuration import Configuration
from monitor.bootstrap.core_figures import FiguresDesk, StoreStanding
from monitor.bootstrap.dispatching import make_dispatcher, make_distress
from monitor.bootstrap.distress_watch import watch_over
from monitor.bootstrap.duties import until_one_ends
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
from monitor.domain.secret import SecretMissing
from monitor.engine.billing import BillingJournal
from monitor.engine.core import Core
from monitor.engine.correct import correct_late
from monitor.engine.last_looks import LastLooks
from monitor.engine.narrate import Narrator
from monitor.ports.journal import Deposed, JournalError
from monitor.ports.lease import LeaseTaken

_T = TypeVar("_T")
TICK = 0.5
"""Each wakes with cold caches: the sooner a decision, the more a check costs. Looks come seconds
apart."""
DEAD_AFTER_S = 40.0
"""A database believes no longer than that in a core whose machine vanished."""
EXIT_CONFIG = 78


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
        self._narrator = Narrator(failures=all_failures())
        self._looks = LastLooks()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self.core = self._make_core()
        self._is_outdated = False
        self._renderer = Renderer(journal, data_dir)
        self._store = StoreStanding(journal, data_dir)
        self._figures = FiguresDesk(
            journal=journal,
            log=self._reader,
            store=self._store,
            looks=self._looks,
            clock=self._clock,
            data_dir=data_dir,
            core_of=lambda: self.core,
            view_of=lambda: self._renderer.last_view,
        )
        self._render_now = asyncio.Event()
        self._stop = asyncio.Event()
        self._alive_at = self._clock.monotonic()
        self._sight_log = SightLog()
        self._has_read_all = False
        self._closer = MonthCloser(journal, self._clock)

    async def run(self) -> None:
        """Until SIGTERM. Raises Deposed where another core has taken the journal."""
        self._loop = asyncio.get_running_loop()
        self._listen()
        options = typed_options(self._configuration.path, self._data_dir)
        dispatcher = self._dispatcher = make_dispatcher(
            self._journal, self._narrator, self._clock, lambda: self.core, self._reader, options
        )
        distress = make_distress(dispatcher, lambda: self.core, self._clock, options)
        try:
            async with self._ops_server(), self._wakeups():
                await until_one_ends(
                    tick=self._tick_forever(),
                    render=self._render_forever(),
                    dispatch=dispatcher.run(self._on_thread),
                    distress=watch_over(distress, self._data_dir, self._silent_s),
                    stop=self._stop.wait(),
                )
        finally:
            # What is under way ends before the journal is closed and its lock given back.
            self._thread.shutdown(cancel_futures=True)

    def _silent_s(self) -> float:
        """How long ago a tick came through."""
        return self._clock.monotonic() - self._alive_at

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
        if self._is_outdated:
            self.core, self._is_outdated = self._make_core(), False
        ticked = self.core.tick()
        self._alive_at = self._clock.monotonic()
        reached("core.tick.after")
        self._has_read_all = not ticked.backlog
        now = self._clock.now()
        if ticked.changed:
            self._wake_renderer()
            self._loop.call_soon_threadsafe(self._dispatcher.wake)
        self._figures.ticked_at = now
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

    async def _render_forever(self) -> None:
        is_settled = False
        while True:
            self._render_now.clear()
            began = self._clock.monotonic()
            try:
                self._figures.rendered_at = await self._renderer.render(
                    self.core, self._clock.now(), self._on_thread
                )
            except (JournalError, OSError) as error:
                self._log.error("core.render_failed", error=str(error))
                await asyncio.sleep(1)
                continue
            spent = self._clock.monotonic() - began
            if not is_settled:
                # From here on nearly all that is held stays.
                spare_collector()
                is_settled = True
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
                ran = self.core.held.catalogues
                corrected = correct_late(
                    tx, self._reader, ran.check, self._clock.now(), ran.broken_off
                )
        except JournalError as error:
            self._log.error("core.correction_failed", error=str(error))
            return
        if corrected:
            self._renderer.forget_past()
            # A tick of the core that is would save the states from before the correction.
            self._is_outdated = True

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
        app = make_ops_app(
            lambda: self._figures.now(self._on_thread),
            self._clock,
            declared_phases(),
            names={operations.ops_host},
        )
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
        if prepare_journal(url):
            _begin_anew()
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


def _begin_anew() -> None:
    """As the same process, without the 10 MiB that a migration of a second leaves in memory."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - as we were started


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
