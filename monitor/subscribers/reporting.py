"""What the dispatcher and those beside it hand to the core: it arrives, however full the inbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

import structlog

from monitor.domain.checks.observation import Json
from monitor.inbox.ports import InboxFull, InboxWriter
from monitor.runtime.tasks import OnThread

AGAIN_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
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
