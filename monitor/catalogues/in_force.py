"""The configurations that ran, compiled, and which of them is in force when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from monitor.catalogues.shown import EverShown, ever_shown
from monitor.domain.catalogue import Catalogue, CatalogueRevision, Check, Component, touched
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.rollup import checks_the_same, effective_periods
from monitor.domain.time.interval import Interval, Second

HANDED_OVER_S = 120
"""Seconds. A configuration comes into force with the next minute; none does so much later."""
_MINUTE = 60


class Catalogues:
    """Every revision, by number; at least one.

    Which one is in force `now` has one answer, that of `as_of`: live checks, incidents, page and
    money use the same one. `at` and `in_force` are about seconds that are over.
    """

    def __init__(self, revisions: Sequence[CatalogueRevision]) -> None:
        if not revisions:
            raise ValueError("no configuration has run yet")
        self._revisions = tuple(sorted(revisions, key=lambda r: r.number))
        self._by_number = {revision.number: revision for revision in self._revisions}
        self._first_starts: dict[ComponentId, Second] | None = None
        self._changed_at: dict[ComponentId, list[int]] | None = None
        self._corrected: tuple[Second, Catalogues] | None = None
        self._shown: tuple[int, EverShown] | None = None
        self._last_start = max(revision.effective_from for revision in self._revisions)
        self._periods = effective_periods(self._revisions)

    @property
    def ruling(self) -> Sequence[tuple[CatalogueRevision, Interval]]:
        """Which revision is in force when, oldest first."""
        return self._periods

    def periods_of(self, component: ComponentId) -> list[tuple[CatalogueRevision, Interval]]:
        """Which revision decides for a component when. One that changed neither it nor its checks
        is left out: of a hundred, one or two concern a component."""
        if self._changed_at is None:
            self._changed_at = _changed_at(self._periods)
        starts = [0, *self._changed_at.get(component, ())]
        ends = [at - 1 for at in starts[1:]] + [len(self._periods) - 1]
        return [
            (
                self._periods[first][0],
                Interval(self._periods[first][1].start, self._periods[last][1].end),
            )
            for first, last in zip(starts, ends, strict=True)
        ]

    @property
    def revisions(self) -> tuple[CatalogueRevision, ...]:
        return self._revisions

    def as_of(self, now: Second) -> Catalogues:
        """The same as of the present second. One whose start is further ahead than any is handed
        over began already: the wall clock has been set back since. Nobody knows when, so it is in
        force from the minute in which that was found out."""
        if self._last_start <= now:
            return self
        # Found out once: that minute stays its start until its own start has come.
        if self._corrected is not None and self._corrected[0] <= now:
            return self._corrected[1]
        ahead = [r.number for r in self._revisions if r.effective_from - now > HANDED_OVER_S]
        if not ahead:
            return self
        minute = this_minute(now)
        self._corrected = (minute, self.restamped(dict.fromkeys(ahead, minute)))
        return self._corrected[1]

    def restamped(self, starts: Mapping[int, Second]) -> Catalogues:
        """The same, where some have another start, by number."""
        if not starts:
            return self
        return Catalogues(
            [
                replace(r, effective_from=starts[r.number]) if r.number in starts else r
                for r in self._revisions
            ]
        )

    def check(self, wanted: CheckId, revision: int) -> Check | None:
        found = self._by_number.get(revision)
        return None if found is None else found.catalogue.check(wanted)

    def first_seen(self, component: ComponentId) -> Second:
        """The start of the first configuration that had the component. Raises KeyError for one that
        none ever had."""
        if self._first_starts is None:
            self._first_starts = _first_starts_in(self._revisions)
        return self._first_starts[component]

    def broken_off(self, wanted: CheckId, since: int, until: int) -> Second | None:
        """When a check that was under one revision first ceased to probe the same thing, up to a
        later one: gone, or of another kind or target; None where it never did."""
        was = self.check(wanted, since)
        if was is None:
            return None
        for revision, period in self._periods:
            if since < revision.number <= until:
                now = self.check(wanted, revision.number)
                if now is None or not checks_the_same(was, now):
                    return period.start
        return None

    def last_known(self, wanted: ComponentId, now: Second) -> Component | None:
        """A component as it is, or as it last was where it has left the configuration."""
        catalogue = self.last_with(wanted, now)
        return None if catalogue is None else catalogue.component(wanted)

    def last_with(self, wanted: ComponentId, now: Second) -> Catalogue | None:
        """The last catalogue up to now that has a component."""
        for revision, period in reversed(self.as_of(now).ruling):
            if period.start <= now and revision.catalogue.has(wanted):
                return revision.catalogue
        return None

    def ever_shown(self, now: Second) -> EverShown:
        """What the pages have shown up to now."""
        as_of = self.as_of(now)
        if as_of is not self:
            return as_of.ever_shown(now)
        begun = sum(period.start <= now for _, period in self._periods)
        # The page asks each minute, of a hundred revisions with a thousand components each.
        if self._shown is None or self._shown[0] != begun:
            self._shown = (begun, ever_shown(self._periods[:begun]))
        return self._shown[1]

    def with_departed(self, components: Iterable[ComponentId], now: Second) -> Catalogue:
        """The catalogue of that second, and with it those of some components that have left it: so
        that what is reported about them has their names. Its `unwatched` are those of them that no
        check watches."""
        present = self.present(now).catalogue
        unwatched = frozenset(c for c in components if not present.deciding(c))
        if not unwatched:
            return present
        gone = [(c, self.last_with(c, now)) for c in components if not present.has(c)]
        last = [(then.component(c), then) for c, then in gone if then is not None]
        # No page of the present lists what has left: it may be named where one showed it last.
        departed = (replace(found, is_public=then.is_shown(found)) for found, then in last)
        everyone = (*present.components, *departed)
        return replace(present, components=everyone, unwatched=unwatched)

    def present(self, now: Second) -> CatalogueRevision:
        """The revision to use now."""
        return self.as_of(now).in_force(now)

    def at(self, then: Second) -> Catalogue:
        """What was in force at a second of the past; for the present one ask `present`."""
        return self.in_force(then).catalogue

    def in_force(self, then: Second) -> CatalogueRevision:
        """The revision of that second; before the first one, the first."""
        started = [r for r in self._revisions if r.effective_from <= then]
        return max(started, key=lambda r: (r.effective_from, r.number), default=self._revisions[0])

    def stand_ins(self, window: Interval) -> tuple[int, ...]:
        """The revisions in force in a window that could not be read: what their configuration
        was is not known there, and nothing final may be said about it."""
        return tuple(
            r.number for r, period in self._periods if r.is_stand_in and period.overlaps(window)
        )


def this_minute(at: Second) -> Second:
    return Second(at - at % _MINUTE)


def next_minute(at: Second) -> Second:
    """From when a configuration is in force that is handed over at a second."""
    return Second(this_minute(at) + _MINUTE)


def _first_starts_in(revisions: Sequence[CatalogueRevision]) -> dict[ComponentId, Second]:
    found: dict[ComponentId, Second] = {}
    known: tuple[Component, ...] = ()
    for revision in sorted(revisions, key=lambda r: r.effective_from):
        if revision.catalogue.components is known:
            continue
        known = revision.catalogue.components
        for component in known:
            found.setdefault(component.id, revision.effective_from)
    return found


def _changed_at(
    periods: Sequence[tuple[CatalogueRevision, Interval]],
) -> dict[ComponentId, list[int]]:
    """At which places in the order of effective periods each component was changed."""
    found: dict[ComponentId, list[int]] = {}
    for place, ((before, _), (after, _)) in enumerate(pairwise(periods), start=1):
        for component in touched(before.catalogue, after.catalogue):
            found.setdefault(component, []).append(place)
    return found
