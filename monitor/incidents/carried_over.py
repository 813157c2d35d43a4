"""Messages about an outage that goes on in another incident: nobody is told twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.domain.catalogue import Alerting
from monitor.domain.incidents.delivery import (
    Delivery,
    EventKind,
    Notification,
    event_name,
    includes,
    pending,
)
from monitor.domain.incidents.incident import Incident, last_fall
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction


def carry_over(
    tx: JournalTransaction, source: Incident, target: Incident, alerting: Alerting, now: Second
) -> None:
    """Count what was delivered about the source (as it was) as the target's opening, so that the
    same people read of its end; what was not delivered yet becomes the target's."""
    if not source.affected or not target.affected:
        return
    told = _told(tx, source)
    openings = [n for n in tx.outbox.of(target.id) if n.kind is EventKind.OPENING]
    known = {n.target for n in openings}
    for earlier in told:
        if earlier.target not in known:
            _record(tx, earlier, source, target)
    heard = {n.target for n in told}
    news = pending(target, EventKind.OPENING, 0, alerting, now)
    tx.outbox.enqueue([n for n in news if n.target not in known | heard])
    # An opening that has not left yet is worded when it leaves, and has everything.
    unheard = {n.target for n in openings if n.delivery is not Delivery.PENDING} - heard
    if unheard and any(part.is_open for part in source.affected):
        number = len(target.updates)
        update = pending(target, EventKind.UPDATE, number, alerting, now)
        tx.outbox.enqueue([n for n in update if n.target in unheard])


def _told(tx: JournalTransaction, source: Incident) -> Sequence[Notification]:
    """The last alert that each target had of it, where that reported all that had fallen."""
    fall = last_fall(source)
    sent = (n for n in tx.outbox.of(source.id) if n.delivery is Delivery.SENT)
    found = {n.target: n for n in sent if fall is None or includes(n, fall)}
    return tuple(found.values())


def _record(
    tx: JournalTransaction, earlier: Notification, source: Incident, target: Incident
) -> None:
    opening = replace(
        earlier,
        event=event_name(EventKind.OPENING, target.id),
        kind=EventKind.OPENING,
        subject=target.id,
        number=0,
        attempts=0,
        delivery=Delivery.PENDING,
        sent_at=None,
        error="",
    )
    tx.outbox.enqueue([opening])
    at = earlier.due_at if earlier.sent_at is None else earlier.sent_at
    said = f"reported as {source.id}"
    tx.outbox.mark_delivered(opening, delivery=Delivery.SENT, at=at, error=said)
