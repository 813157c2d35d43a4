"""The roles as processes: since when each runs, and what it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from monitor.metrics.core_metrics import CoreMetrics, ProcessMetrics


def process_families(figures: CoreMetrics) -> Iterable[Metric]:
    """Of the core and of those that have reported; what the store's takes it does not say."""
    started = GaugeMetricFamily(
        "estado_process_start_timestamp_seconds", "Start of the role.", labels=["role"]
    )
    cpu = CounterMetricFamily("estado_process_cpu_seconds", "CPU that it took.", labels=["role"])
    memory = GaugeMetricFamily("estado_process_resident_bytes", "Its memory.", labels=["role"])
    for role, process in _processes(figures):
        started.add_metric([role], float(process.started_at))
        cpu.add_metric([role], process.cpu_s)
        memory.add_metric([role], float(process.rss_bytes))
    if figures.store is not None:
        started.add_metric(["store"], float(figures.store.started_at))
    yield started
    yield cpu
    yield memory


def _processes(figures: CoreMetrics) -> Iterator[tuple[str, ProcessMetrics]]:
    if figures.process is not None:
        yield "core", figures.process
    seen = figures.prober
    if seen is not None:
        yield (
            "prober",
            ProcessMetrics(started_at=seen.started_at, cpu_s=seen.cpu_s, rss_bytes=seen.rss_bytes),
        )
