"""The messages about an incident, apart from other documents: they take the types of the catalogue,
which a list of incidents starts without."""

from __future__ import annotations

from monitor.client.reading import Fields
from monitor.domain.incidents.delivery import Delivery, EventKind, Notification


def notification(found: Fields) -> Notification:
    return Notification(
        event=found.text("event"),
        target=found.text("target"),
        route="",
        position=0,
        kind=found.choice("kind", EventKind),
        subject="",
        number=found.number("number"),
        due_at=found.second("due_at"),
        attempts=found.number("attempts"),
        delivery=found.choice("delivery", Delivery),
        sent_at=found.second_or_none("sent_at"),
        error=found.text("error"),
    )
