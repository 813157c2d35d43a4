"""Saves what the machine decided about an incident: its update, the change, what is pending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE, Change
from monitor.domain.checks.observation import ComponentId, FailureClass, Json
from monitor.domain.exclusions.rules import exclusions_under
from monitor.domain.incidents.delivery import EventKind, includes, pending
from monitor.domain.incidents.incident import (
    Incident,
    IncidentChange,
    IncidentEvent,
    Update,
    incident_id,
    last_fall,
    write,
)
from monitor.domain.incidents.promises import promised
from monitor.domain.refusals import NotFound
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.incident_text.parts import has_public_part, is_about_private_part
from monitor.incident_text.text import machine_title, update_text
from monitor.journal.ports import JournalTransaction
from monitor.timelines.excluded import always_in_force, default_rules, outages_at_publication
from monitor.timelines.unobserved import unseen_of

SecondsOf = Mapping[ComponentId, IntervalSet]
"""Seconds of an incident, component by component."""
_SILENT = frozenset({IncidentEvent.EASED, IncidentEvent.SWUNG})
_ALERTING = frozenset(
    {
        IncidentEvent.JOINED,
        IncidentEvent.WORSENED,
        IncidentEvent.RELAPSED,
        IncidentEvent.RESUMED,
        IncidentEvent.UNSTABLE,
        IncidentEvent.LASTING,
        IncidentEvent.UNWATCHED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentWriter:
    """Writes about incidents in the words of the failure classes that the probes declare."""

    failures: Mapping[str, FailureClass]

    def save(
        self,
        tx: JournalTransaction,
        step: IncidentChange,
        catalogue: Catalogue,
        now: Second,
        took_ms: Mapping[ComponentId, float] | None = None,
    ) -> Incident:
        """Save the step: the incident with its update, one change, what is pending. `took_ms` says
        how long the last run of what is slow took."""
        # Durations are stated once all is over.
        is_over = step.event is IncidentEvent.RESOLVED
        planned = _planned(tx, step.incident, catalogue, now) if is_over else {}
        unseen = unseen_of(tx.transitions, step.incident, catalogue, now) if is_over else {}
        alerted_at = _alerted_at(tx, step.incident)
        written = self._written(step, catalogue, now, planned, unseen, took_ms, alerted_at)
        if written.revision == 0:
            written = _with_free_id(tx, written)
        saved = tx.incidents.save(written)
        tx.changes.append([_change(step, saved, now)])
        self._enqueue(tx, replace(step, incident=saved), catalogue, now)
        return saved

    def _written(
        self,
        step: IncidentChange,
        catalogue: Catalogue,
        now: Second,
        planned: SecondsOf,
        unseen: SecondsOf,
        took_ms: Mapping[ComponentId, float] | None,
        alerted_at: Second | None,
    ) -> Incident:
        titled = step.incident
        if titled.revision == 0 or has_public_part(titled, catalogue):
            title = machine_title(titled, catalogue, self.failures)
            titled = replace(titled, machine_title=title)
        if step.event in _SILENT:
            return titled
        words = None
        if not is_about_private_part(step, catalogue):
            words = update_text(
                replace(step, incident=titled),
                catalogue=catalogue,
                failures=self.failures,
                now=now,
                took_ms=took_ms,
                excluded=planned,
                unseen=unseen,
                alerted_at=alerted_at,
            )
        update = Update(
            number=0,
            at=now,
            phase=titled.phase,
            event=step.event,
            actor=MACHINE.id,
            machine=words,
            next_update_at=promised(titled, now, catalogue.alerting.next_update),
        )
        return write(titled, update)

    def _enqueue(
        self, tx: JournalTransaction, step: IncidentChange, catalogue: Catalogue, now: Second
    ) -> None:
        """The opening is due after the group's wait. What joins before it leaves has no message of
        its own, but brings in the routes that only it concerns."""
        if step.is_silenced:
            return
        incident, alerting = step.incident, catalogue.alerting
        leaves_at = Second(incident.created_at + alerting.group_wait)
        number = len(incident.updates)
        # It is before its creation where the clock has been set back since: then it has left.
        has_left = not 0 <= now - incident.created_at < alerting.group_wait
        if step.event is IncidentEvent.OPENED or (step.event in _ALERTING and not has_left):
            tx.outbox.enqueue(pending(incident, EventKind.OPENING, 0, alerting, leaves_at))
        elif step.event is IncidentEvent.RESOLVED:
            due_at = now if has_left else leaves_at
            tx.outbox.enqueue(
                pending(incident, EventKind.RESOLUTION, incident.resolutions - 1, alerting, due_at)
            )
        elif step.event in _ALERTING and not _is_dependent(step):
            tx.outbox.enqueue(pending(incident, EventKind.UPDATE, number, alerting, now))


def _alerted_at(tx: JournalTransaction, incident: Incident) -> Second | None:
    """When the first alert was delivered that reported all that had fallen in it. Before that the
    public must not read that Operations has been alerted."""
    fall = last_fall(incident)
    if fall is None:
        return None
    history = tx.outbox.of(str(incident.id))
    sent = [n.sent_at for n in history if n.sent_at is not None and includes(n, fall)]
    return min(sent, default=None)


def _planned(
    tx: JournalTransaction, incident: Incident, catalogue: Catalogue, now: Second
) -> SecondsOf:
    """The maintenance that an incident overlaps and that does not count, by the default terms."""
    around = Interval(incident.started_at, Second(max(now, incident.started_at) + 1))
    windows = [w for w in tx.maintenance.touching(around) if w.published_at is not None]
    failing = outages_at_publication(tx.transitions, [always_in_force(catalogue)], windows)
    planned = exclusions_under(default_rules(catalogue), windows, (), failing)
    return {
        component: IntervalSet.of(e.interval for e in planned if e.component == component)
        for component in incident.components
    }


def _is_dependent(step: IncidentChange) -> bool:
    return step.part is not None and step.part.is_dependent


def _with_free_id(tx: JournalTransaction, incident: Incident) -> Incident:
    """An id is a hash of component and start: where another incident has it, salt it."""
    component, start = incident.affected[0].component, incident.affected[0].start
    for salt in range(1, 100):
        try:
            tx.incidents.get(incident.id)
        except NotFound:
            return incident
        incident = replace(incident, id=incident_id(component, start, salt))
    raise RuntimeError(f"no free id for an incident of {component} at {start}")


def _change(step: IncidentChange, saved: Incident, now: Second) -> Change:
    after: dict[str, Json] = {
        "phase": str(saved.phase),
        "impact": str(saved.impact),
        "components": [str(c) for c in saved.components],
    }
    if step.part is not None:
        after["component"] = str(step.part.component)
    return Change(
        at=now, actor=MACHINE.id, kind=f"incident.{step.event}", subject=str(saved.id),
        before={}, after=after,
    )  # fmt: skip
