"""Incidents that a person opens, or opens again.

They change what is shown, and no second of any figure: nothing that counts reads a statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitor.domain.accounts.permissions import Scope
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.by_hand import opened_by_hand, reopened
from monitor.domain.incidents.delivery import Delivery, EventKind
from monitor.domain.incidents.incident import Incident, Phase
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.refusals import Refused, public_text, require_scope
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.incidents.failing import failing_now
from monitor.incidents.free_id import free_id
from monitor.incidents.use_cases import RECENT, IncidentUseCases
from monitor.journal.ports import JournalTransaction
from monitor.self_monitoring.system_alert import system_alerts

REOPENS = 14 * 86_400
"""For so many seconds after its end an incident may be opened again."""
_MOMENT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsByHand(IncidentUseCases):
    """What a person tells of, whatever any check saw."""

    def open(
        self,
        *,
        title: Text,
        text: Text,
        statuses: Mapping[str, Outcome],
        phase: Phase = Phase.INVESTIGATING,
        started_at: Second | None = None,
        ended_at: Second | None = None,
    ) -> Incident:
        """Tell of an incident, with what is said of components: none, where it concerns all. It
        may have begun in the last 90 days, and be over: then it is RESOLVED, at `ended_at` or
        now. Operators get one notice that is no alert."""
        require_scope(self.actor, Scope.INCIDENTS_WRITE)
        now = self.clock.now()
        stated = self.stated(statuses)
        self.bounds.require_all(stated)
        start = now if started_at is None else _past(started_at, now)
        over = _end(phase, ended_at, now)
        if over is not None and over < start:
            raise Refused("incident.ends_before_start")
        with self.journal.transaction() as tx:
            opened = opened_by_hand(
                free_id(tx, "|".join(stated) or self.actor.id, now),
                title=public_text(title, "title"),
                statuses=stated,
                phase=phase,
                started_at=start,
                ended_at=over,
                now=now,
            )
            saved = self.save(tx, None, self.written(opened, text, None, now), "incident.opened")
            self._notify(tx, saved, now)
            return saved

    def reopen(
        self,
        wanted: str,
        *,
        text: Text,
        title: Text | None = None,
        revision: int | None = None,
    ) -> Incident:
        """Say that one which was resolved is not over. Of what the machine saw only that goes on
        which is down at this moment: what it saw come back did come back."""
        now = self.clock.now()
        with self.journal.transaction() as tx:
            found = self.get(tx, wanted)
            self.guard(found, revision)
            self.require_own(found)
            self._check_reopens(tx, found, now)
            failing = {s.component for s in failing_now(tx, self.catalogue, found.components, now)}
            again = reopened(found, failing)
            if again is None:
                raise Refused("incident.recovered", id=found.id)
            saved = self.save(tx, found, self.written(again, text, title, now), "incident.reopened")
            _withdraw_resolution(tx, saved)
            return saved

    def _check_reopens(self, tx: JournalTransaction, found: Incident, now: Second) -> None:
        if found.resolved_at is None:
            raise Refused("incident.open", id=found.id)
        if now - found.resolved_at > REOPENS:
            raise Refused("incident.long_over", id=found.id, days=REOPENS // 86_400)
        for other in tx.incidents.unresolved():
            taken = next((p for p in found.closed_parts if other.open_part(p.component)), None)
            if taken is not None:
                raise Refused("incident.goes_on", id=found.id, other=other.id)

    def _notify(self, tx: JournalTransaction, saved: Incident, now: Second) -> None:
        """One message to the first target of each route that its components concern, as low as one
        about the monitor: nobody has to get up for what a colleague has just written."""
        concerned: set[ComponentId] = set(saved.concerned)
        alerting = self.catalogue.alerting
        routes = tuple(
            route
            for route in alerting.routes
            if route.components is None or not concerned or concerned & route.components
        )
        event = f"{SystemAlert.TOLD_BY_PERSON}:{saved.id}"
        subject = f"{SystemAlert.TOLD_BY_PERSON}:{now}:{saved.id}={self.actor.id}"
        tx.outbox.enqueue(system_alerts(event, subject, replace(alerting, routes=routes), now))


def _withdraw_resolution(tx: JournalTransaction, saved: Incident) -> None:
    """Nobody reads any more that it is over, where that has not left yet."""
    history = tx.outbox.of(saved.id)
    others = [
        n for n in history if n.delivery is Delivery.PENDING and n.kind is not EventKind.RESOLUTION
    ]
    tx.outbox.delete_pending(saved.id)
    tx.outbox.enqueue(others)


def _end(phase: Phase, ended_at: Second | None, now: Second) -> Second | None:
    """When it was over; None where it goes on. Raises Refused."""
    if phase is Phase.RESOLVED:
        return now if ended_at is None else _past(ended_at, now)
    if ended_at is not None:
        raise Refused("incident.end_without_resolution")
    return None


def _past(at: Second, now: Second) -> Second:
    """A second that is no later than now: "now" by another clock may be a moment ahead. Raises
    Refused."""
    if at > now + _MOMENT:
        raise Refused("incident.not_yet")
    if at < now - RECENT:
        raise Refused("incident.too_early", days=RECENT // 86_400)
    return min(at, now)
