"""From the journal to the published folder. The journal's thread builds the view and another thread
the bytes, so that rendering never delays a decision."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from monitor.domain.availability import Seconds
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.age import ClockReading
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.evaluation.tick import Core
from monitor.journal.ports import Journal, JournalBusy
from monitor.roles.registries import all_failures
from monitor.roles.settings import published_dir
from monitor.runtime.tasks import OnThread
from statuspage.publish.publisher import publish
from statuspage.publish.render import PageRenderer
from statuspage.view.closed_month import Recounts, with_recounts
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.latency import LatencyHistory
from statuspage.view.model import NO_ARCHIVE, ArchiveLinks, PublicView
from statuspage.view.public_view import build_view, stamp_published

STALE_AFTER = 120
"""Two intervals of rendering, which comes once a minute."""


class Renderer:
    def __init__(
        self, journal: Journal, data_dir: Path, clock: Clock, thread: Executor | None = None
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._folder = published_dir(data_dir)
        self._days = DailyRollup()
        self._latency = LatencyHistory()
        self._page_renderer = PageRenderer()
        self._thread = thread or ThreadPoolExecutor(1, thread_name_prefix="render")
        self.totals: Mapping[ComponentId, Seconds] = {}
        """The last 90 local days of each component of the last publication."""
        self.archive: ArchiveLinks = NO_ARCHIVE
        """What the pages lead to beside themselves."""
        self.recounts: Recounts = {}
        """What was said of incidents before they were counted anew."""

        self.answers_names = False
        """Whether visitors may ask which services a domain uses."""

    def forget_past(self) -> None:
        self._days.forget()

    async def render(self, core: Core, now: ClockReading, on_thread: OnThread) -> ClockReading:
        """Publish the present; return its time. Raises JournalError or OSError."""
        await self._read_latency(core, on_thread)
        view = await on_thread(lambda: self._view(core, now))
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._publish, view, now)
        if any(window.is_new or window.new_extensions for window in view.maintenance):
            published_at = self._clock.now()
            await on_thread(lambda: self._stamp(view, published_at))
        self.totals = {shown.id: shown.total for shown in view.components}
        return now

    async def _read_latency(self, core: Core, on_thread: OnThread) -> None:
        """Once a day, and at the start."""
        stored_at, zone = core.latencies.stored_at, core.state.catalogue.zone

        def step(at: Second) -> None:
            with self._journal.transaction() as tx:
                self._latency.step(tx.latencies, at, zone)

        while stored_at is not None and not self._latency.is_read(stored_at, zone):
            await on_thread(partial(step, stored_at))

    def _view(self, core: Core, now: ClockReading) -> PublicView:
        if core.unrecorded:
            raise JournalBusy("the core is ahead of the journal: a decision waits to be recorded")
        with self._journal.transaction() as tx:
            view = build_view(
                tx,
                core.state,
                now.at,
                stale_after=STALE_AFTER,
                days=self._days,
                failures=all_failures(),
                archive=self.archive,
                answers_names=self.answers_names,
                latency=self._latency.shown,
            )
        if not self.recounts:
            return view
        told = (with_recounts(incident, self.recounts) for incident in view.incidents)
        return replace(view, incidents=tuple(told))

    def _stamp(self, view: PublicView, published_at: Second) -> None:
        """A window that this snapshot was the first to show is public since the snapshot was
        published: nobody could read it at the time that the snapshot states."""
        with self._journal.transaction() as tx:
            stamp_published(tx, view, published_at)

    def _publish(self, view: PublicView, taken: ClockReading) -> None:
        publish(
            self._folder,
            self._page_renderer.render(view),
            at=taken.at,
            stale_after=view.stale_after,
            boottime=taken.boottime,
            boot_id=taken.boot_id,
            gone=view.gone,
        )
