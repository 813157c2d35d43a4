"""The configurations that ran, compiled, and which of them is in force when."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.domain.catalogue import Catalogue, CatalogueRevision, Check
from monitor.domain.interval import Interval, Second
from monitor.domain.observation import CheckId
from monitor.domain.rollup import reigns

HANDED_OVER_S = 120
"""A configuration comes into force with the next minute; so much later none does."""


class Catalogues:
    """Every revision, by number; at least one."""

    def __init__(self, revisions: Sequence[CatalogueRevision]) -> None:
        if not revisions:
            raise ValueError("no configuration has run yet")
        self._revisions = tuple(sorted(revisions, key=lambda r: r.number))
        self._checks = {
            (revision.number, check.id): check
            for revision in self._revisions
            for check in revision.catalogue.checks
        }

    @property
    def revisions(self) -> tuple[CatalogueRevision, ...]:
        return self._revisions

    def check(self, wanted: CheckId, revision: int) -> Check | None:
        return self._checks.get((revision, wanted))

    def in_force(self, now: Second) -> CatalogueRevision:
        """The revision of that second; before the first one, the first."""
        started = [r for r in self._revisions if r.effective_from <= now]
        return max(started, key=lambda r: (r.effective_from, r.number), default=self._revisions[0])

    def present(self, now: Second) -> CatalogueRevision:
        """The revision to work by now. One that is to begin later than any is handed over began
        already: the wall clock has been set back since, and an older one is not in force again."""
        begun = [r for r in self._revisions if not 0 < r.effective_from - now <= HANDED_OVER_S]
        return max(begun, key=lambda r: (r.effective_from, r.number), default=self._revisions[0])

    def stand_ins(self, window: Interval) -> tuple[int, ...]:
        """The revisions in force in a window that could not be read: what their configuration
        was is not known there, and nothing final may be said of it."""
        ruling = reigns(self._revisions)
        return tuple(r.number for r, reign in ruling if r.is_stand_in and reign.overlaps(window))

    def at(self, now: Second) -> Catalogue:
        return self.in_force(now).catalogue
