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
from monitor.domain.incidents.promises import is_due
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
"""`OpenRecords` holds the maintenance of a day."""


class Reconciler:
    """`changed` says whether anything that people read was written."""

    def __init__(
        self,
        core_state: CoreState,
        incident_writer: IncidentWriter,
        last_runs: LastRuns,
        tx: JournalTransaction,
        now: Second,
        open_records: OpenRecords,
    ) -> None:
        self._state = core_state
        self._last_runs = last_runs
        self._incident_writer = incident_writer
        self._tx = tx
        self._now = now
        self._incidents = OpenIncidents(open_records.incidents, core_state.relations)
        self._windows = open_records.windows
        self._resolved = ResolvedIncidents(tx.incidents.touching, now)
        self._unwatched = ResolvedIncidents(tx.incidents.unwatched, now)
        self.changed = False

    def replay(self, decided: Iterable[Decided]) -> None:
        """Take transitions in order of the results that confirmed them, time passing between."""
        ordered = sorted(decided, key=lambda d: d.transition.decided_by)
        self._recall_windows(ordered)
        for item in ordered:
            at = item.transition.decided_by
            self._resolve_observed(at)
            self._report_outlasting(item)
            component_status = self._state.learn(item)
            if component_status is not None:
                if component_status.since < item.transition.effective_at:
                    component_status = self._after_reported_end(component_status)
                self._react(component_status, at)

    def reconcile(self) -> None:
        """What time and a new configuration decide: windows that ended, incidents observed long
        enough, components that are no longer watched."""
        self._end_unwatched()
        for component in [*self._state.shown, *self._made_private()]:
            component_status = self._state.component_statuses.get(component)
            if component_status is not None and not self._is_answered(component_status):
                unreported = self._after_reported_end(component_status)
                if unreported is component_status or self._state.was_seen_after(
                    component, unreported.since
                ):
                    self._react(unreported, self._now)
        self._resolve_observed(self._now)
        self._resolve_observed_by_elapsed()
        self._report_lasting()
        for incident in [i for i in self._incidents if is_due(i, self._now)]:
            self._keep_promise(incident)
        for incident in self._incidents:
            self._remind(incident)
        self._state.reminded = {
            i.id: self._state.reminded[i.id]
            for i in self._incidents
            if i.id in self._state.reminded
        }
        self._state.elapsed.keep({key for i in self._incidents for key in _timed(i)})

    def _recall_windows(self, ordered: Sequence[Decided]) -> None:
        """Read the maintenance of the time that is decided: of days ago, where the core was away
        for days."""
        fallen = [s.since for s in self._state.component_statuses.values() if s.status in _FALLEN]
        oldest = min([*fallen, *(d.transition.effective_at for d in ordered)], default=self._now)
        if ordered and ordered[0].transition.decided_by < self._now - _RECENT:
            decided_time = Interval(oldest, Second(self._now + 1))
            self._windows = self._tx.maintenance.touching(decided_time)

    def _report_outlasting(self, item: Decided) -> None:
        """Report what maintenance held back and what was still so when the window had ended,
        although the core did not run when the window ended."""
        component = self._state.moved_by(item)
        before = self._state.component_statuses.get(component) if component is not None else None
        if before is None or before.status not in _FALLEN:
            return
        lasted = Interval(before.since, item.transition.effective_at)
        free_at = self._end_of_maintenance(before.component, lasted)
        if free_at is None or item.transition.effective_at <= free_at:
            return
        if not self._is_open(before.component) and not self._was_reported(before):
            self._react(before, free_at)

    def _end_unwatched(self) -> None:
        """End the open parts of what a new configuration no longer watches. None of it was seen to
        come back, and no message says that it did."""
        for incident in self._incidents:
            for part in incident.open_parts:
                self._end_if_unwatched(part)

    def _end_if_unwatched(self, part: Affected) -> None:
        component = part.component
        component_status = self._state.component_statuses.get(component)
        if component_status is not None and component_status.status in _FALLEN:
            return
        at = self._state.cut_off_since(part, self._now)
        if at is None and component in self._state.watched:
            return
        is_back = False
        if at is None:
            at, is_back = self._state.last_seen(part, self._now)
        own = self._incidents.of(component)
        ended = end_part if is_back else partial(end_watching, now=self._now)
        step = ended(own, component, at) if own else None
        if step is not None:
            self._save(step)

    def _react(self, component_status: ComponentStatus, at: Second) -> None:
        component = component_status.component
        own = self._incidents.of(component)
        if own is None and component not in self._state.shown:
            return
        part = own.open_part(component) if own else None
        if own and part and (lost := self._state.cut_off_since(part, at)) is not None:
            self._save_if_any(end_watching(own, component, lost, self._now))
        if component_status.status is Outcome.UP and not self._has_recovered(component, at):
            return
        own = self._incidents.of(component)
        step = correlate(
            self._incidents.tied_to(component) if own is None else (own,),
            component_status,
            self._state.relations,
            self._now,
            is_held_back=self._in_maintenance(component, at),
            unfinished=self._unfinished(component_status, at),
        )
        self._save_if_any(step)

    def _unfinished(self, component_status: ComponentStatus, at: Second) -> Incident | None:
        """The incident in which the component was down when it ceased to be watched."""
        if component_status.status not in _FALLEN or self._is_open(component_status.component):
            return None
        component, since = (
            component_status.component,
            Second(at - self._state.catalogue.alerting.rejoin),
        )
        lost = [*self._incidents.tied_to(component), *self._unwatched.of([component], since)]
        return unfinished(lost, component, since)

    def _has_recovered(self, component: ComponentId, at: Second) -> bool:
        """Whether there is anything to recover from, and it was seen to be over. A check that is
        new, or back from a gap, is up in the timeline before its first success: that is no
        recovery."""
        return self._is_open(component) and self._state.is_seen(component, at)

    def _resolve_observed(self, at: Second) -> None:
        """Resolve what was observed for long enough, but nothing while its checks do not run."""
        self._resolve([i for i in self._incidents.observed if self._is_being_checked(i, at)], at)

    def _is_being_checked(self, incident: Incident, at: Second) -> bool:
        return all(self._state.is_seen(c, at) for c in incident.components)

    def _resolve(self, incidents: Sequence[Incident], at: Second) -> None:
        alerting = self._state.catalogue.alerting
        for incident in incidents:
            if resolve_recovered(incident, at, alerting.observe) is None:
                continue
            past = self._resolved.of(incident.components, Second(at - alerting.flap_window))
            step = resolve_recovered(incident, at, observation(incident, past, alerting))
            self._save_if_any(step)

    def _resolve_observed_by_elapsed(self) -> None:
        """As `_resolve_observed`, where a wall clock set back would delay it by as much."""
        for incident in self._incidents.observed:
            if incident.monitoring_at is not None and self._is_being_checked(incident, self._now):
                observed = int(self._state.elapsed.since(_timed(incident)[0]))
                self._resolve([incident], Second(incident.monitoring_at + observed))

    def _report_lasting(self) -> None:
        """Report what fell while it was unstable and stays down: that fall was not reported yet."""
        longest = longest_swing(self._state.catalogue.alerting)
        no_longer_due: set[tuple[IncidentId, Affected]] = set()
        for incident in self._incidents:
            parts = {(incident.id, part) for part in incident.open_parts}
            known = parts & self._state.reported_lasting
            due = {key for key in parts - known if self._now - key[1].start >= longest}
            no_longer_due |= known | self._no_longer_due(incident, due)
        self._state.reported_lasting = no_longer_due

    def _no_longer_due(
        self, incident: Incident, due: set[tuple[IncidentId, Affected]]
    ) -> set[tuple[IncidentId, Affected]]:
        """Those of these parts that need no report any more: it was made, or it is made now."""
        again = fell_again(incident) if due else frozenset()
        if not any(part.component in again for _, part in due):
            return due
        alerting = self._state.catalogue.alerting
        since = Second(min(part.start for _, part in due) - alerting.flap_window)
        past = self._resolved.of(incident.components, since)
        not_announced = unannounced(incident, past, alerting, self._now)
        for part in not_announced:
            own = self._incidents.of(part.component)
            if own is not None and self._is_seen_to_be_down(part.component):
                self._write(IncidentChange(incident=own, event=IncidentEvent.LASTING, part=part))
                not_announced = [p for p in not_announced if p is not part]
        return {(owner, part) for owner, part in due if part not in not_announced}

    def _is_seen_to_be_down(self, component: ComponentId) -> bool:
        """Now, and not because of maintenance."""
        component_status = self._state.component_statuses.get(component)
        return (
            component_status is not None
            and component_status.status in _FALLEN
            and self._state.is_seen(component, self._now)
            and not self._in_maintenance(component, self._now)
        )

    def _keep_promise(self, incident: Incident) -> None:
        """Write the update that was promised and that nobody wrote: that it goes on, where it is
        seen to (`part` says so), else that there is nothing new."""
        public = [p for p in incident.open_parts if p.component in self._state.shown]
        is_seen = all(self._is_seen_to_be_down(p.component) for p in public)
        part = public[0] if public and is_seen else None
        self._write(IncidentChange(incident=incident, event=IncidentEvent.DUE, part=part))

    def _remind(self, incident: Incident) -> None:
        """Enqueue the reminder that is due, by the wall clock or by one that nobody sets."""
        alerting, elapsed, key = self._state.catalogue.alerting, self._state.elapsed, incident.id
        if alerting.remind_every is None:
            return
        if not elapsed.has_begun(key):
            elapsed.begin(key, _reminded(self._tx.outbox.of(key)) * alerting.remind_every)
        lasted = Second(incident.created_at + int(elapsed.since(key)))
        due = reminders_due(incident, alerting, max(self._now, lasted))
        events = frozenset((n.event, n.target) for n in due)
        # It is due until the next one is: enqueue it once, and not each second.
        if due and self._state.reminded.get(incident.id) != events:
            self._state.reminded[incident.id] = events
            self._tx.outbox.enqueue(due)

    def _is_answered(self, component_status: ComponentStatus) -> bool:
        """Whether a person has resolved this very fall's incident already, or it opens none now."""
        if component_status.status is Outcome.UP or self._is_open(component_status.component):
            return False
        if component_status.status is Outcome.UNKNOWN or self._in_maintenance(
            component_status.component, self._now
        ):
            return True
        answered = self._state.resolved_by_person
        if answered.get(component_status.component) != component_status.since:
            if not self._was_closed(component_status):
                return False
            answered[component_status.component] = component_status.since
        return True

    def _after_reported_end(self, component_status: ComponentStatus) -> ComponentStatus:
        """A fall whose reported recovery is void, for the clock was set back over it, or results
        came late: it is reported anew, from that end on."""
        if component_status.status not in _FALLEN:
            return component_status
        own = self._incidents.of(component_status.component)
        part = own.open_part(component_status.component) if own else None
        if part is not None and part.start <= component_status.since:
            return component_status
        ends = [
            part.end for _, part in self._reported_parts(component_status) if part.end is not None
        ]
        reported_until = min(self._now, max(ends, default=component_status.since))
        return (
            component_status
            if reported_until <= component_status.since
            else replace(component_status, since=reported_until)
        )

    def _was_reported(self, component_status: ComponentStatus) -> bool:
        """Whether an incident that is over reported this fall."""
        return any(True for _ in self._reported_parts(component_status))

    def _was_closed(self, component_status: ComponentStatus) -> bool:
        """Whether a person has resolved the incident of this fall."""
        return any(
            incident.was_closed(part) for incident, part in self._reported_parts(component_status)
        )

    def _reported_parts(
        self, component_status: ComponentStatus
    ) -> Iterator[tuple[Incident, Affected]]:
        for incident in self._tx.incidents.touching(Interval(component_status.since, FOREVER)):
            for part in incident.affected if not incident.is_unresolved else ():
                if part.component == component_status.component and _covers(
                    part, component_status.since
                ):
                    yield incident, part

    def _is_open(self, component: ComponentId) -> bool:
        return self._incidents.of(component) is not None

    def _made_private(self) -> list[ComponentId]:
        """What was made private while it was down: its end is still reported to operators."""
        return sorted(self._incidents.components - self._state.shown.keys())

    def _save_if_any(self, step: IncidentChange | None) -> None:
        if step is not None:
            self._save(step)

    def _save(self, step: IncidentChange) -> None:
        if may_be_unstable(step):
            alerting = self._state.catalogue.alerting
            since = Second(self._now - alerting.flap_window)
            past = self._resolved.of(step.incident.components, since)
            step = silenced(step, past, alerting, self._now)
        self._write(step)

    def _write(self, step: IncidentChange) -> None:
        catalogue = self._state.catalogues.with_departed(step.incident.components, self._now)
        took = {c: self._last_runs.slow(c, catalogue) for c in step.incident.components}
        seen = {c: length for c, length in took.items() if length is not None}
        saved: Incident = self._incident_writer.save(self._tx, step, catalogue, self._now, seen)
        self._resolved.take(saved)
        self._unwatched.take(saved)
        self._incidents.put(saved, step.part)
        self.changed = True

    def _in_maintenance(self, component: ComponentId, at: Second) -> bool:
        return any(component in w.components and at in w.effective for w in self._windows)

    def _end_of_maintenance(self, component: ComponentId, lasted: Interval) -> Second | None:
        """When maintenance ceased to hold back what fell around it; None where there was none."""
        own = IntervalSet.of(w.effective for w in self._windows if component in w.components)
        return next((span.end for span in own if span.overlaps(lasted)), None)


def _covers(part: Affected, since: Second) -> bool:
    """Whether a part is about the fall that lasts since then. A core that was started again may
    know its last span only, which began within the part."""
    return part.start >= since or (part.end is not None and part.end > since)


def _timed(incident: Incident) -> tuple[Hashable, Hashable]:
    """What is measured of an incident: since when it is observed, and since when it lasts."""
    return (incident.id, incident.monitoring_at), incident.id


def _reminded(history: Sequence[Notification]) -> int:
    """The number of the last reminder."""
    return max((n.number for n in history if n.kind is EventKind.REMINDER), default=0)
