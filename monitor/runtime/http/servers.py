"""The servers of the roles: the limits of all; one whose failure never ends the work beside it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from monitor.runtime.http.connections import AtOnce, ConnectionsServer, most_connections

IDLE_S = 15.0
"""How many seconds a connection may go without a whole request. Otherwise a client that opens many
and sends nothing, or one letter at a time, would take every descriptor for an hour."""
_SHUTDOWN_S = 5.0
"""How many seconds requests under way have to end."""
_LONGEST_LINE = 4096
_LONGEST_HEADER = 8190
_SERVER_LOGGER = "aiohttp.server"


class _ClientErrors(logging.Filter):
    """What a client sends that is no HTTP is answered with 400 and is no error of ours: a traceback
    for each would let anybody fill the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


_CLIENT_ERRORS = _ClientErrors()


def keep_quiet_about_clients() -> None:
    """For every server of this process; our own errors keep their tracebacks."""
    logging.getLogger(_SERVER_LOGGER).addFilter(_CLIENT_ERRORS)


class _Runner(web.AppRunner):
    def __init__(
        self, app: web.Application, at_once: AtOnce | None, most: int, **named: Any
    ) -> None:
        super().__init__(app, **named)
        self._at_once, self._most = at_once, most

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return ConnectionsServer(
            made.request_handler, at_once=self._at_once, most=self._most,
            request_factory=made.request_factory, **self._kwargs,
        )  # fmt: skip


def bounded_runner(
    app: web.Application,
    *,
    idle_s: float = IDLE_S,
    at_once: AtOnce | None = None,
    most: int | None = None,
) -> web.AppRunner:
    """A server that limits what a client can take, not yet set up; `idle_s` as `IDLE_S`, `most`
    connections at a time, as many as there are descriptors for unless it says otherwise."""
    keep_quiet_about_clients()
    return _Runner(
        app,
        at_once,
        most_connections() if most is None else most,
        access_log=None,
        keepalive_timeout=idle_s,
        max_line_size=_LONGEST_LINE,
        max_field_size=_LONGEST_HEADER,
        shutdown_timeout=_SHUTDOWN_S,
    )


@contextlib.asynccontextmanager
async def serving_beside(
    app: web.Application, host: str, port: int, *, idle_s: float = IDLE_S
) -> AsyncIterator[None]:
    """Serve while it is open; a port that cannot be had is logged, and the rest goes on."""
    runner = bounded_runner(app, idle_s=idle_s)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            # Alerts go on without the port for metrics.
            structlog.get_logger().error("ops.cannot_listen", error=str(error))
        yield
    finally:
        await runner.cleanup()


class FollowingListener:
    """A server whose address may change while it runs. A port that is taken is logged once, as
    `<name>.cannot_listen`, and tried again with the next call."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._runner: web.AppRunner | None = None
        self._at: object = None
        self._refused = ""
        self._log = structlog.get_logger()

    async def listen(
        self, host: str, port: int, make_app: Callable[[], web.Application], settings: object = None
    ) -> None:
        """Listen there and nowhere else, if the address can be had. The application is made anew
        where the address or its `settings` are others than before."""
        if self._at == (host, port, settings):
            return
        await self.close()
        self._runner = bounded_runner(make_app())
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            if str(error) != self._refused:
                event = f"{self._name}.cannot_listen"
                self._log.error(event, host=host, port=port, error=str(error))
            self._refused = str(error)
            await self.close()
            return
        self._at, self._refused = (host, port, settings), ""
        self._log.info(f"{self._name}.listening", host=host, port=port)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where it listens at present."""
        found = self._runner.addresses if self._runner else []
        return [(address[0], address[1]) for address in found]

    async def close(self) -> None:
        runner, self._runner, self._at = self._runner, None, None
        if runner is not None:
            with contextlib.suppress(OSError):
                await runner.cleanup()
