"""The configurations that ran, compiled, and which of them is in force when."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.domain.catalogue import Catalogue, CatalogueRevision, Check
from monitor.domain.interval import Interval, Second
from monitor.domain.observation import CheckId, ComponentId
from monitor.domain.rollup import reigns


class Catalogues:
    """Every revision, by number; at least one."""

    def __init__(self, revisions: Sequence[CatalogueRevision]) -> None:
        if not revisions:
            raise ValueError("no configuration has run yet")
        self._revisions = tuple(sorted(revisions, key=lambda r: r.number))
        self._by_number = {revision.number: revision for revision in self._revisions}
        self._born: dict[ComponentId, Second] | None = None

    @property
    def revisions(self) -> tuple[CatalogueRevision, ...]:
        return self._revisions

    def check(self, wanted: CheckId, revision: int) -> Check | None:
        found = self._by_number.get(revision)
        return None if found is None else found.catalogue.check(wanted)

    def first_seen(self, component: ComponentId) -> Second:
        """The start of the first configuration that had the component. Raises KeyError for one that
        none ever had."""
        if self._born is None:
            self._born = _births(self._revisions)
        return self._born[component]

    def in_force(self, now: Second) -> CatalogueRevision:
        """The revision of that second; before the first one, the first."""
        started = [r for r in self._revisions if r.effective_from <= now]
        return max(started, key=lambda r: (r.effective_from, r.number), default=self._revisions[0])

    def stand_ins(self, window: Interval) -> tuple[int, ...]:
        """The revisions in force in a window that could not be read: what their configuration
        was is not known there, and nothing final may be said of it."""
        ruling = reigns(self._revisions)
        return tuple(r.number for r, reign in ruling if r.is_stand_in and reign.overlaps(window))

    def at(self, now: Second) -> Catalogue:
        return self.in_force(now).catalogue


def _births(revisions: Sequence[CatalogueRevision]) -> dict[ComponentId, Second]:
    found: dict[ComponentId, Second] = {}
    for revision in revisions:
        for component in revision.catalogue.components:
            start = found.get(component.id, revision.effective_from)
            found[component.id] = min(start, revision.effective_from)
    return found
