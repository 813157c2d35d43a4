"""The operators' port: `/metrics` for Prometheus and `/readyz`, loopback by default."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.domain.observation import Outcome
from monitor.engine.figures import CoreFigures
from monitor.ports.clock import Clock

_VALUE = {Outcome.UP: 1.0, Outcome.DEGRADED: 0.5, Outcome.DOWN: 0.0, Outcome.UNKNOWN: -1.0}
_BUCKETS = ("up", "degraded", "down", "excluded", "unknown")


def make_ops_app(figures: Callable[[], CoreFigures | None], clock: Clock) -> web.Application:
    """`figures` gives the newest; None until the first tick."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_CoreCollector(figures))

    async def metrics(request: web.Request) -> web.Response:
        body = generate_latest(registry)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4"})

    async def readyz(request: web.Request) -> web.Response:
        now = figures()
        troubles = ["the core has not ticked yet"] if now is None else now.troubles(clock.now())
        return web.json_response(
            {"ready": not troubles, "troubles": troubles}, status=503 if troubles else 200
        )

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/readyz", readyz)
    return app


class _CoreCollector(Collector):
    def __init__(self, figures: Callable[[], CoreFigures | None]) -> None:
        self._figures = figures

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        figures = self._figures()
        if figures is None:
            return
        yield from _own(figures)
        yield from _checks(figures)
        yield from _components(figures)
        yield from _incidents(figures)
        yield from _prober(figures)


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value=value)


def _own(figures: CoreFigures) -> Iterable[Metric]:
    yield _gauge("estado_core_tick_timestamp_seconds", "Last tick.", figures.ticked_at)
    yield _gauge("estado_core_blind", "1 while our own line is believed cut.", figures.is_blind)
    yield _gauge("estado_log_depth", "Results not folded yet.", figures.log_depth)
    yield _gauge("estado_catalogue_revision", "Configuration in force.", figures.revision)
    yield _gauge("estado_notifications_owed", "Messages not sent yet.", figures.owed)
    yield _gauge("estado_notifications_given_up", "Messages given up.", figures.given_up)
    if figures.rendered_at is not None:
        yield _gauge("estado_page_timestamp_seconds", "Last render.", figures.rendered_at)


def _checks(figures: CoreFigures) -> Iterable[Metric]:
    labels = ["check", "location"]
    status = GaugeMetricFamily(
        "estado_check_status", "1 up, 0.5 degraded, 0 down, -1 unknown.", labels=labels
    )
    slot = GaugeMetricFamily("estado_check_slot_seconds", "Slot of the last look.", labels=labels)
    for (check, location), state in sorted(figures.states.items()):
        status.add_metric([check, location], _VALUE[state.status])
        if state.last_slot is not None:
            slot.add_metric([check, location], float(state.last_slot))
    yield status
    yield slot


def _components(figures: CoreFigures) -> Iterable[Metric]:
    status = GaugeMetricFamily(
        "estado_component_status", "1 up, 0.5 degraded, 0 down, -1 unknown.", labels=["component"]
    )
    since = GaugeMetricFamily(
        "estado_component_since_seconds", "Start of the present status.", labels=["component"]
    )
    for component, standing in sorted(figures.standings.items()):
        status.add_metric([component], _VALUE[standing.status])
        since.add_metric([component], float(standing.since))
    yield status
    yield since
    yield _seconds(figures)


def _seconds(figures: CoreFigures) -> Metric:
    spent = GaugeMetricFamily(
        "estado_component_90d_seconds",
        "Seconds of the last 90 local days in each bucket, under the default terms.",
        labels=["component", "bucket"],
    )
    for component in figures.view.components if figures.view else ():
        for bucket in _BUCKETS:
            spent.add_metric([component.id, bucket], float(getattr(component.total, bucket)))
    return spent


def _incidents(figures: CoreFigures) -> Iterable[Metric]:
    started = GaugeMetricFamily(
        "estado_incident_started_seconds", "Start of each unresolved incident.", labels=["incident"]
    )
    monitoring = GaugeMetricFamily(
        "estado_incident_monitoring_seconds", "Recovery of each observed one.", labels=["incident"]
    )
    for incident in figures.incidents:
        started.add_metric([incident.id], float(incident.started_at))
        if incident.monitoring_at is not None:
            monitoring.add_metric([incident.id], float(incident.monitoring_at))
    yield started
    yield monitoring


def _prober(figures: CoreFigures) -> Iterable[Metric]:
    seen = figures.prober
    if seen is None:
        return
    yield _gauge("estado_prober_timestamp_seconds", "The prober's last figures.", seen.at)
    late = GaugeMetricFamily(
        "estado_slot_lateness_seconds", "How late slots start.", labels=["quantile"]
    )
    late.add_metric(["0.5"], seen.lateness_p50_ms / 1000)
    late.add_metric(["0.99"], seen.lateness_p99_ms / 1000)
    yield late
    yield _gauge("estado_loop_lag_seconds", "Lag of the prober's loop.", seen.loop_lag_ms / 1000)
    yield _gauge("estado_results_unwritten", "Results waiting for the disk.", seen.unwritten)
    for name, value, words in (
        ("estado_slots_started", seen.started, "Looks begun."),
        ("estado_slots_finished", seen.finished, "Looks ended."),
        ("estado_slots_missed", seen.missed, "Slots never run: a gap."),
        ("estado_wall_steps", seen.wall_steps, "Steps of the wall clock over 1 s."),
    ):
        yield CounterMetricFamily(name, words, value=value)
