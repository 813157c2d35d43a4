"""What the core holds between ticks: nothing that the journal and the log could not give back;
and how long things have lasted, by a clock that nobody sets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from copy import copy

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Component
from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.correlation import Relations, relations_of
from monitor.domain.incidents.incident import Affected, ComponentStatus, IncidentId
from monitor.domain.rollup import component_timeline, cut_off_at
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.journal.ports import Decided, JournalTransaction
from monitor.results.log.ports import FoldKey
from monitor.self_monitoring.connectivity_state import ConnectivityState
from monitor.state.component_status import (
    RecentTimelines,
    ever_deciding,
    is_watched,
    present_status,
)

DAY = 86_400


class CoreState:
    """Fold states, the last transitions, and the status of each component of the catalogue."""

    def __init__(
        self,
        tx: JournalTransaction,
        catalogues: Catalogues,
        now: Second,
        boottime: Callable[[], float],
    ) -> None:
        self.catalogues = catalogues.as_of(now)
        self.elapsed = Elapsed(boottime)
        self._boottime = boottime
        self._moved_at: dict[FoldKey, float] = {}
        self._taken_in_at = boottime()
        self.states: dict[FoldKey, FoldState] = dict(tx.folds.states())
        self.cursor = tx.folds.cursor()
        self.connectivity = ConnectivityState.restored(tx, catalogues.present(now).catalogue)
        self.component_statuses: dict[ComponentId, ComponentStatus] = {}
        self.resolved_by_person: dict[ComponentId, Second] = {}
        """Falls whose incident a person has resolved: since when the component is down."""
        self.reminded: dict[IncidentId, frozenset[tuple[str, str]]] = {}
        """The last reminders, by event and target."""
        self.reported_lasting: set[tuple[IncidentId, Affected]] = set()
        """What is down, and was reported as lasting or need not be."""
        recent = Interval(Second(now - DAY), FOREVER)
        self._recent = RecentTimelines(tx.transitions.drawing(recent))
        self._compute_statuses(now)

    def follow(self, catalogues: Catalogues, now: Second) -> None:
        """Use what is in force now of the configurations that ran."""
        as_of = catalogues.as_of(now)
        is_same = as_of is self.catalogues or _starts(as_of, now) == _starts(self.catalogues, now)
        self.catalogues = as_of
        # One that was handed over for the next minute changes nothing yet.
        if not is_same or as_of.present(now).catalogue is not self.catalogue:
            self._compute_statuses(now)

    def _compute_statuses(self, now: Second) -> None:
        """Compute every component's status anew, as the present catalogue rolls its checks up."""
        self._revision = self.catalogues.present(now)
        catalogue = self.catalogue = self._revision.catalogue
        self.relations: Relations = relations_of(catalogue)
        self._periods = [r for r in self.catalogues.ruling if r[1].start <= now] or [
            self.catalogues.ruling[0]
        ]
        self.shown = {c.id: c for c in catalogue.components if catalogue.is_shown(c)}
        """What any page shows: what is reported when it fails."""
        self.watched = {c.id for c in catalogue.components if is_watched(catalogue, c.id)}
        self.component_statuses = {}
        for component in catalogue.components:
            self._update_status(component, now)

    def take_states(self, states: Mapping[FoldKey, FoldState]) -> None:
        """Take in the states of the folds that new results moved just now; no other was moved."""
        self._taken_in_at = self._boottime()
        self.states.update(states)
        self._moved_at.update(dict.fromkeys(states, self._taken_in_at))

    def after(
        self, states: Mapping[FoldKey, FoldState], cursor: int, decided: Sequence[Decided]
    ) -> CoreState:
        """What comes of this one with those states and what was decided with them. This one stays
        as it is: others may be reading it."""
        later = copy(self)
        later.go_on(states, cursor, decided)
        return later

    def go_on(
        self, states: Mapping[FoldKey, FoldState], cursor: int, decided: Sequence[Decided]
    ) -> None:
        """Become what `after` gives, and share nothing with another state that either changes."""
        self.states, self.cursor = dict(states), cursor
        self.component_statuses = dict(self.component_statuses)
        if decided:
            self._recent = self._recent.copy()
        for item in decided:
            self.learn(item)

    def silent_s(self, key: FoldKey) -> float | None:
        """Seconds from the last result that moved this fold to the last time that results were
        taken in, by a clock that nobody sets; None where that result came before this process.

        The time that a tick then takes does not count: a disk that is slow in the middle of a
        transaction makes no result old that the transaction is about.
        """
        moved_at = self._moved_at.get(key)
        return None if moved_at is None else self._taken_in_at - moved_at

    def learn(self, item: Decided) -> ComponentStatus | None:
        """Take one transition in; the status of the component that it moved, if any."""
        self._recent.add(item.key, item.transition)
        component = self.moved_by(item)
        if component is None:
            return None
        return self._update_status(self.catalogue.component(component), item.transition.decided_by)

    def moved_by(self, item: Decided) -> ComponentId | None:
        """The component that a transition is about, if it is still configured."""
        check = self.catalogues.check(item.check, item.catalogue_revision)
        is_here = check is not None and self.catalogue.has(check.component)
        return check.component if check is not None and is_here else None

    def cut_off_since(self, part: Affected, now: Second) -> Second | None:
        """When a configuration hid an open part's failure; None where it is still seen, or was seen
        to be over."""
        span = Interval(part.start, now)
        if all(not span.start < period.start <= now for _, period in self._periods):
            return None
        checks = ever_deciding(part.component, self._periods, span)
        timelines = self._recent.timelines(checks, now, self._silent_from)
        return cut_off_at(part.component, timelines, self._periods, span)

    def last_seen(self, part: Affected, now: Second) -> tuple[Second, bool]:
        """The end of what was seen to fail of a component that nobody watches any more, and
        whether that was seen to be its recovery."""
        span = Interval(part.start, Second(now + 1))
        checks = ever_deciding(part.component, self._periods, span)
        timelines = self._recent.timelines(checks, now, self._silent_from)
        timeline = component_timeline(
            part.component, timelines, [r for r, _ in self._periods], span
        )
        ends = [s.end for s in timeline if s.status in (Outcome.DOWN, Outcome.DEGRADED)]
        end = min(now, max(ends, default=now))
        return end, any(s.start == end and s.status is Outcome.UP for s in timeline)

    def learn_anew(self, tx: JournalTransaction, keys: Collection[FoldKey], now: Second) -> None:
        """Take in that the past of these folds has changed."""
        by_fold = tx.transitions.drawing(Interval(Second(now - DAY), Second(now + 1)), keys)
        for key in keys:
            self._recent.put(key, by_fold.get(key, ()))
        checks = {check for check, _ in keys}
        moved = {c.component for c in self.catalogue.checks if c.id in checks}
        for component in self.catalogue.components:
            if component.id in moved:
                self._update_status(component, now)

    def is_seen(self, component: ComponentId, at: Second) -> bool:
        """Whether its results are fresh. A component that is gone from the catalogue, or has lost
        its checks, counts as seen, for no check of it will run again."""
        if component not in self.watched:
            return True
        known = self.catalogue.component(component)
        status = present_status(self.catalogue, known, self.states, at, self.silent_s)
        return status is not Outcome.UNKNOWN

    def was_seen_after(self, component: ComponentId, at: Second) -> bool:
        """Whether any of its checks has a result after that second."""
        checks = self.catalogue.deciding(component)
        states = (self.states.get((c.id, place)) for c in checks for place in c.locations)
        return any(s is not None and s.last_slot is not None and s.last_slot > at for s in states)

    def _update_status(self, component: Component, at: Second) -> ComponentStatus | None:
        component_status = self._recent.component_status(
            component, at, self._periods, self._silent_from
        )
        if component_status is not None:
            self.component_statuses[component.id] = component_status
        return component_status

    def _silent_from(self, key: FoldKey) -> Second | None:
        """A fold whose last result is of another target, or from before its check was removed, says
        nothing about its check now."""
        state = self.states.get(key)
        if state is None or state.revision == self._revision.number:
            return None
        return self.catalogues.broken_off(key[0], state.revision, self._revision.number)


def _starts(catalogues: Catalogues, now: Second) -> list[tuple[int, Second]]:
    return [(r.number, period.start) for r, period in catalogues.ruling if period.start <= now]


class Elapsed:
    """Measured from the first time that a thing is asked about; a restart measures anew."""

    def __init__(self, boottime: Callable[[], float]) -> None:
        self._boottime = boottime
        self._began: dict[Hashable, float] = {}

    def has_begun(self, thing: Hashable) -> bool:
        return thing in self._began

    def begin(self, thing: Hashable, ago_s: float = 0.0) -> None:
        self._began[thing] = self._boottime() - ago_s

    def since(self, thing: Hashable) -> float:
        """Seconds; 0 where it begins now."""
        if thing not in self._began:
            self.begin(thing)
        return self._boottime() - self._began[thing]

    def keep(self, things: Collection[Hashable]) -> None:
        """Forget all the others."""
        self._began = {thing: at for thing, at in self._began.items() if thing in things}
