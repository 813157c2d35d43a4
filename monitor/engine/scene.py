"""One transaction's view of the incidents, as transitions and time change them."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.domain.delivery import reminders_due
from monitor.domain.incident import Affected, Incident, Standing, Step
from monitor.domain.interval import Interval, Second
from monitor.domain.observation import ComponentId, Outcome
from monitor.domain.reaction import react, release, ripen
from monitor.engine.held import Held
from monitor.engine.last_looks import LastLooks
from monitor.engine.narrate import Narrator
from monitor.engine.underway import Underway
from monitor.ports.journal import Decided, JournalTransaction


class Scene:
    """`changed` says whether anything that people read was written."""

    def __init__(
        self,
        held: Held,
        narrator: Narrator,
        looks: LastLooks,
        tx: JournalTransaction,
        now: Second,
        underway: Underway,
    ) -> None:
        self._held = held
        self._looks = looks
        self._narrator = narrator
        self._tx = tx
        self._now = now
        self._incidents = {i.id: i for i in underway.incidents}
        self._windows = underway.windows
        self.changed = False

    def replay(self, decided: Iterable[Decided]) -> None:
        """Take transitions in order of the looks that confirmed them, time passing between."""
        for item in sorted(decided, key=lambda d: d.transition.decided_by):
            at = item.transition.decided_by
            self._ripen(at)
            standing = self._held.learn(item)
            if standing is not None:
                self._react(standing, at)

    def reconcile(self) -> None:
        """What time and a new configuration decide: windows that ended, incidents observed long
        enough, components that nobody looks at any more."""
        while step := release(tuple(self._incidents.values()), self._held.watched, self._now):
            self._keep(step)
        for component in self._held.public:
            standing = self._held.standings.get(component)
            if standing is not None and not self._is_answered(standing):
                self._react(standing, self._now)
        self._ripen(self._now)
        for incident in self._incidents.values():
            self._tx.outbox.owe(reminders_due(incident, self._held.catalogue.alerting, self._now))

    def _react(self, standing: Standing, at: Second) -> None:
        if standing.status is Outcome.UP and not self._has_recovered(standing.component, at):
            return
        step = react(
            tuple(self._incidents.values()),
            standing,
            self._held.relations,
            self._now,
            is_held_back=self._in_maintenance(standing.component, at),
        )
        if step is not None:
            self._keep(step)

    def _has_recovered(self, component: ComponentId, at: Second) -> bool:
        """Whether there is anything to recover from, and it was seen to be over. Not contradicted
        yet is no recovery: a check that is new, or back from a gap, is up in the timeline before
        its first success."""
        return self._is_open(component) and self._held.is_seen(component, at)

    def _ripen(self, at: Second) -> None:
        """Nothing is called resolved while nobody looks."""
        seen = [
            incident
            for incident in self._incidents.values()
            if all(self._held.is_seen(c, at) for c in incident.components)
        ]
        for step in ripen(seen, at, self._held.catalogue.alerting.observe):
            self._keep(step)

    def _is_answered(self, standing: Standing) -> bool:
        """Whether a person has resolved the incident of this very fall already."""
        if standing.status is Outcome.UP or self._is_open(standing.component):
            return False
        if standing.status is Outcome.UNKNOWN or self._in_maintenance(
            standing.component, self._now
        ):
            return True
        told = self._tx.incidents.touching(Interval(standing.since, Second(self._now + 1)))
        return any(
            part.component == standing.component and _covers(part, standing.since)
            for incident in told
            if not incident.is_unresolved
            for part in incident.affected
        )

    def _is_open(self, component: ComponentId) -> bool:
        return any(i.open_part(component) for i in self._incidents.values())

    def _keep(self, step: Step) -> None:
        catalogue = self._held.catalogue
        took = {c: self._looks.slow(c, catalogue) for c in step.incident.components}
        seen = {c: length for c, length in took.items() if length is not None}
        saved: Incident = self._narrator.save(self._tx, step, catalogue, self._now, seen)
        self.changed = True
        if saved.is_unresolved:
            self._incidents[saved.id] = saved
        else:
            self._incidents.pop(saved.id, None)

    def _in_maintenance(self, component: ComponentId, at: Second) -> bool:
        return any(component in w.components and at in w.effective for w in self._windows)


def _covers(part: Affected, since: Second) -> bool:
    """Whether a part tells of the fall that stands since then. A core made anew may know of its
    last stretch only, which began within the part."""
    return part.start >= since or (part.end is not None and part.end > since)
