"""The operators' port: `/metrics` for Prometheus, `/readyz` for whoever relies on the monitor,
`/livez` for whoever restarts the core, `/healthz` for `estado health`; loopback by default."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from monitor.domain.closing_progress import ClosingProgress
from monitor.domain.role_fault import CoreFault, CoreFaultCode
from monitor.domain.time.age import ClockReading
from monitor.domain.time.clock import Clock, read_clock
from monitor.metrics.core_metrics import CoreMetrics
from monitor.metrics.http.checks import check_lines
from monitor.metrics.http.components import component_families
from monitor.metrics.http.core import core_families
from monitor.metrics.http.forecast import forecast_families
from monitor.metrics.http.incidents import incident_families
from monitor.metrics.http.prober import prober_families
from monitor.metrics.http.processes import process_families
from monitor.metrics.http.store import store_families
from monitor.metrics.http.subscribers import subscribers_families
from monitor.runtime.http.hosts import is_ours

GatherMetrics = Callable[[], Awaitable[CoreMetrics | None]]
"""Gathers the metrics of this moment; None until the first tick."""
FaultsOf = Callable[[CoreMetrics, ClockReading], Sequence[CoreFault]]

_NOT_YET = (CoreFault(code=CoreFaultCode.NOT_YET),)
_FAMILIES = (
    core_families,
    process_families,
    prober_families,
    store_families,
    subscribers_families,
    incident_families,
    component_families,
    forecast_families,
)


_QUESTIONS: Sequence[tuple[str, str, FaultsOf]] = (
    ("/readyz", "ready", CoreMetrics.faults),
    ("/livez", "alive", CoreMetrics.standstill),
    ("/healthz", "well", CoreMetrics.own_faults),
)
"""Where it is asked, what is asked, and what speaks against it."""
_STRANGE_HOST = (
    "Ask by an address, by localhost, by a name without a dot, or by the name in "
    "operations.listen: this request came under another name.\n"
)


def make_ops_app(
    gather: GatherMetrics,
    clock: Clock,
    phases: Mapping[str, Sequence[str]],
    names: Collection[str] = (),
) -> web.Application:
    """`phases` are those that each kind of probe declares: no other becomes a label. `names` are
    what we may be called besides addresses, localhost and single words."""

    def exposition(current: CoreMetrics | None) -> bytes:
        if current is None:
            return b""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_CoreCollector(current))
        checks = "".join(check_lines(current, clock.now(), phases))
        return generate_latest(registry) + checks.encode()

    async def metrics(request: web.Request) -> web.Response:
        # On a thread: with 10 000 checks it takes a fifth of a second.
        body = await asyncio.to_thread(exposition, await gather())
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4"})

    app = web.Application(middlewares=[_only_ours(names)])
    app.router.add_get("/metrics", metrics)
    for path, name, faults_of in _QUESTIONS:
        app.router.add_get(path, _answering(name, faults_of, gather, clock))
    return app


def _answering(
    name: str,
    faults_of: FaultsOf,
    gather: GatherMetrics,
    clock: Clock,
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        current = await gather()
        if current is None:
            return _respond(name, _NOT_YET, None)
        return _respond(name, faults_of(current, read_clock(clock)), current.closing)

    return answer


def _only_ours(names: Collection[str]) -> Middleware:
    """Refuse what comes under a name that is not ours: see `monitor.runtime.http.hosts`."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get(hdrs.HOST)
        if host is not None and not is_ours(host, names):
            return web.Response(status=421, text=_STRANGE_HOST)
        return await handler(request)

    return guard


def _respond(
    name: str, faults: Sequence[CoreFault], closing: ClosingProgress | None
) -> web.Response:
    """Sentences for people, and the same by code for who says it in another language."""
    body = {
        name: not faults,
        "troubles": [str(fault) for fault in faults],
        "faults": [fault.fields for fault in faults],
        "closing": None if closing is None else closing.fields,
    }
    return web.json_response(body, status=503 if faults else 200)


class _CoreCollector(Collector):
    def __init__(self, metrics: CoreMetrics) -> None:
        self._metrics = metrics

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        for families in _FAMILIES:
            yield from families(self._metrics)
