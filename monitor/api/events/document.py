"""An event as JSON, in a page and in a stream."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from monitor.api.events.event import Event
from monitor.api.schema import Document, Instant, instant
from monitor.incidents.service_bounds import ServiceBounds


class EventDocument(Document):
    """`id` is a cursor: what comes after this event comes with `after` of it. `revision` is the
    subject's when the event was read, so at least what this event made it; null where it has none.
    `components` are those whose state it may have changed."""

    id: str
    topic: str
    kind: str
    subject: str
    at: Instant
    revision: int | None
    components: list[str]


def document_of(event: Event, cursor: str, bounds: ServiceBounds, zone: ZoneInfo) -> EventDocument:
    return EventDocument(
        id=cursor,
        topic=str(event.topic),
        kind=event.kind,
        subject=event.subject,
        at=instant(event.at, zone),
        revision=event.revision,
        components=[c for c in event.components if bounds.has(c)],
    )
