"""The configurations that a role beside the core goes by: the newest that could be read."""

from __future__ import annotations

from pathlib import Path

import structlog

from monitor.catalogues.file import CatalogueUnreadable
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue
from monitor.domain.time.clock import Clock
from monitor.roles.catalogues.watcher import CatalogueWatch


class FollowedCatalogues:
    """`first` until the core has renamed another file in."""

    def __init__(self, path: Path, first: Catalogues, clock: Clock) -> None:
        self._watch = CatalogueWatch(path)
        self._clock = clock
        self.catalogues = first

    @property
    def in_force(self) -> Catalogue:
        return self.catalogues.present(self._clock.now()).catalogue

    def look(self) -> None:
        """Adopt what the core compiled since. Where it cannot be read, what was read before stays
        in force."""
        try:
            revisions = self._watch.read_new()
        except CatalogueUnreadable as error:
            structlog.get_logger().error("catalogue.unreadable", error=str(error))
            return
        if revisions is not None:
            self.catalogues = Catalogues(revisions)
