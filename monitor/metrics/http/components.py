"""Where each component stands, and its last 90 days."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.metrics.core_metrics import CoreMetrics
from monitor.metrics.http.families import VALUE, VALUE_WORDS

_BUCKETS = ("up", "degraded", "down", "excluded", "unknown")


def component_families(figures: CoreMetrics) -> Iterable[Metric]:
    status = GaugeMetricFamily("estado_component_status", f"{VALUE_WORDS}.", labels=["component"])
    since = GaugeMetricFamily(
        "estado_component_since_timestamp_seconds",
        "Start of the present status.",
        labels=["component"],
    )
    for component, standing in sorted(figures.standings.items()):
        status.add_metric([component], VALUE[standing.status])
        since.add_metric([component], float(standing.since))
    yield status
    yield since
    yield _seconds(figures)


def _seconds(figures: CoreMetrics) -> Metric:
    spent = GaugeMetricFamily(
        "estado_component_90d_seconds",
        "Seconds of the last 90 local days in each bucket, under the default terms.",
        labels=["component", "bucket"],
    )
    for component, total in figures.totals.items():
        for bucket in _BUCKETS:
            spent.add_metric([component, bucket], float(getattr(total, bucket)))
    return spent
