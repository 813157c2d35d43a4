"""The operators' history beside the store's follower: it also answers while no store is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from aiohttp import web

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
from monitor.runtime.http_servers import bounded_runner

FOLLOW_EVERY_S = 2.0
_OPENING = "the store is being opened"


class HistoryServer:
    """Implements `monitor.history.http.handler.Source`. Where it listens follows the catalogue. A
    port that is taken is logged once and tried again."""

    def __init__(
        self, catalogues: Callable[[], Catalogues], clock: Clock, journal: HistoryJournal
    ) -> None:
        self._catalogues = catalogues
        self._journal = journal
        self._clock = clock
        self._opened: OpenStore | None = None
        self._reason = _OPENING
        self._runner: web.AppRunner | None = None
        self._at: tuple[str, int] | None = None
        self._refused = ""
        self._log = structlog.get_logger()

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
        """Listen there and nowhere else, if the address can be had."""
        if self._at == (host, port):
            return
        await self.close()
        self._runner = bounded_runner(make_history_app(self, self._clock, (host.lower(),)))
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            # Results are forwarded without it.
            if str(error) != self._refused:
                self._log.error("history.cannot_listen", host=host, port=port, error=str(error))
            self._refused = str(error)
            await self.close()
            return
        self._at, self._refused = (host, port), ""
        self._log.info("history.listening", host=host, port=port)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where it listens at present."""
        found = self._runner.addresses if self._runner else []
        return [(address[0], address[1]) for address in found]

    async def close(self) -> None:
        runner, self._runner, self._at = self._runner, None, None
        if runner is not None:
            with suppress(OSError):
                await runner.cleanup()
