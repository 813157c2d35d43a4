"""Saving what the machine decided about an incident: its update, the change, what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE, Change
from monitor.domain.checks.observation import ComponentId, FailureClass, Json
from monitor.domain.exclusions import exclusions_under
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
from monitor.domain.refusals import NotFound
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.incident_text.parts import has_public_part, is_about_private_part
from monitor.incident_text.text import machine_title, update_text
from monitor.journal.ports import JournalTransaction
from monitor.timelines.excluded import always_in_force, default_rules, troubles_at_publication
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
    """Tells incidents in the words of the failure classes that the probes declare."""

    failures: Mapping[str, FailureClass]

    def save(
        self,
        tx: JournalTransaction,
        step: IncidentChange,
        catalogue: Catalogue,
        now: Second,
        took_ms: Mapping[ComponentId, float] | None = None,
    ) -> Incident:
        """Write the step down: the incident with its update, one change, what is owed. `took_ms`
        says how long what is slow took last."""
        # Lengths are told once all is over.
        is_over = step.happening is IncidentEvent.RESOLVED
        planned = _planned(tx, step.incident, catalogue, now) if is_over else {}
        unseen = unseen_of(tx.transitions, step.incident, catalogue, now) if is_over else {}
        alerted_at = _alerted_at(tx, step.incident)
        told = self._told(step, catalogue, now, planned, unseen, took_ms, alerted_at)
        if told.revision == 0:
            told = _with_free_id(tx, told)
        saved = tx.incidents.save(told)
        tx.changes.append([_change(step, saved, now)])
        self._owe(tx, replace(step, incident=saved), catalogue, now)
        return saved

    def _told(
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
        if step.happening in _SILENT:
            return titled
        words = None
        if not is_about_private_part(step, catalogue):
            words = update_text(
                replace(step, incident=titled),
                catalogue=catalogue,
                failures=self.failures,
                next_update_at=Second(now + catalogue.alerting.next_update),
                took_ms=took_ms,
                forgiven=planned,
                unseen=unseen,
                alerted_at=alerted_at,
            )
        update = Update(
            number=0,
            at=now,
            phase=titled.phase,
            happening=step.happening,
            actor=MACHINE.id,
            machine=words,
        )
        return write(titled, update)

    def _owe(
        self, tx: JournalTransaction, step: IncidentChange, catalogue: Catalogue, now: Second
    ) -> None:
        """Opening after the group's wait; what joins before it leaves rides along in silence, but
        brings in the routes that only it concerns."""
        if step.is_hushed:
            return
        incident, alerting = step.incident, catalogue.alerting
        leaves_at = Second(incident.created_at + alerting.group_wait)
        number = len(incident.updates)
        # Before its creation is it where the clock has been set back since: it left in its time.
        has_left = not 0 <= now - incident.created_at < alerting.group_wait
        if step.happening is IncidentEvent.OPENED or (step.happening in _ALERTING and not has_left):
            tx.outbox.enqueue(pending(incident, EventKind.OPENING, 0, alerting, leaves_at))
        elif step.happening is IncidentEvent.RESOLVED:
            often = sum(u.happening is IncidentEvent.RESOLVED for u in incident.updates)
            due_at = now if has_left else leaves_at
            tx.outbox.enqueue(pending(incident, EventKind.RESOLUTION, often - 1, alerting, due_at))
        elif step.happening in _ALERTING and not _is_dependent(step):
            tx.outbox.enqueue(pending(incident, EventKind.UPDATE, number, alerting, now))


def _alerted_at(tx: JournalTransaction, incident: Incident) -> Second | None:
    """When the first alert was delivered that told of all that had fallen in it: until then the
    public would read that somebody knows of what nobody was told."""
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
    stood = troubles_at_publication(tx.transitions, [always_in_force(catalogue)], windows)
    planned = exclusions_under(default_rules(catalogue), windows, (), stood)
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
        at=now, actor=MACHINE.id, kind=f"incident.{step.happening}", subject=str(saved.id),
        before={}, after=after,
    )  # fmt: skip
