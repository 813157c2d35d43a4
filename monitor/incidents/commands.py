"""What people do to incidents: one path for whoever acts, at a terminal or through a program.

Each command is a transaction of its own, guarded by the revision that the person saw, and writes
one change. The machine's words stay beside the person's; a corrected text keeps its former ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.by_hand import restated, stated_over
from monitor.domain.incidents.delivery import EventKind, Notification, pending
from monitor.domain.incidents.incident import Incident, IncidentEvent, Phase, Update
from monitor.domain.refusals import NotFound, Refused, public_text
from monitor.domain.text import Text
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.incidents.use_cases import IncidentUseCases
from monitor.journal.ports import IncidentHead, JournalTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCommands(IncidentUseCases):
    """What is done with incidents that there are."""

    def unresolved(self) -> tuple[Incident, ...]:
        """The open ones, oldest first."""
        with self.journal.transaction() as tx:
            found = sorted(tx.incidents.unresolved(), key=lambda i: i.started_at)
        return self.seen(found)

    def recent(self, days: int = 90) -> tuple[Incident, ...]:
        """Those of the last days, newest first."""
        now = self.clock.now()
        with self.journal.transaction() as tx:
            found = tx.incidents.touching(Interval(Second(now - days * 86_400), FOREVER))
        return self.seen(found)

    def heads(self, days: int, component: ComponentId | None = None) -> Sequence[IncidentHead]:
        """Which those of the last days are, newest first; of one component where it is given."""
        now = self.clock.now()
        with self.journal.transaction() as tx:
            found = tx.incidents.heads(Interval(Second(now - days * 86_400), FOREVER), component)
            if self.bounds.services is None:
                return found
            outlines = tx.incidents.outlines([head.id for head in found])
        return [h for h in found if h.id in outlines and self.is_seen(outlines[h.id].components)]

    def some(self, heads: Sequence[IncidentHead]) -> tuple[Incident, ...]:
        """These incidents, in this order."""
        with self.journal.transaction() as tx:
            return self.seen(tx.incidents.some([head.id for head in heads]))

    def show(self, wanted: str) -> tuple[Incident, Sequence[Notification]]:
        """One incident, and the notifications about it."""
        with self.journal.transaction() as tx:
            found = self.get(tx, wanted)
            return self.own_view(found), tx.outbox.of(found.id)

    def update(
        self,
        wanted: str,
        *,
        text: Text,
        phase: Phase | None = None,
        title: Text | None = None,
        revision: int | None = None,
        statuses: Mapping[str, Outcome] | None = None,
        next_s: int | None = None,
    ) -> Incident:
        """Publish a person's words; the phase stays as it is unless one is given. `statuses` are
        what the person says of components from now on: UP ends what was said before. The next
        update is promised in `next_s` seconds, else in `alerts.next_update`."""
        now = self.clock.now()
        with self.journal.transaction() as tx:
            found = self.open_one(tx, wanted, revision)
            said = restated(found, self.stated(statuses or {}), now)
            if phase is Phase.RESOLVED:
                if next_s is not None:
                    raise Refused("update.next_of_resolved")
                return self._resolved(tx, found, said, text, title)
            written = self.written(_in_phase(said, phase), text, title, now, next_s)
            return self.save(tx, found, written, "incident.updated")

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
        with self.journal.transaction() as tx:
            found = self.open_one(tx, wanted, revision)
            return self._resolved(tx, found, found, text, title, although_down=although_down)

    def postmortem(self, wanted: str, *, text: Text, revision: int | None = None) -> Incident:
        """Tell what happened and why, once it is over, however long ago that was: one update more,
        which is corrected like any other. No time of the incident moves."""
        with self.journal.transaction() as tx:
            found = self.get(tx, wanted)
            self.guard(found, revision)
            self.require_own(found)
            if found.is_unresolved:
                raise Refused("incident.open", id=found.id)
            if found.postmortem is not None:
                raise Refused("incident.explained", id=found.id, number=found.postmortem.number)
            event, now = IncidentEvent.POSTMORTEM, self.clock.now()
            told = self.written(found, text, None, now, event=event)
            return self.save(tx, found, told, "incident.postmortem")

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
            found = self.get(tx, wanted)
            self.guard(found, revision)
            said = public_text(text)
            corrected = _corrected(found, number, said, self.clock.now(), is_partial=is_partial)
            updates = tuple(corrected if u.number == number else u for u in found.updates)
            return self.save(
                tx, found, replace(found, updates=updates), "incident.edited", number=number
            )

    def _resolved(
        self,
        tx: JournalTransaction,
        found: Incident,
        said: Incident,
        text: Text,
        title: Text | None,
        *,
        although_down: bool = False,
    ) -> Incident:
        """Save the end of one: `found` as it was, `said` with the last word of components."""
        now = self.clock.now()
        if found.open_parts and not although_down:
            names = ", ".join(part.component for part in found.open_parts)
            raise Refused("incident.still_down", names=names)
        over = stated_over(_closed(said, now), now)
        done = replace(over, phase=Phase.RESOLVED, resolved_at=now)
        written = self.written(done, text, title, now)
        saved = self.save(tx, found, written, "incident.resolved")
        # Nobody was alerted of what people told of: of that no end is reported either.
        if saved.affected:
            number, alerting = saved.resolutions - 1, self.catalogue.alerting
            tx.outbox.enqueue(pending(saved, EventKind.RESOLUTION, number, alerting, now))
        return saved


def _in_phase(incident: Incident, wanted: Phase | None) -> Incident:
    """A person's phase. The machine's watch goes on only while it is monitoring: with a component
    still down there is no recovery to count from, and elsewhere the person ends it."""
    phase = wanted or incident.phase
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


def _corrected(
    incident: Incident, number: int, text: Text, now: Second, *, is_partial: bool
) -> Update:
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
    return replace(found, person=whole, former=former, corrected_at=now)
