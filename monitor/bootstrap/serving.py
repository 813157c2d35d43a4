"""A small server beside a role's work: it comes and goes with the role, and never ends it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

_SERVER_LOGGER = "aiohttp.server"


class _ClientsFaults(logging.Filter):
    """What a client sends that is no HTTP is answered with 400 and is nobody's error here: a
    traceback for each would let anybody fill the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


_CLIENTS_FAULTS = _ClientsFaults()


def keep_quiet_about_clients() -> None:
    """For every server of this process; our own errors keep their tracebacks."""
    logging.getLogger(_SERVER_LOGGER).addFilter(_CLIENTS_FAULTS)


@contextlib.asynccontextmanager
async def serving_beside(app: web.Application, host: str, port: int) -> AsyncIterator[None]:
    """Serve while it is open; a port that cannot be had is logged, and the rest goes on."""
    keep_quiet_about_clients()
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            # Nobody is left asleep for a port of figures.
            structlog.get_logger().error("ops.cannot_listen", error=str(error))
        yield
    finally:
        await runner.cleanup()
