"""The keys of a message: by them a repeated one is recognised, and a thread held together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from monitor.domain.incidents.delivery import EventKind, Notification, event_name


def message_key(notification: Notification) -> str:
    """The idempotency key: the event and the target, for (event, target) is what is unique."""
    return f"{notification.event}|{notification.target}"


def thread_key(notification: Notification) -> str:
    """The key of the opening at the same target: the others reply to it."""
    return f"{event_name(EventKind.OPENING, notification.subject)}|{notification.target}"


def digest_key(notifications: Sequence[Notification]) -> str:
    """The same key for the same events at the same target, in whatever order they come."""
    events = "\n".join(sorted(n.event for n in notifications))
    digest = hashlib.sha256(events.encode()).hexdigest()[:16]
    return f"digest:{digest}|{notifications[0].target}"
