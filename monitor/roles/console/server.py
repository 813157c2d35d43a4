"""The API's server: where it listens follows the configuration in force."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace

import structlog
from aiohttp import web

from monitor.api.app import make_api_app
from monitor.api.ports import Backend
from monitor.console.app import add_console
from monitor.domain.catalogue import Console
from monitor.journal.ports import JournalError
from monitor.roles.console.oidc import add_oidc
from monitor.runtime.http.servers import FollowingListener

FOLLOW_EVERY_S = 2.0


class ConsoleServer:
    """Serves at the address of the configuration in force."""

    def __init__(
        self,
        backend: Backend,
        configured: Callable[[], Console],
        key_fault: str = "",
        allowed: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """`allowed` are networks that are not public and may be reached all the same."""
        self._backend = backend
        self._configured = configured
        self._listener = FollowingListener("console")
        self._key_fault = key_fault
        self._allowed = allowed
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
        await self._listener.listen(
            console.host, console.port, lambda: self._make_app(console), console
        )

    async def close(self) -> None:
        await self._listener.close()

    def _make_app(self, console: Console) -> web.Application:
        backend = replace(
            self._backend,
            trusted_proxies=console.trusted_proxies,
            public_url=console.public_url,
            two_factor_roles=console.require_second_factor,
        )
        app = make_api_app(backend, fault=lambda: self._fault or self._key_fault)
        add_console(app, backend)
        add_oidc(app, backend, console, self._allowed)
        return app

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
