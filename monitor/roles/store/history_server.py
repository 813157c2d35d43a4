"""The operators' history beside the store's follower: it also answers while no store is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from monitor.catalogues.in_force import Catalogues
from monitor.domain.time.clock import Clock
from monitor.history.http.app import make_history_app
from monitor.roles.store.history_journal import HistoryJournal
from monitor.roles.store.history_source import HistorySource
from monitor.runtime.http.servers import FollowingListener

FOLLOW_EVERY_S = 2.0


class HistoryServer(HistorySource):
    """Where it listens follows the catalogue."""

    def __init__(
        self, catalogues: Callable[[], Catalogues], clock: Clock, journal: HistoryJournal
    ) -> None:
        super().__init__(catalogues, journal)
        self._clock = clock
        self._listener = FollowingListener("history")

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                operations = self._catalogues().present(self._clock.now()).catalogue.operations
                await self.listen(operations.history_host, operations.history_port)
                await asyncio.sleep(FOLLOW_EVERY_S)
        finally:
            await self.close()

    async def listen(self, host: str, port: int) -> None:
        """Where the port cannot be had, results are forwarded without it."""
        await self._listener.listen(
            host, port, lambda: make_history_app(self, self._clock, (host.lower(),))
        )

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where it listens at present."""
        return self._listener.addresses

    async def close(self) -> None:
        await self._listener.close()
