"""The operators' port: `/metrics` for Prometheus, `/readyz` for whoever relies on the monitor and
`/livez` for whoever starts the core anew, `/healthz` for `estado health`; loopback by default."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from monitor.domain.time.clock import Clock, read_clock
from monitor.metrics.core_metrics import CoreMetrics
from monitor.metrics.http.checks import check_lines
from monitor.metrics.http.components import component_families
from monitor.metrics.http.core import core_families
from monitor.metrics.http.incidents import incident_families
from monitor.metrics.http.prober import prober_families
from monitor.metrics.http.processes import process_families
from monitor.metrics.http.store import store_families
from monitor.runtime.hosts import is_ours

Figures = Callable[[], Awaitable[CoreMetrics | None]]
"""Gathers the figures of this moment; None until the first tick."""

_NOT_YET = ("the core has not ticked yet",)
_FAMILIES = (
    core_families,
    process_families,
    prober_families,
    store_families,
    incident_families,
    component_families,
)


_STRANGE_HOST = (
    "Ask by an address, by localhost, by a name without a dot, or by the name in "
    "operations.listen: this request came under another name.\n"
)


def make_ops_app(
    figures: Figures,
    clock: Clock,
    phases: Mapping[str, Sequence[str]],
    names: Collection[str] = (),
) -> web.Application:
    """`phases` are those that each kind of probe declares: no other becomes a label. `names` are
    what we may be called besides addresses, localhost and single words."""

    def exposition(now: CoreMetrics | None) -> bytes:
        if now is None:
            return b""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_CoreCollector(now))
        told = "".join(check_lines(now, clock.now(), phases))
        return generate_latest(registry) + told.encode()

    async def metrics(request: web.Request) -> web.Response:
        # Beside the loop: with 10 000 checks it takes a fifth of a second.
        body = await asyncio.to_thread(exposition, await figures())
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4"})

    async def readyz(request: web.Request) -> web.Response:
        now = await figures()
        return _verdict("ready", _NOT_YET if now is None else now.troubles(read_clock(clock)))

    async def livez(request: web.Request) -> web.Response:
        now = await figures()
        return _verdict("alive", _NOT_YET if now is None else now.standstill(read_clock(clock)))

    async def healthz(request: web.Request) -> web.Response:
        now = await figures()
        return _verdict("well", _NOT_YET if now is None else now.ailments(read_clock(clock)))

    app = web.Application(middlewares=[_only_ours(names)])
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/livez", livez)
    app.router.add_get("/healthz", healthz)
    return app


def _only_ours(names: Collection[str]) -> Middleware:
    """Refuse what comes under a name of somebody else's: see `monitor.runtime.hosts`."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get(hdrs.HOST)
        if host is not None and not is_ours(host, names):
            return web.Response(status=421, text=_STRANGE_HOST)
        return await handler(request)

    return guard


def _verdict(name: str, troubles: Sequence[str]) -> web.Response:
    answer = {name: not troubles, "troubles": list(troubles)}
    return web.json_response(answer, status=503 if troubles else 200)


class _CoreCollector(Collector):
    def __init__(self, figures: CoreMetrics) -> None:
        self._figures = figures

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        for families in _FAMILIES:
            yield from families(self._figures)
