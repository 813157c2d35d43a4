"""The roles as processes: since when each runs, and how much CPU and memory it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from monitor.metrics.core_metrics import CoreMetrics, ProcessMetrics


def process_families(metrics: CoreMetrics) -> Iterable[Metric]:
    """Of the core and of roles that have reported; the store role does not say what it takes."""
    started = GaugeMetricFamily(
        "estado_process_start_timestamp_seconds", "Start of the role.", labels=["role"]
    )
    cpu = CounterMetricFamily("estado_process_cpu_seconds", "CPU that it took.", labels=["role"])
    memory = GaugeMetricFamily("estado_process_resident_bytes", "Its memory.", labels=["role"])
    for role, process in _processes(metrics):
        started.add_metric([role], float(process.started_at))
        cpu.add_metric([role], process.cpu_s)
        memory.add_metric([role], float(process.rss_bytes))
    if metrics.store is not None:
        started.add_metric(["store"], float(metrics.store.started_at))
    yield started
    yield cpu
    yield memory


def _processes(metrics: CoreMetrics) -> Iterator[tuple[str, ProcessMetrics]]:
    if metrics.process is not None:
        yield "core", metrics.process
    prober = metrics.prober
    if prober is not None:
        yield (
            "prober",
            ProcessMetrics(
                started_at=prober.started_at, cpu_s=prober.cpu_s, rss_bytes=prober.rss_bytes
            ),
        )
