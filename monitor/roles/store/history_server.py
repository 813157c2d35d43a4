"""The operators' history beside the store's follower: it also answers while no store is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import LocationId
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Interval, Second
from monitor.history.http.app import make_history_app
from monitor.history.queries import OpenStore
from monitor.history.uptime import Uptime
from monitor.results.stores.ports import StoreUnavailable
from monitor.roles.store.history_journal import HistoryJournal
from monitor.runtime.http_servers import FollowingListener

FOLLOW_EVERY_S = 2.0
_OPENING = "the store is being opened"


class HistoryServer:
    """Implements `monitor.history.http.handler.Source`. Where it listens follows the catalogue."""

    def __init__(
        self, catalogues: Callable[[], Catalogues], clock: Clock, journal: HistoryJournal
    ) -> None:
        self._catalogues = catalogues
        self._journal = journal
        self._clock = clock
        self._opened: OpenStore | None = None
        self._reason = _OPENING
        self._listener = FollowingListener("history")

    def catalogues(self) -> Catalogues:
        return self._catalogues()

    def store(self) -> OpenStore:
        if self._opened is None:
            raise StoreUnavailable(self._reason)
        return self._opened

    def uptime(
        self,
        check: Check,
        location: LocationId | None,
        span: Interval,
        windows: Sequence[Interval],
        now: Second,
    ) -> Uptime:
        return self._journal.uptime(check, location, span, windows, now)

    def open_on(self, store: OpenStore) -> None:
        self._opened = store

    def close_on(self, reason: str = _OPENING) -> None:
        """There is no store to query for now."""
        self._opened, self._reason = None, reason

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
