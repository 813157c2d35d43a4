"""What the dispatcher, and a bot that hears people, hand to the core."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

import structlog

from monitor.alerting.ports import Transient
from monitor.domain.checks.observation import Json
from monitor.domain.subscriptions.contact import Contact
from monitor.domain.subscriptions.wishes import (
    LEFT,
    MOVED,
    REQUESTED,
    Request,
    body_of,
    body_of_leaving,
    body_of_moving,
)
from monitor.inbox.ports import InboxFull, InboxUnavailable, InboxWriter
from monitor.runtime.tasks import OnThread

AGAIN_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """What it is given arrives, however full the inbox."""

    inbox: InboxWriter
    on_thread: OnThread
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def report(self, kind: str, body: Mapping[str, Json]) -> None:
        """Returns once it is on the disk: where the inbox is full, after the core has read some of
        it. Raises InboxUnavailable."""
        is_told = False
        while True:
            try:
                await self.on_thread(partial(self.inbox.append, kind, body))
            except InboxFull as error:
                if not is_told:
                    structlog.get_logger().error("subscribers.inbox_full", error=str(error))
                is_told = True
                await self.sleep(AGAIN_S)
            else:
                return


class InboxListening:
    """Reports to the inbox that the core reads (`Listening`), in the order in which it was said:
    whoever starts and stops at once has stopped."""

    def __init__(self, inbox: InboxWriter, on_thread: OnThread) -> None:
        self._inbox = inbox
        self._on_thread = on_thread

    async def ask(self, request: Request) -> None:
        await self._append(REQUESTED, body_of(request))

    async def move(self, contact: Contact, to: Contact) -> None:
        await self._append(MOVED, body_of_moving(contact, to))

    async def end(self, contact: Contact) -> None:
        await self._append(LEFT, body_of_leaving(contact))

    async def _append(self, kind: str, body: Mapping[str, Json]) -> None:
        try:
            await self._on_thread(partial(self._inbox.append, kind, body))
        except (InboxFull, InboxUnavailable) as error:
            raise Transient(f"nothing can be handed over: {error}") from None
