"""The API's server: where it listens follows the configuration in force."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import structlog
from aiohttp import web

from monitor.api.app import make_api_app
from monitor.api.ports import Backend
from monitor.domain.catalogue import Console
from monitor.journal.ports import JournalError
from monitor.runtime.http_servers import bounded_runner

FOLLOW_EVERY_S = 2.0


class ConsoleServer:
    """A port that is taken is logged once and tried again."""

    def __init__(
        self, backend: Backend, configured: Callable[[], Console], key_fault: str = ""
    ) -> None:
        self._backend = backend
        self._configured = configured
        self._runner: web.AppRunner | None = None
        self._at: Console | None = None
        self._refused = ""
        self._key_fault = key_fault
        self._fault = "the journal has not been read yet"
        self._log = structlog.get_logger()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await asyncio.to_thread(self._look_at_journal)
                await self.listen(self._configured())
                await asyncio.sleep(FOLLOW_EVERY_S)
        finally:
            await self.close()

    async def listen(self, console: Console) -> None:
        """Listen there and nowhere else, if the address can be had."""
        if self._at == console:
            return
        await self.close()
        backend = replace(
            self._backend,
            trusted_proxies=console.trusted_proxies,
            public_url=console.public_url,
        )
        self._runner = bounded_runner(
            make_api_app(backend, fault=lambda: self._fault or self._key_fault)
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, console.host, console.port).start()
        except OSError as error:
            if str(error) != self._refused:
                self._log.error(
                    "console.cannot_listen", host=console.host, port=console.port, error=str(error)
                )
            self._refused = str(error)
            await self.close()
            return
        self._at, self._refused = console, ""
        self._log.info("console.listening", host=console.host, port=console.port)

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

    def _look_at_journal(self) -> None:
        """Without the journal it does no work, and its health says so."""
        try:
            self._backend.source.catalogues()
        except JournalError as error:
            if str(error) != self._fault:
                self._log.error("console.journal_away", error=str(error))
            self._fault = str(error)
        else:
            self._fault = ""
