"""What a bot hears, handed to the core."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from monitor.alerting.ports import Transient
from monitor.domain.checks.observation import Json
from monitor.domain.subscriptions.contact import Contact
from monitor.domain.subscriptions.wishes import (
    LEFT,
    REQUESTED,
    Request,
    body_of,
    body_of_leaving,
)
from monitor.inbox.ports import InboxFull, InboxUnavailable, InboxWriter
from monitor.runtime.tasks import OnThread


class InboxListening:
    """Reports to the inbox that the core reads (`Listening`), in the order in which it was said:
    whoever starts and stops at once has stopped."""

    def __init__(self, inbox: InboxWriter, on_thread: OnThread) -> None:
        self._inbox = inbox
        self._on_thread = on_thread

    async def ask(self, request: Request) -> None:
        await self._append(REQUESTED, body_of(request))

    async def end(self, contact: Contact) -> None:
        await self._append(LEFT, body_of_leaving(contact))

    async def _append(self, kind: str, body: Mapping[str, Json]) -> None:
        try:
            await self._on_thread(partial(self._inbox.append, kind, body))
        except (InboxFull, InboxUnavailable) as error:
            raise Transient(f"nothing can be handed over: {error}") from None
