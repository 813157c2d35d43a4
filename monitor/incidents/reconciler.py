"""One transaction's view of the incidents, as transitions and time change them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.correlation import correlate, unfinished
from monitor.domain.incidents.delivery import EventKind, Notification, reminders_due
from monitor.domain.incidents.flapping import (
    fell_again,
    longest_swing,
    may_be_unstable,
    observation,
    silenced,
    unannounced,
)
from monitor.domain.incidents.incident import (
    Affected,
    ComponentStatus,
    Incident,
    IncidentChange,
    IncidentEvent,
    IncidentId,
    end_part,
    end_watching,
    resolve_recovered,
)
from monitor.domain.time.interval import FOREVER, Interval, IntervalSet, Second
from monitor.incidents.resolved import ResolvedIncidents
from monitor.incidents.unresolved import OpenIncidents
from monitor.incidents.writer import IncidentWriter
from monitor.journal.ports import Decided, JournalTransaction
from monitor.state.core_state import CoreState
from monitor.state.last_runs import LastRuns
from monitor.state.open_records import OpenRecords

_FALLEN = (Outcome.DOWN, Outcome.DEGRADED)
_RECENT = 12 * 3600
"""Maintenance is at hand for a day."""


class Reconciler:
    """`changed` says whether anything that people read was written."""

    def __init__(
        self,
        held: CoreState,
        incident_writer: IncidentWriter,
        looks: LastRuns,
        tx: JournalTransaction,
        now: Second,
        open_records: OpenRecords,
    ) -> None:
        self._held = held
        self._looks = looks
        self._incident_writer = incident_writer
        self._tx = tx
        self._now = now
        self._incidents = OpenIncidents(open_records.incidents, held.relations)
        self._windows = open_records.windows
        self._past = ResolvedIncidents(tx.incidents.touching, now)
        self._lost = ResolvedIncidents(tx.incidents.unwatched, now)
        self.changed = False

    def replay(self, decided: Iterable[Decided]) -> None:
        """Take transitions in order of the looks that confirmed them, time passing between."""
        ordered = sorted(decided, key=lambda d: d.transition.decided_by)
        self._recall_windows(ordered)
        for item in ordered:
            at = item.transition.decided_by
            self._ripen(at)
            self._outlast(item)
            standing = self._held.learn(item)
            if standing is not None:
                if standing.since < item.transition.effective_at:
                    standing = self._beyond_what_was_told(standing)
                self._react(standing, at)

    def reconcile(self) -> None:
        """What time and a new configuration decide: windows that ended, incidents observed long
        enough, components that nobody looks at any more."""
        self._lose_sight()
        for component in [*self._held.public, *self._hidden_ones()]:
            standing = self._held.standings.get(component)
            if standing is not None and not self._is_answered(standing):
                beyond = self._beyond_what_was_told(standing)
                if beyond is standing or self._held.was_seen_after(component, beyond.since):
                    self._react(beyond, self._now)
        self._ripen(self._now)
        self._ripen_by_elapsed()
        self._tell_what_lasts()
        for incident in self._incidents:
            self._remind(incident)
        self._held.reminded = {
            i.id: self._held.reminded[i.id] for i in self._incidents if i.id in self._held.reminded
        }
        self._held.elapsed.keep({key for i in self._incidents for key in _timed(i)})

    def _recall_windows(self, ordered: Sequence[Decided]) -> None:
        """The maintenance of the time that is told: days ago, where the core was away for days."""
        fallen = [s.since for s in self._held.standings.values() if s.status in _FALLEN]
        oldest = min([*fallen, *(d.transition.effective_at for d in ordered)], default=self._now)
        if ordered and ordered[0].transition.decided_by < self._now - _RECENT:
            told = Interval(oldest, Second(self._now + 1))
            self._windows = self._tx.maintenance.touching(told)

    def _outlast(self, item: Decided) -> None:
        """What maintenance held back, and was still so when the window had ended, is told although
        the core was not there to see the window end."""
        component = self._held.moved_by(item)
        before = self._held.standings.get(component) if component is not None else None
        if before is None or before.status not in _FALLEN:
            return
        lasted = Interval(before.since, item.transition.effective_at)
        free_at = self._end_of_maintenance(before.component, lasted)
        if free_at is None or item.transition.effective_at <= free_at:
            return
        if not self._is_open(before.component) and not self._was_told(before):
            self._react(before, free_at)

    def _lose_sight(self) -> None:
        """End the open parts of what a new configuration no longer watches. None of it was seen to
        come back, and nobody is told that it did."""
        for incident in self._incidents:
            for part in incident.open_parts:
                self._lose(part)

    def _lose(self, part: Affected) -> None:
        component = part.component
        standing = self._held.standings.get(component)
        if standing is not None and standing.status in _FALLEN:
            return
        at = self._held.sight_lost(part, self._now)
        if at is None and component in self._held.watched:
            return
        is_back = False
        if at is None:
            at, is_back = self._held.last_seen(part, self._now)
        own = self._incidents.of(component)
        ended = end_part if is_back else partial(end_watching, now=self._now)
        step = ended(own, component, at) if own else None
        if step is not None:
            self._keep(step)

    def _react(self, standing: ComponentStatus, at: Second) -> None:
        component = standing.component
        own = self._incidents.of(component)
        if own is None and component not in self._held.public:
            return
        part = own.open_part(component) if own else None
        if own and part and (lost := self._held.sight_lost(part, at)) is not None:
            self._keep_if(end_watching(own, component, lost, self._now))
        if standing.status is Outcome.UP and not self._has_recovered(component, at):
            return
        own = self._incidents.of(component)
        step = correlate(
            self._incidents.tied_to(component) if own is None else (own,),
            standing,
            self._held.relations,
            self._now,
            is_held_back=self._in_maintenance(component, at),
            unfinished=self._unfinished(standing, at),
        )
        self._keep_if(step)

    def _unfinished(self, standing: ComponentStatus, at: Second) -> Incident | None:
        """The incident in which the component was down when they ceased to watch it."""
        if standing.status not in _FALLEN or self._is_open(standing.component):
            return None
        component, since = standing.component, Second(at - self._held.catalogue.alerting.rejoin)
        lost = [*self._incidents.tied_to(component), *self._lost.of([component], since)]
        return unfinished(lost, component, since)

    def _has_recovered(self, component: ComponentId, at: Second) -> bool:
        """Whether there is anything to recover from, and it was seen to be over. Not contradicted
        yet is no recovery: a check that is new, or back from a gap, is up in the timeline before
        its first success."""
        return self._is_open(component) and self._held.is_seen(component, at)

    def _ripen(self, at: Second) -> None:
        """Nothing is called resolved while nobody looks."""
        self._resolve([i for i in self._incidents.observed if self._is_looked_at(i, at)], at)

    def _is_looked_at(self, incident: Incident, at: Second) -> bool:
        return all(self._held.is_seen(c, at) for c in incident.components)

    def _resolve(self, incidents: Sequence[Incident], at: Second) -> None:
        alerting = self._held.catalogue.alerting
        for incident in incidents:
            if resolve_recovered(incident, at, alerting.observe) is None:
                continue
            past = self._past.of(incident.components, Second(at - alerting.flap_window))
            step = resolve_recovered(incident, at, observation(incident, past, alerting))
            self._keep_if(step)

    def _ripen_by_elapsed(self) -> None:
        """As `_ripen`, where the wall clock was set back and would put it off by as much."""
        for incident in self._incidents.observed:
            if incident.monitoring_at is not None and self._is_looked_at(incident, self._now):
                observed = int(self._held.elapsed.since(_timed(incident)[0]))
                self._resolve([incident], Second(incident.monitoring_at + observed))

    def _tell_what_lasts(self) -> None:
        """What fell while it was unstable, and stays down: nobody has been told of that fall."""
        longest = longest_swing(self._held.catalogue.alerting)
        settled: set[tuple[IncidentId, Affected]] = set()
        for incident in self._incidents:
            parts = {(incident.id, part) for part in incident.open_parts}
            known = parts & self._held.settled
            due = {key for key in parts - known if self._now - key[1].start >= longest}
            settled |= known | self._settled(incident, due)
        self._held.settled = settled

    def _settled(
        self, incident: Incident, due: set[tuple[IncidentId, Affected]]
    ) -> set[tuple[IncidentId, Affected]]:
        """Those of these parts that need no word any more: it was said, or it is said now."""
        again = fell_again(incident) if due else frozenset()
        if not any(part.component in again for _, part in due):
            return due
        alerting = self._held.catalogue.alerting
        since = Second(min(part.start for _, part in due) - alerting.flap_window)
        past = self._past.of(incident.components, since)
        unsaid = unannounced(incident, past, alerting, self._now)
        for part in unsaid:
            own = self._incidents.of(part.component)
            if own is not None and self._is_seen_to_be_down(part.component):
                self._write(
                    IncidentChange(incident=own, happening=IncidentEvent.LASTING, part=part)
                )
                unsaid = [p for p in unsaid if p is not part]
        return {(owner, part) for owner, part in due if part not in unsaid}

    def _is_seen_to_be_down(self, component: ComponentId) -> bool:
        """Now, and not for the sake of maintenance."""
        standing = self._held.standings.get(component)
        return (
            standing is not None
            and standing.status in _FALLEN
            and self._held.is_seen(component, self._now)
            and not self._in_maintenance(component, self._now)
        )

    def _remind(self, incident: Incident) -> None:
        """By the wall clock, or by one that nobody sets."""
        alerting, elapsed, key = self._held.catalogue.alerting, self._held.elapsed, incident.id
        if alerting.remind_every is None:
            return
        if not elapsed.has_begun(key):
            elapsed.begin(key, _reminded(self._tx.outbox.of(key)) * alerting.remind_every)
        lasted = Second(incident.created_at + int(elapsed.since(key)))
        due = reminders_due(incident, alerting, max(self._now, lasted))
        events = frozenset((n.event, n.target) for n in due)
        # Due until the next one is: owed once, and not each second.
        if due and self._held.reminded.get(incident.id) != events:
            self._held.reminded[incident.id] = events
            self._tx.outbox.enqueue(due)

    def _is_answered(self, standing: ComponentStatus) -> bool:
        """Whether a person has resolved the incident of this very fall already."""
        if standing.status is Outcome.UP or self._is_open(standing.component):
            return False
        if standing.status is Outcome.UNKNOWN or self._in_maintenance(
            standing.component, self._now
        ):
            return True
        answered = self._held.answered
        if answered.get(standing.component) != standing.since:
            if not self._was_closed(standing):
                return False
            answered[standing.component] = standing.since
        return True

    def _beyond_what_was_told(self, standing: ComponentStatus) -> ComponentStatus:
        """A fall whose recovery was told and is void, for the clock was set back over it, or looks
        came late: it is told anew, from that end on."""
        if standing.status not in _FALLEN:
            return standing
        own = self._incidents.of(standing.component)
        part = own.open_part(standing.component) if own else None
        if part is not None and part.start <= standing.since:
            return standing
        ends = [part.end for _, part in self._told_of(standing) if part.end is not None]
        told_until = min(self._now, max(ends, default=standing.since))
        return standing if told_until <= standing.since else replace(standing, since=told_until)

    def _was_told(self, standing: ComponentStatus) -> bool:
        """Whether an incident that is over told of this fall."""
        return any(True for _ in self._told_of(standing))

    def _was_closed(self, standing: ComponentStatus) -> bool:
        """Whether a person has resolved the incident of this fall."""
        return any(incident.was_closed(part) for incident, part in self._told_of(standing))

    def _told_of(self, standing: ComponentStatus) -> Iterator[tuple[Incident, Affected]]:
        for incident in self._tx.incidents.touching(Interval(standing.since, FOREVER)):
            for part in incident.affected if not incident.is_unresolved else ():
                if part.component == standing.component and _covers(part, standing.since):
                    yield incident, part

    def _is_open(self, component: ComponentId) -> bool:
        return self._incidents.of(component) is not None

    def _hidden_ones(self) -> list[ComponentId]:
        """What was made private while it was down: operators are still told how it ends."""
        return sorted(self._incidents.components - self._held.public.keys())

    def _keep_if(self, step: IncidentChange | None) -> None:
        if step is not None:
            self._keep(step)

    def _keep(self, step: IncidentChange) -> None:
        if may_be_unstable(step):
            alerting = self._held.catalogue.alerting
            since = Second(self._now - alerting.flap_window)
            past = self._past.of(step.incident.components, since)
            step = silenced(step, past, alerting, self._now)
        self._write(step)

    def _write(self, step: IncidentChange) -> None:
        catalogue = self._held.catalogues.telling(step.incident.components, self._now)
        took = {c: self._looks.slow(c, catalogue) for c in step.incident.components}
        seen = {c: length for c, length in took.items() if length is not None}
        saved: Incident = self._incident_writer.save(self._tx, step, catalogue, self._now, seen)
        self._past.take(saved)
        self._lost.take(saved)
        self._incidents.put(saved, step.part)
        self.changed = True

    def _in_maintenance(self, component: ComponentId, at: Second) -> bool:
        return any(component in w.components and at in w.effective for w in self._windows)

    def _end_of_maintenance(self, component: ComponentId, lasted: Interval) -> Second | None:
        """When what fell around maintenance was held back no more; None where there was none."""
        own = IntervalSet.of(w.effective for w in self._windows if component in w.components)
        return next((span.end for span in own if span.overlaps(lasted)), None)


def _covers(part: Affected, since: Second) -> bool:
    """Whether a part tells of the fall that stands since then. A core made anew may know of its
    last stretch only, which began within the part."""
    return part.start >= since or (part.end is not None and part.end > since)


def _timed(incident: Incident) -> tuple[Hashable, Hashable]:
    """What is measured of an incident: since when it is observed, and since when it lasts."""
    return (incident.id, incident.monitoring_at), incident.id


def _reminded(history: Sequence[Notification]) -> int:
    """The number of the last reminder."""
    return max((n.number for n in history if n.kind is EventKind.REMINDER), default=0)
