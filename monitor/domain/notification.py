"""A message that is owed: unique on (event, target), kept until it was sent or given up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.time.interval import Second


class Delivery(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    """Given up: permanent, or tried for too long. The route's next target has it then."""


class EventKind(StrEnum):
    OPENING = "opening"
    UPDATE = "update"
    REMINDER = "reminder"
    RESOLUTION = "resolution"
    NOTICE = "notice"
    """The monitor speaks about itself, such as that it is blind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """`event` names the happening (`incident:k3f9a2:opening`), `target` where it goes.

    `position` is the target's place in its route. `due_at` is the next moment to try.
    """

    event: str
    target: str
    route: str
    position: int
    kind: EventKind
    subject: str
    """The id of the incident, or of what else it is about."""
    number: int = 0
    """Which update or reminder."""
    due_at: Second
    attempts: int = 0
    delivery: Delivery = Delivery.PENDING
    sent_at: Second | None = None
    error: str = ""


def event_name(kind: EventKind, subject: str, number: int = 0) -> str:
    """The idempotency key of a happening: Message-ID and Idempotency-Key derive from it."""
    is_counted = kind in (EventKind.UPDATE, EventKind.REMINDER) or number > 0
    counted = f":{number}" if is_counted else ""
    return f"incident:{subject}:{kind}{counted}" if kind is not EventKind.NOTICE else subject
