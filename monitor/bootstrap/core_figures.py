"""The core's figures that are not its own counting: the kernel's, and how the store role stands."""

from __future__ import annotations

from pathlib import Path

from monitor.adapters.machine import cpu_s, disk_bytes, rss_bytes
from monitor.adapters.storage.book import Book
from monitor.bootstrap.settings import book_file
from monitor.domain.catalogue import Catalogue
from monitor.domain.interval import Second
from monitor.engine.figures import DiskFigures, ProcessFigures
from monitor.engine.store_watch import StoreWatch
from monitor.ports.journal import Journal
from monitor.ports.store import StoreFigures, StoreUnavailable

_BOOK_EVERY = 5


class StoreStanding:
    """How the store role stands, read from its book every few seconds; tells operators once where
    a person has to act. `figures` is None until the role has said anything; where its book cannot
    be read they are the last ones, which grow old for all to see."""

    def __init__(self, journal: Journal, data_dir: Path) -> None:
        self._journal = journal
        self._book = Book(book_file(data_dir))
        self._due = Second(0)
        with journal.transaction() as tx:
            self._watch = StoreWatch.restored(tx)
        self.figures: StoreFigures | None = None

    def follow(self, catalogue: Catalogue, now: Second) -> None:
        if now < self._due:
            return
        self._due = Second(now + _BOOK_EVERY)
        try:
            self.figures = self._book.figures()
        except StoreUnavailable as error:
            self.figures = self.figures or StoreFigures(
                at=now, started_at=now, kind=catalogue.store.kind, trouble=str(error)
            )
        if self.figures is not None and self._watch.is_turning(self.figures, catalogue, now):
            with self._journal.transaction() as tx:
                self._watch.tell(tx, catalogue, now)


def process_figures(started_at: Second) -> ProcessFigures:
    return ProcessFigures(started_at=started_at, cpu_s=cpu_s(), rss_bytes=rss_bytes())


def disk_figures(data_dir: Path) -> DiskFigures | None:
    """None where the folder cannot be asked for."""
    try:
        free, size = disk_bytes(data_dir)
    except OSError:
        return None
    return DiskFigures(free=free, size=size)
