"""An event: that something changed, as far as somebody needs it to know what to read again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.incidents.service_bounds import ServiceBounds

_TIMELINE_CORRECTED = "timeline.corrected"
_ALERTS = frozenset(map(str, SystemAlert))


class Topic(StrEnum):
    """What an event is about. It names the events of a stream, so that a page listens to some."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"
    EXCLUSION = "exclusion"
    CHECK = "check"
    CONFIGURATION = "configuration"
    MONITOR = "monitor"


_OF_FAMILY = {
    "incident": Topic.INCIDENT,
    "maintenance": Topic.MAINTENANCE,
    "exclusion": Topic.EXCLUSION,
    "catalogue": Topic.CONFIGURATION,
}


def topic_of(kind: str) -> Topic | None:
    """The topic of a change in the feed; None where it is no event: accounts, tokens, reports.

    >>> topic_of("incident.opened"), topic_of("monitor.blind"), topic_of("token.created")
    (<Topic.INCIDENT: 'incident'>, <Topic.MONITOR: 'monitor'>, None)
    """
    if kind in _ALERTS:
        return Topic.MONITOR
    if kind == _TIMELINE_CORRECTED:
        return Topic.CHECK
    return _OF_FAMILY.get(kind.partition(".")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far the journal's two feeds have been read: changes by `seq`, decisions by their row."""

    change: int
    decision: int

    def joined(self, other: Position) -> Position:
        return Position(
            change=max(self.change, other.change), decision=max(self.decision, other.decision)
        )

    def reaches(self, other: Position) -> bool:
        return self.change >= other.change and self.decision >= other.decision


NOWHERE = Position(change=0, decision=0)
"""Before the first row of either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`at` is when it was decided or done, by whatever clock stood then; the order is that of the
    feeds. `revision` is the subject's when this was read, so at least what this event made it.
    `reached` is how far both feeds are read with it; it came from the one of decisions, or else
    from that of changes."""

    topic: Topic
    kind: str
    subject: str
    at: Second
    revision: int | None = None
    components: tuple[ComponentId, ...] = ()
    reached: Position
    is_decision: bool = False

    def is_after(self, position: Position) -> bool:
        if self.is_decision:
            return self.reached.decision > position.decision
        return self.reached.change > position.change

    def is_seen(self, bounds: ServiceBounds) -> bool:
        """Which configuration is in force concerns everybody; the rest, whose components it is
        about. What the monitor says of itself is for accounts without bounds."""
        return self.topic is Topic.CONFIGURATION or bounds.sees(self.components)
