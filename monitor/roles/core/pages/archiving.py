"""The core writes the pages of what is over, beside its decisions: the journal's thread reads a
little at a time, and a thread of its own renders and writes. Where nothing of the past has changed
it reads a few numbers a minute and writes nothing. ADR 41."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TypeVar

import structlog

from monitor.domain.catalogue import BrandPage
from monitor.domain.checks.observation import FailureClass
from monitor.domain.time.clock import Clock
from monitor.evaluation.tick import Core
from monitor.i18n.addresses import history_path, month_path
from monitor.journal.ports import Journal, JournalBusy, JournalTransaction
from monitor.roles.core.pages.archive_plan import (
    ArchivePlan,
    configurations_of,
    is_secret_news,
    plan_archive,
    private_marks,
)
from monitor.roles.core.pages.publishing import page_folder
from monitor.roles.core.pages.recounts import KnownRecounts
from monitor.runtime.tasks import OnThread
from monitor.timelines.reading import ComponentTimelines
from statuspage.pages.site import known_languages
from statuspage.publish.archive.folder import ArchiveFolder
from statuspage.publish.archive.manifest import FOLDER
from statuspage.publish.archive.month_writing import MonthWriting, program
from statuspage.view.closed_month import (
    ClosedMonth,
    Figure,
    Recounts,
    first_of,
    first_watched,
    month_name,
)
from statuspage.view.model import NO_ARCHIVE, ArchiveLinks
from statuspage.view.month_reading import MonthReading
from statuspage.view.page_scope import PageScope, company_scope, scope_of

_T = TypeVar("_T")
HOURLY_S = 3_600
REST = 2
"""Of each second that a step took, how many it rests: the archive takes a third of a CPU."""


class Archivist:
    """The archive of one page: `page` is a brand's, None the company's own. What closed pages said
    before is in `recounts`, which the archives share. Of a failure whose class is not among
    `failures` it says no more than how bad it is. `links` are what the live pages lead to: another
    object whenever they change."""

    def __init__(
        self,
        journal: Journal,
        data_dir: Path,
        clock: Clock,
        thread: Executor | None = None,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
        failures: Mapping[str, FailureClass] | None = None,
        page: BrandPage | None = None,
        recounts: KnownRecounts | None = None,
    ) -> None:
        self._journal = journal
        self._page = None if page is None else page.id
        self._data_dir = data_dir
        self._root = page_folder(data_dir, page) / FOLDER
        self._clock = clock
        self._thread = thread or ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._rest = rest
        self._failures = failures or {}
        self._folder: ArchiveFolder | None = None
        self._recounts = KnownRecounts() if recounts is None else recounts
        self._hour: int | None = None
        self._is_told = False
        self._log = structlog.get_logger()
        self.links: ArchiveLinks = NO_ARCHIVE

    async def bring_up_to_date(
        self, core: Core, on_thread: OnThread, *, is_caught_up: bool = True
    ) -> bool:
        """Write what has changed; whether the live pages have other things to say of it (`links`,
        `recounts`). What fails is tried again the next time: readers have what there was."""
        before = (self.links, self._recounts.count)
        try:
            await self._bring_up_to_date(core, on_thread, is_caught_up=is_caught_up)
        except JournalBusy:
            return False
        except Exception as error:  # noqa: BLE001 - services are watched whatever old pages hold
            self._report(error)
        else:
            self._is_told = False
        return (self.links, self._recounts.count) != before

    async def show(self, core: Core) -> bool:
        """Lead to what there is, and withhold it where something has become private: no journal is
        read, and the clock may be wrong. Whether the live pages have other things to say of it."""
        before = self.links
        try:
            folder = await self._opened()
            if folder.months and self._has_secrets(core, folder):
                await self._step(folder.withhold)
        except Exception as error:  # noqa: BLE001 - as `bring_up_to_date`
            self._report(error)
        else:
            self._lead_to(folder)
        return self.links != before

    def _lead_to(self, folder: ArchiveFolder) -> None:
        links = _links(folder)
        if (links.months, links.pages) != (self.links.months, self.links.pages):
            self.links = links

    @property
    def recounts(self) -> Recounts:
        return self._recounts.by_subject

    def _report(self, error: Exception) -> None:
        """Once, until it has gone well again."""
        if not self._is_told:
            self._log.error("core.archive_failed", error=str(error), exc_info=error)
        self._is_told = True

    async def _bring_up_to_date(
        self, core: Core, on_thread: OnThread, *, is_caught_up: bool
    ) -> None:
        folder, scope = await self._opened(), self._scope(core)
        if scope is None:
            return
        since = first_watched(core.state.catalogues, scope, self._clock.now())
        if since is not None and self._clock.now() < since:
            # The clock is wrong: by it, nothing has happened yet.
            return
        await self._read_recounts(on_thread)
        digest, is_done = await self._step(program), False
        while not is_done:
            hour = self._clock.now() // HOURLY_S
            is_hourly = hour != self._hour

            def plan(tx: JournalTransaction, is_hourly: bool = is_hourly) -> ArchivePlan | None:
                scope = self._scope(core)
                if scope is None:
                    return None
                return plan_archive(
                    tx,
                    core.state,
                    self._clock.now(),
                    folder.months,
                    folder.index.up_to,
                    digest,
                    scope,
                    is_hourly=is_hourly,
                    is_caught_up=is_caught_up,
                )

            planned = await on_thread(lambda: self._in_transaction(plan))
            is_done = planned is None or await self._follow(
                planned, core, folder, on_thread, is_hourly=is_hourly
            )
            self._hour = hour

    async def _follow(
        self,
        plan: ArchivePlan,
        core: Core,
        folder: ArchiveFolder,
        on_thread: OnThread,
        *,
        is_hourly: bool,
    ) -> bool:
        """Whether it was followed to its end: another configuration wants another plan, for it may
        have made something private."""
        if plan.is_secret_news and folder.months:
            await self._step(folder.withhold)
        await self._step(lambda: folder.begin(frozenset(map(month_name, plan.months))))
        await self._step(lambda: folder.move(_moved(plan, folder)))
        if is_hourly:
            await self._mend(folder)
        damaged = {first for first in plan.months if month_name(first) in folder.unwritten}
        timelines = ComponentTimelines(plan.catalogues)
        for first in sorted(plan.touched | damaged, reverse=True):
            now = configurations_of(core.state.catalogues, self._clock.now())
            if now != plan.up_to.configurations:
                return False
            if not await self._write(first, plan, core, timelines, on_thread):
                return False
        await self._step(lambda: folder.move(_moved(plan, folder)))
        await self._step(lambda: folder.complete(plan.up_to))
        if plan.touched or damaged:
            await self._step(folder.prune)
        self._lead_to(folder)
        return True

    async def _write(
        self,
        first: date,
        plan: ArchivePlan,
        core: Core,
        timelines: ComponentTimelines,
        on_thread: OnThread,
    ) -> bool:
        """Whether it is written: not where the page is no more, or at another place."""
        folder = await self._opened()
        state = plan.months[first]
        reading = MonthReading(
            plan.catalogues,
            timelines,
            first,
            plan.now,
            is_over=state.is_over,
            is_final=state.is_final,
            failures=self._failures,
            scope=plan.scope,
        )
        while not reading.is_done:
            began = self._clock.monotonic()
            await on_thread(lambda: self._in_transaction(reading.step))
            await self._rest(REST * (self._clock.monotonic() - began))
        read = await self._step(reading.month)
        month = await self._recounted(read, folder, plan, on_thread)
        return await self._put(month, folder, core)

    async def _put(self, month: ClosedMonth, folder: ArchiveFolder, core: Core) -> bool:
        """As `_write` says."""
        writing = MonthWriting(month, folder)
        while self._scope(core) is not None and not writing.is_done:
            await self._step(writing.step)
        if self._scope(core) is None:
            return False
        manifest = await self._step(writing.manifest)
        if self._scope(core) is None:
            return False
        await self._step(lambda: folder.switch(month.name, manifest))
        return True

    async def _recounted(
        self, month: ClosedMonth, folder: ArchiveFolder, plan: ArchivePlan, on_thread: OnThread
    ) -> ClosedMonth:
        """With what its pages said before; what they say no more is recorded first."""
        former = folder.months.get(month.name)
        said = () if former is None else _recorded_here(former.figures, plan)
        new = self._recounts.new(said, month, self._clock.now())
        if new:
            await on_thread(lambda: self._in_transaction(lambda tx: tx.changes.append(new)))
            self._recounts.add(new)
        return month.recounted(self._recounts.by_subject)

    async def _opened(self) -> ArchiveFolder:
        if self._folder is None:
            self._folder = await self._step(lambda: ArchiveFolder(self._root))
        return self._folder

    async def _read_recounts(self, on_thread: OnThread) -> None:
        while not self._recounts.is_read:
            await on_thread(lambda: self._in_transaction(self._recounts.read))

    async def _mend(self, folder: ArchiveFolder) -> None:
        """Have months written anew whose files are missing or damaged."""
        for name in list(folder.months):
            if await self._step(lambda name=name: folder.is_damaged(name)):  # type: ignore[misc]
                self._log.warning("core.archive_damaged", month=name)
                await self._step(lambda name=name: folder.forget(name))  # type: ignore[misc]

    async def _step(self, work: Callable[[], _T]) -> _T:
        """On the archive's thread, and a rest after it."""
        began = self._clock.monotonic()
        done = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        await self._rest(REST * (self._clock.monotonic() - began))
        return done

    def _scope(self, core: Core) -> PageScope | None:
        """What the page shows by the present configuration; None once it is withdrawn, or lies in
        another folder: what has become private is written where it was no more."""
        scope = scope_of(core.state.catalogue, self._page)
        is_here = scope is not None and page_folder(self._data_dir, scope.page) == self._root.parent
        return scope if is_here else None

    def _has_secrets(self, core: Core, folder: ArchiveFolder) -> bool:
        """Whether something is private that the archive may still name."""
        scope = self._scope(core)
        if scope is None:
            return True
        marks = private_marks(core.state.catalogues, self._clock.now(), scope)
        return is_secret_news(marks, folder.index.up_to)

    def _in_transaction(self, work: Callable[[JournalTransaction], _T]) -> _T:
        with self._journal.transaction() as tx:
            return work(tx)


def _moved(plan: ArchivePlan, folder: ArchiveFolder) -> Mapping[str, str]:
    """Where the months stand that have no page of their own yet."""
    langs = known_languages(tuple(plan.catalogues.present(plan.now).catalogue.page.locales))
    return {
        month_path(first, lang): f"{history_path(lang)}#m{month_name(first)}"
        for first in plan.months
        for lang in langs
        if not _has_page(month_name(first), folder)
    }


def _recorded_here(figures: Sequence[Figure], plan: ArchivePlan) -> Sequence[Figure]:
    """Those whose change this archive records: the company's own all, a brand's those that the
    company's does not have."""
    if plan.scope.page is None:
        return figures
    company = company_scope(plan.catalogues.present(plan.now).catalogue)
    elsewhere = company.still_shown({f.component for f in figures}, plan.catalogues, plan.now)
    return [figure for figure in figures if figure.component not in elsewhere]


def _has_page(name: str, folder: ArchiveFolder) -> bool:
    month = folder.months.get(name)
    return month is not None and month.is_over


def _links(folder: ArchiveFolder) -> ArchiveLinks:
    newest_first = sorted(folder.months.items(), reverse=True)
    pages: Sequence[Mapping[str, str]] = [p for _, month in newest_first for p in month.listed]
    return ArchiveLinks(
        months=tuple(first_of(n) for n, month in newest_first if month.is_over),
        pages=tuple(tuple(addresses.items()) for addresses in pages),
        addresses=frozenset(path for page in pages for path in page.values()),
    )
