"""Messages that are sent from memory, each to one route: its targets are tried in turn."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from monitor.alerting.ports import Message, Permanent, Transient
from monitor.domain.catalogue import AlertTarget, Route
from monitor.domain.incidents.delivery import EventKind, Notification
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

_log = logging.getLogger(__name__)
RETRY_S = 30.0

Compose = Callable[[Notification], Message]
Send = Callable[[Message, AlertTarget], Awaitable[Transient | Permanent | None]]


@dataclass(slots=True)
class DirectMessage:
    """One message to one route: which of its targets is tried next, and when."""

    kind: SystemAlert
    since: Second
    route: Route
    about: str = ""
    position: int = 0
    due: float = 0.0

    @property
    def target(self) -> AlertTarget:
        return self.route.targets[self.position]

    @property
    def notification(self) -> Notification:
        event = f"{self.kind}:{self.since}"
        return Notification(
            event=event,
            target=self.target.id,
            route=self.route.id,
            position=self.position,
            kind=EventKind.SYSTEM_ALERT,
            subject=f"{event}:{self.about}" if self.about else event,
            due_at=self.since,
        )


async def is_taken(message: DirectMessage, clock: Clock, compose: Compose, send: Send) -> bool:
    """Try it once. After a transient failure the same target is next, after a permanent one the
    route's next target, round and round."""
    message.due = clock.monotonic() + RETRY_S
    try:
        error = await send(compose(message.notification), message.target)
    except Exception:  # noqa: BLE001 - the other routes get it, and this one is tried again
        _log.exception("distress_not_sent", extra={"route": message.route.id})
        return False
    if isinstance(error, Permanent):
        message.position = (message.position + 1) % len(message.route.targets)
    return error is None
