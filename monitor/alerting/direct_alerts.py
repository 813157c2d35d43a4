"""What operators must hear although the usual way is shut: the disk is full, the journal is away,
or no route takes an alert.

The outbox lives in the journal, so these messages are sent from memory: once for as long as it
lasts, to each route, the next target where one refuses; and once when it is over. A restart in
between forgets that it was told, and tells it again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from monitor.alerting.ports import Message, Permanent, Transient
from monitor.domain.catalogue import Alerting, Route, Target
from monitor.domain.incidents.delivery import EventKind, Notification
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

_log = logging.getLogger(__name__)
PATIENCE_S = 30.0
"""A database that restarts, or a disk that is being cleared, wakes nobody."""
CALM_S = 15.0
"""A disk that has room for a moment, again and again, is full all the same."""
RETRY_S = 30.0


Compose = Callable[[Notification], Message]
Send = Callable[[Message, Target], Awaitable[Transient | Permanent | None]]


@dataclass(slots=True)
class _Pending:
    """One message to one route: which of its targets has its turn, and when."""

    kind: SystemAlert
    since: Second
    route: Route
    position: int = 0
    due: float = 0.0

    @property
    def target(self) -> Target:
        return self.route.targets[self.position]

    @property
    def notification(self) -> Notification:
        event = f"{self.kind}:{self.since}"
        return Notification(
            event=event,
            target=self.target.id,
            route=self.route.id,
            position=self.position,
            kind=EventKind.NOTICE,
            subject=event,
            due_at=self.since,
        )


@dataclass(slots=True, kw_only=True)
class DirectAlerts:
    """Call `see` every few seconds with what is wrong now, then `deliver`."""

    clock: Clock
    alerting: Callable[[], Alerting]
    compose: Compose
    send: Send
    over: SystemAlert = SystemAlert.WRITES_AGAIN
    """What takes its troubles back."""
    told: SystemAlert | None = None
    _since: Second | None = None
    _began: float | None = None
    _well_since: float | None = None
    _owed: list[_Pending] = field(default_factory=list)
    _worried: set[str] = field(default_factory=set)
    """Routes that were told of a trouble, and not yet that it is over."""

    @property
    def is_owing(self) -> bool:
        return bool(self._owed)

    @property
    def reported_routes(self) -> frozenset[str]:
        """Those that took the message of a trouble which is not over."""
        return frozenset(self._worried)

    def report(self, trouble: SystemAlert, but: Collection[str] = ()) -> None:
        """Owe it at once: it passes by no waiting. `but` are routes that know of it."""
        self.told, self._since = trouble, self.clock.now()
        self._worried |= set(but)
        self._owe(trouble)
        self._owed = [owed for owed in self._owed if owed.route.id not in but]

    def see(self, trouble: SystemAlert | None) -> None:
        """Owe the message of a trouble that lasts, or the one that it is over."""
        if trouble is None:
            self._see_well(self.clock.monotonic())
        else:
            self._see_trouble(trouble, self.clock.monotonic())

    def _see_well(self, now: float) -> None:
        if self._well_since is None:
            self._well_since = now
        if self._began is None or now - self._well_since < CALM_S:
            return
        self._began = None
        if self.told is not None:
            self._owe(self.over)
            self.told = None

    def _see_trouble(self, trouble: SystemAlert, now: float) -> None:
        self._well_since = None
        if self._began is None:
            self._began, self._since = now, self.clock.now()
        elif self.told is None and now - self._began >= PATIENCE_S:
            self.told = trouble
            self._owe(trouble)

    async def deliver(self) -> None:
        """Try what is due. What fails for now is tried again; what fails for good goes to the
        route's next target, round and round while it matters."""
        if self._is_letting_up:
            return
        due = [owed for owed in self._owed if owed.due <= self.clock.monotonic()]
        # Side by side: a route that hangs keeps no other one waiting.
        await asyncio.gather(*map(self._try, due))

    @property
    def _is_letting_up(self) -> bool:
        """Well for a moment: nobody is told of a trouble that may just have ended."""
        return self._began is not None and self._well_since is not None

    async def _try(self, owed: _Pending) -> None:
        owed.due = self.clock.monotonic() + RETRY_S
        try:
            error = await self.send(self.compose(owed.notification), owed.target)
        except Exception:  # noqa: BLE001 - the other routes are told, and this one tried again
            _log.exception("distress_not_sent", extra={"route": owed.route.id})
            return
        if error is None:
            self._sent(owed)
        elif isinstance(error, Permanent):
            owed.position = (owed.position + 1) % len(owed.route.targets)

    def _sent(self, owed: _Pending) -> None:
        if owed in self._owed:
            self._owed.remove(owed)
        if owed.kind is self.over:
            self._worried.discard(owed.route.id)
        else:
            self._worried.add(owed.route.id)

    def _owe(self, kind: SystemAlert) -> None:
        """In place of whatever was owed before. A trouble that a route was not told of need not be
        taken back to it."""
        self._owed = [
            _Pending(kind, self._since or self.clock.now(), route)
            for route in self.alerting().routes
            if route.targets and (kind is not self.over or route.id in self._worried)
        ]
