"""The published folders: the company's own page and those of brands, written one after the other;
what belongs to no page any more is removed."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Collection, Iterable
from pathlib import Path

import structlog

from monitor.catalogues.shown import PageId
from monitor.domain.catalogue import BrandPage
from monitor.domain.time.age import ClockReading
from monitor.roles.settings import brand_folders, brand_published_dir, published_dir
from statuspage.publish.publisher import publish
from statuspage.publish.render import PageRenderer
from statuspage.view.model import PublicView


class PagePublisher:
    """Writes the views of one page into its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._renderer = PageRenderer()

    def publish(self, view: PublicView, taken: ClockReading) -> None:
        """Raises OSError, and leaves what readers see as it was."""
        publish(
            self.folder,
            self._renderer.render(view),
            at=taken.at,
            stale_after=view.stale_after,
            boottime=taken.boottime,
            boot_id=taken.boot_id,
            gone=view.gone,
        )


class PublishedPages:
    """The folder of each page. A page that was withdrawn, or is private and was not or the other
    way round, leaves nothing where it was."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._publishers: dict[PageId, PagePublisher] = {}
        self._log = structlog.get_logger()

    def publish(self, views: Iterable[PublicView], taken: ClockReading) -> set[PageId]:
        """The pages that are out. Raises OSError where the company's is not. A brand's that is not
        grows old for its own readers alone."""
        wanted = {page_folder(self._data_dir, view.brand): view for view in views}
        self._withdraw(wanted.keys())
        return {view.page_id for f, view in wanted.items() if self._is_out(f, view, taken)}

    def _is_out(self, folder: Path, view: PublicView, taken: ClockReading) -> bool:
        page = view.page_id
        publisher = self._publishers.get(page)
        if publisher is None or publisher.folder != folder:
            publisher = self._publishers[page] = PagePublisher(folder)
        try:
            shut_private(self._data_dir, view.brand)
            publisher.publish(view, taken)
        except OSError as error:
            if page is None:
                raise
            self._log.error("core.brand_page_failed", page=page, error=str(error))
            return False
        return True

    def _withdraw(self, wanted: Collection[Path]) -> None:
        """Remove the folders of brands' pages that are none of these."""
        for folder in withdrawn_folders(self._data_dir, wanted):
            self._log.info("core.brand_page_withdrawn", folder=folder.name)
            shutil.rmtree(folder, ignore_errors=True)
        self._publishers = {p: one for p, one in self._publishers.items() if one.folder in wanted}


def page_folder(data_dir: Path, page: BrandPage | None) -> Path:
    """Where a page is published; None: the company's own."""
    return published_dir(data_dir) if page is None else brand_published_dir(data_dir, page)


def shut_private(data_dir: Path, page: BrandPage | None) -> None:
    """Before a private page is written: what is above all of them is for its owner alone, whatever
    mode folders get here. One that another user owns is as he made it. Raises OSError."""
    if page is None or not page.is_private:
        return
    root = page_folder(data_dir, page).parent
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = root.stat()
    if stat.S_IMODE(found.st_mode) & 0o077 and found.st_uid == os.geteuid():
        root.chmod(0o700)


def withdrawn_folders(data_dir: Path, wanted: Collection[Path]) -> list[Path]:
    """The folders of brands' pages that are there and none of these."""
    there = [path for root in brand_folders(data_dir) if root.is_dir() for path in root.iterdir()]
    return sorted(path for path in there if path not in wanted)
