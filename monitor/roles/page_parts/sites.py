"""The pages that the role serves: the company's, and those that the configuration has for brands.

They follow the compiled configuration without a restart. A brand's page has its folder, its hosts
and, where it is private, its door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from monitor.catalogues.file import CatalogueUnreadable
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import BrandPage
from monitor.domain.customers.page_links import PageLinkKey
from monitor.domain.time.clock import Clock
from monitor.net.host_names import ascii_host
from monitor.roles.catalogues.watcher import CatalogueWatch
from monitor.roles.page_parts.links_file import read_page_links
from monitor.roles.settings import (
    brand_published_dir,
    catalogue_file,
    page_links_file,
    page_links_key_file,
    published_dir,
)
from monitor.runtime.key_file import read_key
from statuspage.serve.private.door import CLOSED, Door
from statuspage.serve.private.page import PrivatePage
from statuspage.serve.responder import Request
from statuspage.serve.server import SnapshotWatcher
from statuspage.serve.sites import SeenPage, Site, SitesByHost, host_name


class PageSites:
    """`company` is the company's own page, for its mirrors."""

    def __init__(self, data_dir: Path, clock: Clock) -> None:
        self.company = SnapshotWatcher(published_dir(data_dir), clock)
        self.by_host = SitesByHost(self.company)
        self._data_dir = data_dir
        self._clock = clock
        self._configured = CatalogueWatch(catalogue_file(data_dir))
        self._catalogues: Catalogues | None = None
        self._pages: tuple[BrandPage, ...] = ()
        self._watchers: Mapping[Path, SnapshotWatcher] = {}
        self._door = PageDoor(data_dir)
        self._log = structlog.get_logger()

    def seen_by(self, request: Request) -> SeenPage:
        """As the port says."""
        return self.by_host.seen_by(request)

    def refresh(self) -> None:
        """As the port says. One page that fails keeps none of the others from being read."""
        failed: list[Exception] = []
        for watcher in (self.company, *self._watchers.values()):
            # To read many pages takes seconds: who is shut out does not wait for all of them.
            self._door.refresh()
            failed += _failed([self._follow, watcher.refresh])
        if failed:
            raise failed[0]

    def _follow(self) -> None:
        """Where the configuration cannot be read, the pages stay as they are."""
        try:
            revisions = self._configured.read_new()
        except CatalogueUnreadable as error:
            self._log.error("page.catalogue_unreadable", error=str(error))
            return
        if revisions is not None:
            self._catalogues = Catalogues(revisions)
        if self._catalogues is None:
            return
        pages = self._catalogues.present(self._clock.now()).catalogue.page.brand_pages
        if pages != self._pages:
            self._adopt(pages)

    def _adopt(self, pages: tuple[BrandPage, ...]) -> None:
        """A page that was there keeps what it has in memory; one that is new is read before anybody
        is sent there. A private one and a public one of the same brand have nothing in common."""
        folders = {page.id: brand_published_dir(self._data_dir, page) for page in pages}
        watchers = {
            folders[page.id]: self._watchers.get(folders[page.id])
            or SnapshotWatcher(folders[page.id], self._clock, page.id)
            for page in pages
        }
        # Whatever is wrong with one of them, another one that has become private is closed.
        steps = [step for of in watchers.values() for step in (self._door.refresh, of.refresh)]
        failed = _failed(steps)
        by_host: dict[str, Site] = {}
        for page in pages:
            site = self._site(page, watchers[folders[page.id]])
            by_host |= dict.fromkeys(map(_as_asked, page.hosts), site)
        self.by_host.replace(by_host)
        self._pages, self._watchers = pages, watchers
        self._log.info("page.brands", pages=[page.id for page in pages])
        if failed:
            raise failed[0]

    def _site(self, page: BrandPage, watcher: SnapshotWatcher) -> Site:
        if not page.is_private:
            return watcher
        is_secure = urlsplit(page.url).scheme == "https"
        return PrivatePage(watcher, self._door.now, self._clock, is_secure=is_secure)


class PageDoor:
    """Which links open private pages now. Where the key or the links cannot be read nothing opens,
    and that is logged once."""

    def __init__(self, data_dir: Path) -> None:
        self._files = (page_links_key_file(data_dir), page_links_file(data_dir))
        self._seen: object = None
        self._failed = ""
        self._door = CLOSED
        self._log = structlog.get_logger()

    def now(self) -> Door:
        return self._door

    def refresh(self) -> None:
        """Read both files where one of them is another than before, or could not be read."""
        seen = tuple(map(_identity, self._files))
        if seen == self._seen:
            return
        try:
            # Without both files nobody has made a link yet.
            self._door = self._read() if any(seen) else CLOSED
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing opens
            self._door, self._seen = CLOSED, None
            if str(error) != self._failed:
                self._log.error("page.private_pages_closed", error=str(error))
            self._failed = str(error)
            return
        self._seen, self._failed = seen, ""

    def _read(self) -> Door:
        key_file, links_file = self._files
        links = {link.id: link for link in read_page_links(links_file)}
        return Door(key=PageLinkKey(read_key(key_file)), links=links)


def _failed(steps: Iterable[Callable[[], object]]) -> list[Exception]:
    """Take every step; what was raised."""
    errors: list[Exception] = []
    for step in steps:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - raised by the caller once all are taken
            errors.append(error)
    return errors


def _identity(file: Path) -> object:
    try:
        found = file.stat()
    except OSError:
        return None
    # A mode that is mended changes no content.
    return found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode


def _as_asked(host: str) -> str:
    """As clients write it, who know no letters but those of ASCII."""
    try:
        return host_name(ascii_host(host))
    except ValueError:
        return host_name(host)
