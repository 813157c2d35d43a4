"""From the journal to the published folders. The journal's thread builds the views and another
thread the bytes, so that rendering never delays a decision."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from monitor.catalogues.shown import PageId
from monitor.domain.availability import Seconds
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.age import ClockReading
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.evaluation.tick import Core
from monitor.journal.ports import Journal, JournalBusy
from monitor.roles.core.pages.publishing import PublishedPages
from monitor.roles.registries import all_failures
from monitor.runtime.tasks import OnThread
from statuspage.view.closed_month import Recounts, with_recounts
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.latency import LatencyHistory
from statuspage.view.model import ArchiveLinks, PublicMaintenance, PublicView
from statuspage.view.page_scope import scopes_of
from statuspage.view.public_view import build_views, stamp_windows

STALE_AFTER = 120
"""Two intervals of rendering, which comes once a minute."""


class Renderer:
    def __init__(
        self, journal: Journal, data_dir: Path, clock: Clock, thread: Executor | None = None
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._pages = PublishedPages(data_dir)
        self._days = DailyRollup()
        self._latency = LatencyHistory()
        self._thread = thread or ThreadPoolExecutor(1, thread_name_prefix="render")
        self.totals: Mapping[ComponentId, Seconds] = {}
        """The last 90 local days of each component of the last publication."""
        self.archives: Mapping[PageId, ArchiveLinks] = {}
        """What each page leads to beside itself."""
        self.recounts: Recounts = {}
        """What was said of incidents before they were counted anew."""

        self.all_out_at: ClockReading | None = None
        """The time of the last publication in which no page, of a brand either, was left out."""
        self.answers_names = False
        """Whether visitors may ask which services a domain uses."""

    def forget_past(self) -> None:
        self._days.forget()

    async def render(self, core: Core, now: ClockReading, on_thread: OnThread) -> ClockReading:
        """Publish the present; return its time. Raises JournalError or OSError."""
        await self._read_latency(core, on_thread)
        views = await on_thread(lambda: self._views(core, now))
        loop = asyncio.get_running_loop()
        out = await loop.run_in_executor(self._thread, self._pages.publish, views, now)
        if len(out) == len(views):
            self.all_out_at = now
        windows = _first_shown(views, out)
        if windows:
            published_at = self._clock.now()
            await on_thread(lambda: self._stamp(windows, published_at))
        self.totals = {shown.id: shown.total for view in views for shown in view.components}
        return now

    async def _read_latency(self, core: Core, on_thread: OnThread) -> None:
        """Once a day, and at the start."""
        stored_at, zone = core.latencies.stored_at, core.state.catalogue.zone

        def step(at: Second) -> None:
            with self._journal.transaction() as tx:
                self._latency.step(tx.latencies, at, zone)

        while stored_at is not None and not self._latency.is_read(stored_at, zone):
            await on_thread(partial(step, stored_at))

    def _views(self, core: Core, now: ClockReading) -> Sequence[PublicView]:
        if core.unrecorded:
            raise JournalBusy("the core is ahead of the journal: a decision waits to be recorded")
        with self._journal.transaction() as tx:
            views = build_views(
                tx,
                core.state,
                now.at,
                stale_after=STALE_AFTER,
                days=self._days,
                scopes=scopes_of(core.state.catalogue),
                failures=all_failures(),
                archives=self.archives,
                answers_names=self.answers_names,
                latency=self._latency.shown,
            )
        return [self._recounted(view) for view in views] if self.recounts else views

    def _recounted(self, view: PublicView) -> PublicView:
        told = (with_recounts(incident, self.recounts) for incident in view.incidents)
        return replace(view, incidents=tuple(told))

    def _stamp(self, windows: Sequence[PublicMaintenance], published_at: Second) -> None:
        """A window that this snapshot was the first to show is public since the snapshot was
        published: nobody could read it at the time that the snapshot states."""
        with self._journal.transaction() as tx:
            stamp_windows(tx, windows, published_at)


def _first_shown(
    views: Sequence[PublicView], out: Collection[PageId]
) -> Sequence[PublicMaintenance]:
    """What these snapshots were the first to show, once each. What is not out yet on every page
    that shows it is public with the next one: nobody is told later than the money says."""
    waiting = {w.id for view in views if view.page_id not in out for w in view.maintenance}
    found = {
        w.id: w
        for view in views
        for w in view.maintenance
        if (w.is_new or w.new_extensions) and w.id not in waiting
    }
    return tuple(found.values())
