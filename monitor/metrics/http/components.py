"""Each component's status, and its last 90 days."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.metrics.core_metrics import CoreMetrics
from monitor.metrics.http.families import VALUE, VALUE_WORDS

_BUCKETS = ("up", "degraded", "down", "excluded", "unknown")


def component_families(metrics: CoreMetrics) -> Iterable[Metric]:
    status = GaugeMetricFamily("estado_component_status", f"{VALUE_WORDS}.", labels=["component"])
    since = GaugeMetricFamily(
        "estado_component_since_timestamp_seconds",
        "Start of the present status.",
        labels=["component"],
    )
    for component, component_status in sorted(metrics.component_statuses.items()):
        status.add_metric([component], VALUE[component_status.status])
        since.add_metric([component], float(component_status.since))
    yield status
    yield since
    yield _seconds(metrics)


def _seconds(metrics: CoreMetrics) -> Metric:
    spent = GaugeMetricFamily(
        "estado_component_90d_seconds",
        "Seconds of the last 90 local days in each bucket, under the default terms.",
        labels=["component", "bucket"],
    )
    for component, total in metrics.totals.items():
        for bucket in _BUCKETS:
            spent.add_metric([component, bucket], float(getattr(total, bucket)))
    return spent
