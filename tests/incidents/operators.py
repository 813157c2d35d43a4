"""Operators at work in a world: what they do to incidents, and what there is then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from monitor.domain.change import Actor, ActorKind, Change
from monitor.domain.checks.observation import ServiceId
from monitor.domain.incidents.delivery import EventKind, Notification
from monitor.domain.incidents.incident import Incident
from monitor.domain.text import Text, plain
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.incidents.by_hand import IncidentsByHand
from monitor.incidents.commands import IncidentCommands
from monitor.incidents.joining import IncidentJoining
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.model import PublicComponent, PublicIncident, PublicView
from statuspage.view.public_view import build_view
from tests.domain.incidents import FAILURES
from tests.support.worlds import World

ANA = Actor(id="ana", kind=ActorKind.PERSON)
TITLE, WORDS = plain("Correo: demoras"), Text({"es": "Los envíos demoran.", "en": "Slow mail."})
WELL = "+" * 30


@dataclass(frozen=True)
class Desk:
    """What `actor` can do in a world."""

    world: World
    actor: Actor = ANA

    def of(self, *services: str) -> Desk:
        """The same for somebody who is bounded to services."""
        bound = frozenset(map(ServiceId, services))
        return Desk(self.world, replace(self.actor, services=bound))

    @property
    def by_hand(self) -> IncidentsByHand:
        return IncidentsByHand(**self._given)

    @property
    def commands(self) -> IncidentCommands:
        return IncidentCommands(**self._given)

    @property
    def joining(self) -> IncidentJoining:
        return IncidentJoining(**self._given, failures=FAILURES)

    @property
    def _given(self) -> dict[str, Any]:
        world = self.world
        return {
            "journal": world.journal, "catalogue": world.core.state.catalogue,
            "clock": world.clock, "actor": self.actor,
        }  # fmt: skip

    def get(self, wanted: str) -> Incident:
        return self.commands.show(wanted)[0]

    def every(self) -> list[Incident]:
        """Oldest first."""
        with self.world.journal.transaction() as tx:
            found = tx.incidents.touching(Interval(Second(0), FOREVER))
        return sorted(found, key=lambda i: (i.started_at, i.created_at))

    def opened_by_machine(self, component: str) -> Incident:
        """The newest that is open, in which a check saw the component fail."""
        return [i for i in self.every() if i.is_unresolved and component in i.components][-1]

    def pending(self, of: Incident) -> list[tuple[EventKind, str]]:
        return [(n.kind, str(n.delivery)) for n in self.messages(of)]

    def messages(self, of: Incident) -> list[Notification]:
        with self.world.journal.transaction() as tx:
            return list(tx.outbox.of(of.id))

    def notices(self) -> list[Notification]:
        with self.world.journal.transaction() as tx:
            due = tx.outbox.due(Second(self.world.clock.now() + 3600), 100)
        return [n for n in due if n.kind is EventKind.SYSTEM_ALERT]

    def changes(self) -> list[Change]:
        with self.world.journal.transaction() as tx:
            return list(tx.changes.since(0, 10_000))

    def view(self) -> PublicView:
        world = self.world
        with world.journal.transaction() as tx:
            return build_view(
                tx, world.core.state, world.clock.now(), stale_after=120, days=DailyRollup()
            )

    def component(self, wanted: str) -> PublicComponent:
        return next(c for c in self.view().components if c.id == wanted)

    def incident(self, wanted: str) -> PublicIncident:
        return next(i for i in self.view().incidents if i.id == wanted)
