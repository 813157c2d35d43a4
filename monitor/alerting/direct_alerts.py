"""System alerts that cannot be sent by the outbox: the disk is full, the journal is away, or no
route takes an alert.

The outbox is part of the journal, so these messages are sent from memory. A fault is reported to
each route once for as long as it lasts, and once when it is over; where a target refuses, the
route's next one is tried. A restart in between forgets that the fault was reported, and reports it
again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from monitor.alerting.direct_messages import RETRY_S, Compose, DirectMessage, Send, is_taken
from monitor.domain.catalogue import Alerting
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

__all__ = ["CALM_S", "PATIENCE_S", "RETRY_S", "DirectAlerts"]

PATIENCE_S = 30.0
"""A database that restarts, or a disk that is being cleared, wakes nobody."""
CALM_S = 15.0
"""A disk that has room for a moment, again and again, is full all the same."""


@dataclass(slots=True, kw_only=True)
class DirectAlerts:
    """Call `see` every few seconds with what is wrong now, then `deliver`."""

    clock: Clock
    alerting: Callable[[], Alerting]
    compose: Compose
    send: Send
    over: SystemAlert = SystemAlert.WRITES_AGAIN
    """The alert which says that a fault is over."""
    reported: SystemAlert | None = None
    _since: Second | None = None
    _fault_began: float | None = None
    _no_fault_since: float | None = None
    _pending: list[DirectMessage] = field(default_factory=list)
    _alerted_routes: set[str] = field(default_factory=set)
    """Routes to which a fault was reported, and not yet that it is over."""

    @property
    def has_pending(self) -> bool:
        return bool(self._pending)

    @property
    def reported_routes(self) -> frozenset[str]:
        """Those that took the message of a fault which is not over."""
        return frozenset(self._alerted_routes)

    def report(self, fault: SystemAlert, but: Collection[str] = ()) -> None:
        """Enqueue it at once, however short the fault is. `but` are routes that already have it."""
        self.reported, self._since = fault, self.clock.now()
        self._alerted_routes |= set(but)
        self._enqueue(fault)
        self._pending = [message for message in self._pending if message.route.id not in but]

    def see(
        self, fault: SystemAlert | None, about: str = "", *, patience_s: float = PATIENCE_S
    ) -> None:
        """Enqueue the message of a fault that lasts, or the one that it is over. `about` names what
        it is about; `patience_s` is for how long it wakes nobody."""
        if fault is None:
            self._see_no_fault(self.clock.monotonic())
        else:
            self._see_fault(fault, about, patience_s, self.clock.monotonic())

    def end(self) -> None:
        """Enqueue the message that the fault is over, if it was reported, at once."""
        self._fault_began = None
        if self.reported is not None:
            self._enqueue(self.over)
            self.reported = None

    def _see_no_fault(self, now: float) -> None:
        if self._no_fault_since is None:
            self._no_fault_since = now
        if self._fault_began is None or now - self._no_fault_since < CALM_S:
            return
        self.end()

    def _see_fault(self, fault: SystemAlert, about: str, patience_s: float, now: float) -> None:
        self._no_fault_since = None
        if self._fault_began is None:
            self._fault_began, self._since = now, self.clock.now()
        if self.reported is None and now - self._fault_began >= patience_s:
            self.reported = fault
            self._enqueue(fault, about)

    async def deliver(self) -> None:
        """Try what is due. After a transient failure the same target is tried again, after a
        permanent one the route's next target, round and round for as long as it is pending."""
        if self._may_be_over:
            return
        due = [message for message in self._pending if message.due <= self.clock.monotonic()]
        # At the same time: a route that hangs delays no other one.
        await asyncio.gather(*map(self._try, due))

    @property
    def _may_be_over(self) -> bool:
        """No fault for a moment: one that may just have ended is not reported."""
        return self._fault_began is not None and self._no_fault_since is not None

    async def _try(self, message: DirectMessage) -> None:
        if await is_taken(message, self.clock, self.compose, self.send):
            self._sent(message)

    def _sent(self, message: DirectMessage) -> None:
        if message in self._pending:
            self._pending.remove(message)
        if message.kind is self.over:
            self._alerted_routes.discard(message.route.id)
        else:
            self._alerted_routes.add(message.route.id)

    def _enqueue(self, kind: SystemAlert, about: str = "") -> None:
        """In place of whatever was pending. A route to which the fault was not reported need not
        read that it is over."""
        self._pending = [
            DirectMessage(kind, self._since or self.clock.now(), route, about)
            for route in self.alerting().routes
            if route.targets and (kind is not self.over or route.id in self._alerted_routes)
        ]
