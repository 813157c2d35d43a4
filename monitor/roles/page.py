"""The page role: it serves what the core has published, and outlives everything else."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from monitor.api.requests.client_address import client_of
from monitor.catalogues.file import CatalogueUnreadable, read_catalogues
from monitor.domain.catalogue import Catalogue, Mirror
from monitor.i18n.languages import Lang
from monitor.roles.page_parts.inbox import PageInbox
from monitor.roles.page_parts.mirrors import PageMirrors
from monitor.roles.page_parts.names import PageNames
from monitor.roles.page_parts.sites import PageSites
from monitor.roles.settings import (
    catalogue_file,
    page_inbox_file,
    problems_inbox_file,
)
from monitor.runtime.http.listening import listen
from monitor.runtime.http.servers import IDLE_S, bounded_runner
from monitor.runtime.logs import configure_logs
from monitor.runtime.processes.process import accept_interrupts
from monitor.runtime.system_clock import SystemClock
from statuspage.serve.affected import NameDesk
from statuspage.serve.at_once import AnswersAtOnce
from statuspage.serve.late_rendering import LateRenderer
from statuspage.serve.problems import ProblemDesk
from statuspage.serve.server import make_app
from statuspage.serve.subscribing.desk import SubscribersApi, SubscriptionDesk

EXIT_CANNOT_LISTEN = 1
_POLL_CATALOGUE_S = 0.2


def run_page(
    data_dir: Path,
    host: str,
    port: int,
    trusted: Sequence[str] = (),
    mirrors: Sequence[Mirror] = (),
    root: str = "",
) -> int:
    """Serve until SIGTERM or SIGINT; the exit code. `root` is the page's own address, to which
    forms in its mirrors lead."""
    return _run(_serve(data_dir, host, port, trusted, mirrors, root))


async def _serve(
    data_dir: Path,
    host: str,
    port: int,
    trusted: Sequence[str],
    mirrors: Sequence[Mirror],
    root: str,
) -> int:
    log = structlog.get_logger()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    runner = page_runner(data_dir, trusted=trusted, mirrors=mirrors, root=root)
    await runner.setup()
    try:
        await listen(runner, host, port)
        log.info("page.listening", host=host, port=port)
        await stop.wait()
    except OSError as error:
        log.error("page.cannot_listen", host=host, port=port, error=str(error))
        return EXIT_CANNOT_LISTEN
    finally:
        await runner.cleanup()
    return 0


def page_runner(
    data_dir: Path,
    *,
    idle_s: float = IDLE_S,
    trusted: Sequence[str] = (),
    mirrors: Sequence[Mirror] = (),
    root: str = "",
) -> web.AppRunner:
    """The server with its bounds, not yet set up. `trusted` are the web servers in front of it."""
    clock = SystemClock()
    page_inbox = PageInbox(data_dir, page_inbox_file(data_dir))
    problems_inbox = PageInbox(data_dir, problems_inbox_file(data_dir))

    def sender(request: web.Request) -> str:
        return client_of(request, trusted)

    sites = PageSites(data_dir, clock)
    late_renderer = LateRenderer()
    subscriptions = SubscriptionDesk(page_inbox.append, page_inbox.links, sender, clock)
    app = make_app(
        sites,
        subscriptions,
        *(SubscribersApi(subscriptions, lang) for lang in Lang),
        NameDesk(PageNames(data_dir).table, sender, clock),
        ProblemDesk(problems_inbox.append, sender, clock),
        late_renderer=late_renderer,
    )
    app.cleanup_ctx.append(page_inbox.pruning)
    app.cleanup_ctx.append(problems_inbox.pruning)
    if mirrors:
        writing = PageMirrors(mirrors, data_dir, lambda: sites.company.cache, clock, root)
        app.cleanup_ctx.append(writing.writing)
    at_once = AnswersAtOnce(sites.by_host.answer, late_renderer, clock)
    return bounded_runner(app, idle_s=idle_s, at_once=at_once)


def _run(serving: Coroutine[Any, Any, int]) -> int:
    """On uvloop where it is installed (extra `speed`), else on asyncio's own loop."""
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(serving)


def configured(data_dir: Path) -> Catalogue:
    """The compiled catalogue; waits for the core's first one.

    The page reads no YAML: a configuration that is being edited cannot keep it from starting.
    """
    path = catalogue_file(data_dir)
    while True:
        try:
            return read_catalogues(path)[-1].catalogue
        except CatalogueUnreadable:
            # Not there yet, or of another version until its core replaces it.
            time.sleep(_POLL_CATALOGUE_S)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="estado run --role page")
    parser.add_argument("--config", type=Path, help="read by the core, which compiles it")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--host", help="instead of the configured one")
    parser.add_argument("--port", type=int, help="instead of the configured one")
    accept_interrupts()
    given = parser.parse_args(argv)
    configure_logs("page")
    if given.host and given.port is not None:
        return run_page(given.data_dir, given.host, given.port)
    catalogue = configured(given.data_dir)
    page, subscribers = catalogue.page, catalogue.subscribers
    return run_page(
        given.data_dir,
        given.host or page.bind_host,
        given.port or page.bind_port,
        page.trusted_proxies or (() if subscribers is None else subscribers.trusted_proxies),
        page.mirrors,
        page.url,
    )


if __name__ == "__main__":
    raise SystemExit(main())
