"""What every use case about incidents shares: who may, what was seen, the record, one change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Actor
from monitor.domain.checks.observation import ComponentId, Json, Outcome
from monitor.domain.incidents.incident import (
    Incident,
    IncidentEvent,
    IncidentId,
    Update,
    write,
)
from monitor.domain.incidents.promises import promised_by_person
from monitor.domain.refusals import (
    NotFound,
    Refused,
    no_such,
    public_text,
    require_scope,
    require_seen,
)
from monitor.domain.text import Text
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.incidents.service_bounds import ServiceBounds
from monitor.journal.ports import Journal, JournalTransaction

RECENT = 90 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentUseCases:
    """Every method raises NotFound, Stale or Refused, and nothing has changed then; and
    JournalError where the database fails. For an actor that is bounded to services there are the
    incidents of their components alone; it writes those of which every component is theirs."""

    journal: Journal
    catalogue: Catalogue
    clock: Clock
    actor: Actor

    def open_one(self, tx: JournalTransaction, wanted: str, revision: int | None) -> Incident:
        """One that is not resolved, and that the actor may write."""
        found = self.get(tx, wanted)
        self.guard(found, revision)
        self.require_own(found)
        if not found.is_unresolved:
            raise Refused("incident.resolved", id=found.id)
        return found

    def require_own(self, found: Incident) -> None:
        """It is no other incident's by now. Raises Refused."""
        if found.merged_into is not None:
            raise Refused("incident.merged", id=found.id, into=found.merged_into)

    def guard(self, found: Incident, revision: int | None) -> None:
        require_scope(self.actor, Scope.INCIDENTS_WRITE)
        self.bounds.require_all(found.concerned)
        require_seen("incident", found.id, revision, found.revision)

    def get(self, tx: JournalTransaction, wanted: str) -> Incident:
        with suppress(NotFound):
            found = tx.incidents.get(IncidentId(wanted))
            if self._sees(found):
                return found
        near = tx.incidents.touching(Interval(Second(self.clock.now() - RECENT), FOREVER))
        raise no_such("incident", wanted, [i.id for i in self.seen(near)])

    def seen(self, incidents: Iterable[Incident]) -> tuple[Incident, ...]:
        """Those that the actor may read, as far as they concern the actor's services. They are for
        looking at: what is written is the whole."""
        return tuple(self.own_view(incident) for incident in incidents if self._sees(incident))

    def own_view(self, incident: Incident) -> Incident:
        """Without what it says of components of other services."""
        bounds = self.bounds
        if bounds.are_none:
            return incident
        return replace(
            incident,
            affected=tuple(p for p in incident.affected if bounds.has(p.component)),
            statements=tuple(s for s in incident.statements if bounds.has(s.component)),
        )

    def _sees(self, incident: Incident) -> bool:
        return self.is_seen(incident.concerned)

    def is_seen(self, concerned: Collection[ComponentId]) -> bool:
        """One that is about no component is everybody's, and stands on the page."""
        return not concerned or self.bounds.sees(concerned)

    @property
    def bounds(self) -> ServiceBounds:
        return ServiceBounds.of(self.actor, self.catalogue)

    def stated(self, statuses: Mapping[str, Outcome]) -> dict[ComponentId, Outcome]:
        """What a person says of components that there are. Raises NotFound for another, also for
        one of a service that is not the actor's: who asks does not learn which there are."""
        known = {c.id for c in self.catalogue.components if self.bounds.has(c.id)}
        for name in statuses:
            if ComponentId(name) not in known:
                raise no_such("component", name, sorted(known))
        return {ComponentId(name): status for name, status in statuses.items()}

    def written(
        self,
        incident: Incident,
        text: Text,
        title: Text | None,
        at: Second,
        next_s: int | None = None,
        event: IncidentEvent = IncidentEvent.PERSON,
    ) -> Incident:
        """The incident with a person's update, in the phase that it is in. `next_s`: in how many
        seconds the next one is promised, if not as usual."""
        update = Update(
            number=0,
            at=at,
            phase=incident.phase,
            event=event,
            actor=self.actor.id,
            person=public_text(text),
            next_update_at=promised_by_person(
                incident, at, self.catalogue.alerting.next_update, next_s
            ),
        )
        if title is not None:
            incident = replace(incident, person_title=public_text(title, "title"))
        return write(incident, update)

    def save(
        self,
        tx: JournalTransaction,
        before: Incident | None,
        after: Incident,
        kind: str,
        number: int | None = None,
    ) -> Incident:
        saved = tx.incidents.save(after)
        shown_number = len(saved.updates) if number is None else number
        was = {} if before is None else _said(before, shown_number)
        now, changed = _said(saved, shown_number), self.clock.now()
        tx.changes.append([self.actor.change(changed, kind, str(saved.id), was, now)])
        return saved


def _said(incident: Incident, number: int) -> Mapping[str, Json]:
    """What a change stores of an incident: phase, title, the update it is about; and of what goes
    beyond the machine's own, what there is."""
    found = next((u for u in incident.updates if u.number == number), None)
    words = found.shown if found else None
    fields: dict[str, Json] = {
        "phase": str(incident.phase),
        "title": dict(incident.title.by_locale),
    }
    if incident.statements:
        fields["statements"] = {str(s.component): str(s.status) for s in incident.open_statements}
    if incident.related:
        fields["related"] = [str(i) for i in incident.related]
    if incident.merged_into is not None:
        fields["merged_into"] = str(incident.merged_into)
    if found is not None:
        fields["update"] = number
        fields["text"] = dict(words.by_locale) if words else None
    return fields
