"""The page role's inbox: one thread writes it, and prunes it behind the core."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog
from aiohttp import web

from monitor.domain.checks.observation import Json
from monitor.domain.subscriptions.links import Links
from monitor.inbox.file import Inbox
from monitor.inbox.ports import InboxUnavailable
from monitor.inbox.read_so_far import read_so_far
from monitor.roles.settings import inboxes_read_file, subscribers_key_file
from monitor.runtime.key_file import read_key

PRUNE_EVERY_S = 60.0


class PageInbox:
    """Its file is made with the first form that is sent."""

    def __init__(self, data_dir: Path, file: Path) -> None:
        self._data_dir = data_dir
        self._file = file
        self._inbox = Inbox(file)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inbox")
        self._links: Links | None = None
        self._log = structlog.get_logger()

    async def append(self, kind: str, body: Mapping[str, Json]) -> None:
        """Once this returns the row outlives a power cut. Raises InboxFull, InboxUnavailable."""
        await asyncio.get_running_loop().run_in_executor(
            self._thread, self._inbox.append, kind, body
        )

    def links(self) -> Links | None:
        """None while the core has not made the key, or others may read it."""
        if self._links is None:
            try:
                self._links = Links(read_key(subscribers_key_file(self._data_dir)))
            except (OSError, ValueError) as error:
                self._log.error("page.no_key", error=str(error))
        return self._links

    async def pruning(self, _: web.Application) -> AsyncIterator[None]:
        """Beside the server, for as long as it runs."""
        task = asyncio.create_task(self._prune_forever(), name="prune")
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self._thread.shutdown()
        self._inbox.close()

    async def _prune_forever(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                await loop.run_in_executor(self._thread, self._prune)
            except InboxUnavailable as error:
                self._log.error("page.inbox_not_pruned", error=str(error))
            await asyncio.sleep(PRUNE_EVERY_S)

    def _prune(self) -> None:
        if self._file.exists():
            read = read_so_far(inboxes_read_file(self._data_dir), self._inbox.lineage())
            self._inbox.prune(read)
