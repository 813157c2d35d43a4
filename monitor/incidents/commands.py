"""What people do to incidents: one path for whoever acts, at a terminal or through a program.

Each command is a transaction of its own, guarded by the revision that the person saw, and writes
one change. The machine's words stay beside the person's; a corrected text keeps its former ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Actor
from monitor.domain.checks.observation import Json
from monitor.domain.incidents.delivery import EventKind, Notification, pending
from monitor.domain.incidents.incident import (
    Incident,
    IncidentEvent,
    IncidentId,
    Phase,
    Update,
    write,
)
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
class IncidentCommands:
    """Every method raises NotFound, Stale or Refused, and nothing has changed then; and
    JournalError where the database fails. For an actor that is bounded to services there are the
    incidents of their components alone; it writes those of which every component is theirs."""

    journal: Journal
    catalogue: Catalogue
    clock: Clock
    actor: Actor

    def unresolved(self) -> tuple[Incident, ...]:
        """The open ones, oldest first."""
        with self.journal.transaction() as tx:
            found = sorted(tx.incidents.unresolved(), key=lambda i: i.started_at)
        return self._seen(found)

    def recent(self, days: int = 90) -> tuple[Incident, ...]:
        """Those of the last days, newest first."""
        now = self.clock.now()
        with self.journal.transaction() as tx:
            found = tx.incidents.touching(Interval(Second(now - days * 86_400), FOREVER))
        return self._seen(found)

    def show(self, wanted: str) -> tuple[Incident, Sequence[Notification]]:
        """One incident, and the notifications about it."""
        with self.journal.transaction() as tx:
            found = self._get(tx, wanted)
            return found, tx.outbox.of(found.id)

    def update(
        self,
        wanted: str,
        *,
        text: Text,
        phase: Phase | None = None,
        title: Text | None = None,
        revision: int | None = None,
    ) -> Incident:
        """Publish a person's words; the phase stays as it is unless one is given."""
        if phase is Phase.RESOLVED:
            return self.resolve(wanted, text=text, title=title, revision=revision)
        with self.journal.transaction() as tx:
            found = self._open(tx, wanted, revision)
            moved = _in_phase(found, phase or found.phase)
            written = self._written(moved, text, title, self.clock.now())
            return self._save(tx, found, written, "incident.updated")

    def resolve(
        self,
        wanted: str,
        *,
        text: Text,
        title: Text | None = None,
        revision: int | None = None,
        although_down: bool = False,
    ) -> Incident:
        """Say that it is over. While a component is still down that needs `although_down`: the
        incident closes without a recovery, and this same fall opens no other."""
        now = self.clock.now()
        with self.journal.transaction() as tx:
            found = self._open(tx, wanted, revision)
            if found.open_parts and not although_down:
                names = ", ".join(part.component for part in found.open_parts)
                raise Refused("incident.still_down", names=names)
            done = replace(_closed(found, now), phase=Phase.RESOLVED, resolved_at=now)
            written = self._written(done, text, title, now)
            saved = self._save(tx, found, written, "incident.resolved")
            alerting = self.catalogue.alerting
            tx.outbox.enqueue(pending(saved, EventKind.RESOLUTION, 0, alerting, now))
            return saved

    def edit(
        self,
        wanted: str,
        number: int,
        *,
        text: Text,
        revision: int | None = None,
        is_partial: bool = False,
    ) -> Incident:
        """Correct an update's words; those that stood there before stay in view. Where the text
        `is_partial`, a language that it lacks keeps what it said."""
        with self.journal.transaction() as tx:
            found = self._get(tx, wanted)
            self._guard(found, revision)
            corrected = _corrected(found, number, public_text(text), is_partial=is_partial)
            updates = tuple(corrected if u.number == number else u for u in found.updates)
            return self._save(
                tx, found, replace(found, updates=updates), "incident.edited", number=number
            )

    def _open(self, tx: JournalTransaction, wanted: str, revision: int | None) -> Incident:
        found = self._get(tx, wanted)
        self._guard(found, revision)
        if not found.is_unresolved:
            raise Refused("incident.resolved", id=found.id)
        return found

    def _guard(self, found: Incident, revision: int | None) -> None:
        require_scope(self.actor, Scope.INCIDENTS_WRITE)
        self._bounds.require_all(found.components)
        require_seen("incident", found.id, revision, found.revision)

    def _get(self, tx: JournalTransaction, wanted: str) -> Incident:
        with suppress(NotFound):
            found = tx.incidents.get(IncidentId(wanted))
            if self._bounds.sees(found.components):
                return found
        near = tx.incidents.touching(Interval(Second(self.clock.now() - RECENT), FOREVER))
        raise no_such("incident", wanted, [i.id for i in self._seen(near)])

    def _seen(self, incidents: Iterable[Incident]) -> tuple[Incident, ...]:
        return tuple(i for i in incidents if self._bounds.sees(i.components))

    @property
    def _bounds(self) -> ServiceBounds:
        return ServiceBounds.of(self.actor, self.catalogue)

    def _written(self, incident: Incident, text: Text, title: Text | None, at: Second) -> Incident:
        update = Update(
            number=0,
            at=at,
            phase=incident.phase,
            event=IncidentEvent.PERSON,
            actor=self.actor.id,
            person=public_text(text),
        )
        if title is not None:
            incident = replace(incident, person_title=public_text(title, "title"))
        return write(incident, update)

    def _save(
        self,
        tx: JournalTransaction,
        before: Incident,
        after: Incident,
        kind: str,
        number: int | None = None,
    ) -> Incident:
        saved = tx.incidents.save(after)
        shown_number = len(saved.updates) if number is None else number
        said = _said(before, shown_number), _said(saved, shown_number)
        tx.changes.append([self.actor.change(self.clock.now(), kind, str(saved.id), *said)])
        return saved


def _in_phase(incident: Incident, phase: Phase) -> Incident:
    """A person's phase. The machine's watch goes on only while it is monitoring: with a component
    still down there is no recovery to count from, and elsewhere the person ends it."""
    goes_on = phase is Phase.MONITORING and not incident.open_parts
    return replace(incident, phase=phase, monitoring_at=incident.monitoring_at if goes_on else None)


def _closed(incident: Incident, now: Second) -> Incident:
    """Nobody follows a resolved incident's parts any more: those that are open end here, unwatched,
    for nobody saw them end."""
    parts = tuple(
        replace(part, end=max(now, part.start), is_unwatched=True) if part.is_open else part
        for part in incident.affected
    )
    return replace(incident, affected=parts)


def _corrected(incident: Incident, number: int, text: Text, *, is_partial: bool) -> Update:
    found = next((u for u in incident.updates if u.number == number), None)
    if found is None:
        last = len(incident.updates)
        raise NotFound("update.unknown", incident=incident.id, number=number, last=last)
    shown = found.shown
    before = shown.by_locale if is_partial and shown is not None else {}
    whole = Text({**before, **text.by_locale})
    if shown == whole:
        raise Refused("update.unchanged", number=number)
    former = (*found.former, shown) if shown is not None else found.former
    return replace(found, person=whole, former=former)


def _said(incident: Incident, number: int) -> Mapping[str, Json]:
    """What a change stores of an incident: phase, title, the update it is about."""
    found = next((u for u in incident.updates if u.number == number), None)
    words = found.shown if found else None
    fields: dict[str, Json] = {
        "phase": str(incident.phase),
        "title": dict(incident.title.by_locale),
    }
    if found is not None:
        fields["update"] = number
        fields["text"] = dict(words.by_locale) if words else None
    return fields
