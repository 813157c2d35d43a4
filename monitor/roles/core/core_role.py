"""The core role: fold, journal, incidents, dispatch, calendar, rendering."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from credits.journal import BillingJournal
from monitor.alerting.dispatcher import Dispatcher
from monitor.config import ConfigErrors
from monitor.config.revisions.application import Outcome
from monitor.customers.ports import CustomersJournal
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Second
from monitor.evaluation.latency_days import DAYS_APART, pack_old_days
from monitor.evaluation.tick import Core
from monitor.incidents.writer import IncidentWriter
from monitor.journal.access import (
    check_integrity,
    open_journal_to_read,
)
from monitor.journal.ports import Deposed, JournalBusy, JournalDamaged, JournalError
from monitor.metrics.http.server import make_ops_app
from monitor.results.log.counted_clock import CountedClock
from monitor.results.log.pruning_hold import QuietFile
from monitor.results.log.result_log import open_reader
from monitor.results.log.retention import Retention
from monitor.roles.core.apply_requests import ApplyRequests
from monitor.roles.core.collector import CoreMetricsCollector, StoreStatus
from monitor.roles.core.configuration import Configuration
from monitor.roles.core.count_following import CountFollowing
from monitor.roles.core.damaged_journal import forget_damage
from monitor.roles.core.dispatching import (
    make_direct_alerts,
    make_dispatcher,
    make_unrecorded_alerts,
)
from monitor.roles.core.fault_watch import Watched, watch_over
from monitor.roles.core.held_journal import HeldJournal
from monitor.roles.core.money.billing import CoreBilling
from monitor.roles.core.money.closing import MonthCloser
from monitor.roles.core.money.closing_beside import ClosesBeside
from monitor.roles.core.money.forecasting import Forecasting
from monitor.roles.core.own_status import OwnStatus
from monitor.roles.core.pages.archives import Archives
from monitor.roles.core.pages.rendering import Renderer
from monitor.roles.core.refolding import SLICE, Refolding
from monitor.roles.core.visitors.visitors import CoreVisitors
from monitor.roles.log_damage import report_damage
from monitor.roles.registries import all_failures, declared_phases, unusable_plugins
from monitor.roles.settings import (
    journal_held_file,
    log_file,
    quiet_file,
    stopped_roles_file,
    typed_options,
)
from monitor.roles.stopped_roles import read_stopped_roles
from monitor.runtime.cron import Wakeups
from monitor.runtime.http.servers import serving_beside
from monitor.runtime.kill_points import reached
from monitor.runtime.logs import ConnectivityLog
from monitor.runtime.processes.process import tune_gc
from monitor.runtime.system_clock import SystemClock
from monitor.runtime.tasks import until_one_ends
from monitor.state.last_runs import LastRuns
from monitor.state.unrecorded import UnrecordedStatus, unrecorded_statuses
from monitor.subscribers.ports import SubscribersJournal

_T = TypeVar("_T")
TICK = 0.5
"""Each tick wakes with cold caches: the sooner a decision comes, the more a check costs. The runs
of a check are seconds apart."""
CHECK_EVERY_S = 86_400


class CoreRole:
    """One core: its parts, and the loops that drive them. One thread alone uses the journal."""

    def __init__(
        self,
        journal: BillingJournal,
        configuration: Configuration,
        data_dir: Path,
        url: str = "",
        subscribers: SubscribersJournal | None = None,
        customers: CustomersJournal | None = None,
    ) -> None:
        """`subscribers` and `customers` are the same journal, as `CoreVisitors` says."""
        self._journal = journal
        self._url = url
        self._configuration = configuration
        self._data_dir = data_dir
        self._log = structlog.get_logger()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._reader = open_reader(log_file(data_dir))
        self._clock = CountedClock(SystemClock())
        self._count = CountFollowing(journal, self._reader, self._clock)
        self._incident_writer = IncidentWriter(failures=all_failures())
        self._warn_of_plugins()
        self._last_runs = LastRuns()
        self.core = self._make_core()
        self._refolding = Refolding(journal, self._reader, self._clock)
        self._renderer = Renderer(journal, data_dir, self._clock)
        self._archives = Archives(journal, data_dir, self._clock, failures=all_failures())
        self._store = StoreStatus(journal, data_dir)
        self._own_status = self._make_own_status()
        self._apply_requests = ApplyRequests(journal, self._clock, self._reload)
        self._visitors = CoreVisitors(subscribers, customers, data_dir, self._clock)
        self._held = HeldJournal(self._clock, url, journal_held_file(data_dir))
        self._metrics = self._make_metrics()
        self._closes = ClosesBeside(url, data_dir, self._clock)
        self._closer = MonthCloser(journal, self._clock, self._closes)
        self._billing = CoreBilling(journal, self._clock, lambda: self.core.state.catalogue)
        self._forecasting = self._make_forecasting()
        self._retention = self._make_retention()
        self._begin_states()

    def _begin_states(self) -> None:
        """What the loops tell each other."""
        self._render_now = asyncio.Event()
        self._archive_now = asyncio.Event()
        self._close_now = asyncio.Event()
        self._stop = asyncio.Event()
        self._ticked_at = self._clock.monotonic()
        self._unrecorded: Sequence[UnrecordedStatus] | None = None
        self._connectivity_log = ConnectivityLog()
        self._has_read_all = False

    def _make_own_status(self) -> OwnStatus:
        stopped_roles = partial(read_stopped_roles, stopped_roles_file(self._data_dir))
        return OwnStatus(self._journal, self._reader, stopped_roles)

    def _make_forecasting(self) -> Forecasting:
        return Forecasting(
            reading=self._open_to_read,
            writing=self._journal,
            clock=self._clock,
            catalogues=lambda: self.core.state.catalogues,
            is_current=lambda: self._has_read_all and not self._retention.is_held,
            wake=lambda: self._dispatcher.wake(),
        )

    def _make_retention(self) -> Retention:
        quiet = QuietFile(quiet_file(self._data_dir, "core"))
        return Retention(self._clock, self._newest(), quiet)

    async def run(self) -> None:
        """Until SIGTERM. Raises Deposed where another core has taken the journal."""
        self._loop = asyncio.get_running_loop()
        self._listen()
        options = typed_options(self._configuration.path, self._data_dir)
        dispatcher = self._dispatcher = make_dispatcher(
            self._journal,
            self._incident_writer,
            self._clock,
            lambda: self.core,
            self._reader,
            options,
        )
        try:
            async with self._ops_server(), self._wakeups():
                await until_one_ends(
                    tick=self._tick_forever(),
                    render=self._render_forever(),
                    archive=self._archive_forever(),
                    close=self._close_forever(),
                    dispatch=dispatcher.run(self._on_thread),
                    direct_alerts=self._watch_over(dispatcher, options),
                    integrity=self._check_daily(),
                    problems=self._look_at_problems(),
                    billing=self._billing.run(self._on_thread),
                    forecast=self._forecast_forever(),
                    stop=self._stop.wait(),
                )
        finally:
            # Work under way ends before the journal is closed and its lock is released.
            self._thread.shutdown(cancel_futures=True)

    async def _watch_over(self, dispatcher: Dispatcher, options: str) -> None:
        core_of, clock = (lambda: self.core), self._clock
        watched = Watched(
            data_dir=self._data_dir,
            held=self._held,
            silent_s=self._silent_s,
            is_undelivered=self._is_undelivered,
            unrecorded=lambda: self._unrecorded,
        )
        await watch_over(
            watched,
            make_direct_alerts(dispatcher, core_of, clock, options, SystemAlert.WRITES_AGAIN),
            make_direct_alerts(dispatcher, core_of, clock, options, SystemAlert.ALERTS_DELIVERED),
            make_unrecorded_alerts(dispatcher, core_of, clock, options),
        )

    async def _forecast_forever(self) -> None:
        """Beside the decisions; without an address there is no second connection to read by."""
        if self._url:
            await self._forecasting.run(self._on_thread)
        await self._stop.wait()

    def _open_to_read(self) -> BillingJournal:
        return open_journal_to_read(self._url)

    async def _look_at_problems(self) -> None:
        """Where customers write that something fails."""
        await self._visitors.look_forever(self._on_thread)
        await self._stop.wait()

    async def _check_daily(self) -> None:
        """Uses a thread and a connection of its own: no decision waits. Raises JournalDamaged."""
        while True:
            if self._url:
                try:
                    await asyncio.to_thread(check_integrity, self._url)
                    forget_damage(self._data_dir)
                except JournalDamaged:
                    raise
                except JournalError as error:
                    self._log.error("core.journal_not_checked", error=str(error))
            await asyncio.sleep(CHECK_EVERY_S)

    def _silent_s(self) -> float:
        """How many seconds ago a tick came through."""
        return self._clock.monotonic() - self._ticked_at

    def _newest(self) -> Second | None:
        """The slot of the newest result that was folded."""
        slots = [s.last_slot for s in self.core.state.states.values() if s.last_slot is not None]
        return max(slots, default=None)

    def _is_undelivered(self) -> bool:
        return self._own_status.undelivered_since is not None

    def _make_core(self) -> Core:
        return Core(
            journal=self._journal,
            log=self._reader,
            catalogues=self._configuration.catalogues,
            incident_writer=self._incident_writer,
            clock=self._clock,
            last_runs=self._last_runs,
        )

    def _warn_of_plugins(self) -> None:
        for why in unusable_plugins():
            self._log.warning("plugin.unusable", why=why)

    def _make_metrics(self) -> CoreMetricsCollector:
        return CoreMetricsCollector(
            journal=self._journal,
            log=self._reader,
            store=self._store,
            own_status=self._own_status,
            last_runs=self._last_runs,
            clock=self._clock,
            data_dir=self._data_dir,
            core_of=lambda: self.core,
            totals_of=lambda: self._renderer.totals,
            held=self._held,
            unanswered_of=lambda: self._billing.unanswered,
            closing_of=lambda: self._closes.progress,
            forecast_of=lambda: self._forecasting.last,
            subscribers_of=self._visitors.metrics,
        )

    async def _on_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _tick_forever(self) -> None:
        while True:
            started = self._clock.monotonic()
            try:
                if await self._on_thread(self._tick):
                    continue
                await self._refold_until(started + TICK)
            except (Deposed, JournalDamaged):
                raise
            except JournalBusy:
                # Whoever raised it had not begun: what the core holds is as it was.
                self._held.note(is_held=True)
            except JournalError as error:
                self._log.error("core.journal_failed", error=str(error))
                await self.begin_again()
                continue
            except sqlite3.Error as error:
                self._report_unreadable(error)
                await self.begin_again()
                continue
            await asyncio.sleep(max(0.01, TICK - (self._clock.monotonic() - started)))

    async def _refold_until(self, moment: float) -> None:
        """Spend half of the time until the next tick on what is folded again. In the other half the
        journal's thread does what else waits for it."""
        while self._refolding.is_under_way and self._clock.monotonic() < moment:
            await self._on_thread(self._refold)
            await asyncio.sleep(SLICE)

    def _refold(self) -> None:
        """One slice. Raises JournalError."""
        if self._refolding.step():
            self._renderer.forget_past()
            self._wake_renderer()

    def _tick(self) -> bool:
        with suppress(JournalBusy):
            # It is asked again in a moment, and the tick finds out whether the journal is held.
            self._follow_count()
        ticked = self.core.tick()
        self._held.note(is_held=ticked.is_held)
        if ticked.is_held:
            self._go_on_in_memory()
            return ticked.backlog
        self._unrecorded = None
        if ticked.has_changed_past:
            self._renderer.forget_past()
            self._hand_over()
        self._ticked_at = self._clock.monotonic()
        reached("core.tick.after")
        self._has_read_all = not ticked.backlog
        now = read_clock(self._clock)
        if ticked.changed:
            self._wake_renderer()
            self._loop.call_soon_threadsafe(self._dispatcher.wake)
        self._metrics.ticked_at = now
        self._store.follow(self.core.state.catalogue, now)
        self._own_status.follow(self.core.state.catalogue, now.at)
        self._apply_requests.follow()
        self._follow_visitors()
        connectivity = self.core.state.connectivity
        self._connectivity_log.report(
            is_offline=connectivity.offline_since is not None,
            is_unresolved=connectivity.unresolved_since is not None,
        )
        return ticked.backlog

    def _follow_visitors(self) -> None:
        if self._visitors.follow(self.core.state.catalogue):
            self._renderer.answers_names = self._visitors.has_names
            self._wake_renderer()

    def _go_on_in_memory(self) -> None:
        """What was decided is told from memory; nothing may be rendered or closed without it."""
        core, self._has_read_all = self.core, False
        self._metrics.ticked_at = read_clock(self._clock)
        self._unrecorded = unrecorded_statuses(
            core.state, core.unrecorded, core.windows, self._clock.now()
        )

    def _hand_over(self) -> None:
        """Hand configurations over that are in force from other seconds: the other roles need
        them."""
        try:
            self._configuration.hand_over(self.core.catalogues)
        except OSError as error:
            self._log.error("config.not_handed_over", error=error_text(error))

    def _follow_count(self) -> None:
        if self._count.follow(self.core.state.catalogue):
            self._loop.call_soon_threadsafe(self._dispatcher.wake)

    def _wake_renderer(self) -> None:
        """Called from the journal's thread: an event belongs to the loop's thread."""
        self._loop.call_soon_threadsafe(self._render_now.set)

    def _report_unreadable(self, error: sqlite3.Error) -> None:
        """The result log cannot be read. The prober alone may set it aside."""
        is_reported = report_damage(self._data_dir, error)
        self._log.error("core.log_unreadable", error=str(error), is_told_to_prober=is_reported)

    async def begin_again(self) -> None:
        """Make a new core, trying until the journal answers. The core that failed holds more than
        the journal does: its next tick would save states without what was decided on the way to
        them."""
        while True:
            await asyncio.sleep(1)
            try:
                self.core = await self._on_thread(self._make_core)
            except (Deposed, JournalDamaged):
                raise
            except JournalBusy:
                self._held.note(is_held=True)
            except JournalError as error:
                self._log.error("core.journal_failed", error=str(error))
            except sqlite3.Error as error:
                self._report_unreadable(error)
            else:
                self._refolding.forget()
                return

    async def _render_forever(self) -> None:
        is_tuned = False
        while True:
            self._render_now.clear()
            began = self._clock.monotonic()
            try:
                now = read_clock(self._clock)
                await self._renderer.render(self.core, now, self._on_thread)
            except JournalBusy:
                await asyncio.sleep(1)
                continue
            except (JournalError, OSError) as error:
                self._log.error("core.render_failed", error=str(error))
                await asyncio.sleep(1)
                continue
            self._metrics.rendered_at = self._renderer.all_out_at
            spent = self._clock.monotonic() - began
            if not is_tuned:
                # From here on nearly everything in memory stays.
                tune_gc()
                is_tuned = True
            await self._render_now.wait()
            # A burst of transitions is one render, and a large page takes no more than a third of
            # a CPU however fast things change.
            await asyncio.sleep(max(0.2, 2 * spent))

    async def _archive_forever(self) -> None:
        """What there is is led to from the start. Writing begins with the first minute: what is
        live comes first."""
        self._tell_of_archive(is_news=await self._archives.show(self.core))
        while True:
            await self._archive_now.wait()
            self._archive_now.clear()
            if self._retention.is_held:
                # The clock has leapt: a month that is not over would be closed.
                is_news = await self._archives.show(self.core)
            else:
                is_news = await self._archives.bring_up_to_date(
                    self.core, self._on_thread, is_caught_up=self._has_read_all
                )
            self._tell_of_archive(is_news=is_news)

    def _tell_of_archive(self, *, is_news: bool) -> None:
        if is_news:
            self._renderer.archives = self._archives.links
            self._renderer.recounts = self._archives.recounts
            self._render_now.set()

    async def _each_minute(self) -> None:
        self._render_now.set()
        self._archive_now.set()
        await self._on_thread(self._pack_latencies)
        is_settled = await self._on_thread(self._is_settled)
        # Unread rows of a month belong into its report. A clock that has leapt may be wrong, and a
        # month that is not over would be closed for good.
        if self._has_read_all and is_settled and not self._retention.is_held:
            self._close_now.set()

    async def _close_forever(self) -> None:
        """A task of its own: to close the month of a large company takes a minute."""
        while True:
            await self._close_now.wait()
            self._close_now.clear()
            await self._close_due()

    async def _close_due(self) -> None:
        try:
            await self._closer.close_due(self.core.state.catalogues, self._on_thread)
            await self._closer.expire_due(self.core.state.catalogues, self._on_thread)
        except Exception as error:  # noqa: BLE001 - a fault here must not end who decides
            self._log.error("report.not_closed", error=repr(error), exc_info=True)

    def _is_settled(self) -> bool:
        return self._refolding.is_settled(self.core)

    def _pack_latencies(self) -> None:
        keep_from = self._retention.keep_from(DAYS_APART)
        try:
            with self._journal.transaction() as tx:
                pack_old_days(tx, keep_from, self.core.state.catalogue.zone)
        except JournalError as error:
            self._log.error("core.latencies_not_packed", error=str(error))

    def _wakeups(self) -> Wakeups:
        wakeups = Wakeups(self.core.state.catalogue.zone, self._clock)
        wakeups.each_minute("minute", self._each_minute)
        return wakeups

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stop.set)
        loop.add_signal_handler(
            signal.SIGHUP, lambda: loop.create_task(self._on_thread(self._reload))
        )

    def _reload(self) -> Outcome | None:
        """Take a new configuration as a whole. A bad file changes nothing, and the log says so.
        None where the journal could not take it."""
        try:
            difference = self._configuration.reload(self._journal, self._clock.now())
        except (ConfigErrors, OSError) as error:
            self._log.error("config.refused", error=str(error))
            return Outcome(errors=error_text(error).splitlines())
        except JournalError as error:
            self._log.error("config.not_kept", error=str(error))
            return None
        self.core.adopt(self._configuration.catalogues)
        self._log.info("config.taken", difference=difference)
        self._wake_renderer()
        newest = self._configuration.catalogues.revisions[-1]
        return Outcome(
            revision=newest.number, effective_from=newest.effective_from, difference=difference
        )

    def _ops_server(self) -> AbstractAsyncContextManager[None]:
        operations = self.core.state.catalogue.operations
        app = make_ops_app(
            lambda: self._metrics.now(self._on_thread),
            self._clock,
            declared_phases(),
            names={operations.ops_host},
        )
        return serving_beside(app, operations.ops_host, operations.ops_port)


def error_text(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)
