"""What changed: a page behind a cursor, or the same as a stream."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from monitor.api.events.cursors import LONGEST
from monitor.api.events.document import EventDocument, document_of
from monitor.api.events.event import NOWHERE
from monitor.api.operation import Answer, Call, Operation
from monitor.api.schema import Document, Parameters
from monitor.domain.accounts.permissions import Scope
from monitor.incidents.service_bounds import ServiceBounds

_LIMIT = 100
_LONGEST_PAGE = 1_000
Cursor = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST, pattern=r"^[A-Za-z0-9_-]+$")
]


class EventsQuery(Parameters):
    after: Cursor | None = None
    """The cursor: `next_after` of the answer before, or the `id` of an event."""
    limit: Annotated[int, Field(ge=1, le=_LONGEST_PAGE)] = _LIMIT
    """Of a page."""


class EventsDocument(Document):
    """`next_after` goes on from here, also once there is more than there is now."""

    events: list[EventDocument]
    next_after: str
    has_more: bool


def show(call: Call) -> Answer:
    query, feed, cursors = call.asked(EventsQuery), call.backend.events, call.backend.cursors
    after = None if query.after is None else cursors.open(query.after)
    feed.follow()
    bounds = ServiceBounds.of(call.actor, call.catalogue)
    page = feed.page(bounds, after, query.limit)
    reached, documents = after or NOWHERE, []
    for event in page.events:
        reached = reached.joined(event.reached)
        documents.append(document_of(event, cursors.seal(reached), bounds, call.zone))
    return Answer(
        document=EventsDocument(
            events=documents,
            next_after=cursors.seal(page.reached),
            has_more=page.has_more,
        )
    )


LIST_EVENTS = Operation(
    method="GET", path="/events", name="list_events", scope=Scope.STATE_READ,
    summary="What changed, behind a cursor or the newest; or as a stream.",
    query=EventsQuery, answer=EventsDocument, handle=show, streams=True,
)  # fmt: skip
OPERATIONS = (LIST_EVENTS,)
