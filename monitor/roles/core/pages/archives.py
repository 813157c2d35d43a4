"""The archives of all pages: the company's own first, then those of brands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from monitor.catalogues.shown import PageId
from monitor.domain.catalogue import BrandPage
from monitor.domain.checks.observation import FailureClass
from monitor.domain.time.clock import Clock
from monitor.evaluation.tick import Core
from monitor.journal.ports import Journal
from monitor.roles.core.pages.archiving import Archivist
from monitor.roles.core.pages.publishing import page_folder, shut_private
from monitor.roles.core.pages.recounts import KnownRecounts
from monitor.runtime.tasks import OnThread
from statuspage.view.closed_month import Recounts
from statuspage.view.model import ArchiveLinks


class Archives:
    """One archivist for each page that is configured. They share a thread, and what is known of
    former figures: what one has recorded, no other records again."""

    def __init__(
        self,
        journal: Journal,
        data_dir: Path,
        clock: Clock,
        thread: Executor | None = None,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
        failures: Mapping[str, FailureClass] | None = None,
    ) -> None:
        self._journal = journal
        self._data_dir = data_dir
        self._clock = clock
        self._thread = thread or ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._rest = rest
        self._failures = failures
        self._recounts = KnownRecounts()
        self._by_folder: dict[Path, tuple[PageId, Archivist]] = {}

    @property
    def links(self) -> Mapping[PageId, ArchiveLinks]:
        """What the live pages lead to, by page."""
        return {page: archivist.links for page, archivist in self._by_folder.values()}

    @property
    def recounts(self) -> Recounts:
        return self._recounts.by_subject

    async def bring_up_to_date(
        self, core: Core, on_thread: OnThread, *, is_caught_up: bool = True
    ) -> bool:
        """As `Archivist.bring_up_to_date`, one page after the other: the company's comes first, for
        it records what others read."""
        found = [
            await archivist.bring_up_to_date(core, on_thread, is_caught_up=is_caught_up)
            for archivist in self._present(core)
        ]
        return any(found)

    async def show(self, core: Core) -> bool:
        """As `Archivist.show`."""
        found = [await archivist.show(core) for archivist in self._present(core)]
        return any(found)

    def _present(self, core: Core) -> list[Archivist]:
        """Those of the pages that are configured now. One whose folder is another begins anew."""
        former = self._by_folder
        self._by_folder = {}
        for page in (None, *core.state.catalogue.page.brand_pages):
            folder = page_folder(self._data_dir, page)
            with suppress(OSError):
                # The archive says by itself that it cannot be written.
                shut_private(self._data_dir, page)
            id_ = None if page is None else page.id
            self._by_folder[folder] = former.get(folder) or (id_, self._made(page))
        return [archivist for _, archivist in self._by_folder.values()]

    def _made(self, page: BrandPage | None) -> Archivist:
        return Archivist(
            self._journal,
            self._data_dir,
            self._clock,
            thread=self._thread,
            rest=self._rest,
            failures=self._failures,
            page=page,
            recounts=self._recounts,
        )
