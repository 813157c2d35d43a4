"""The incidents that are not resolved."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.metrics.core_metrics import CoreMetrics
from monitor.metrics.http.families import gauge


def incident_families(metrics: CoreMetrics) -> Iterable[Metric]:
    started = GaugeMetricFamily(
        "estado_incident_started_timestamp_seconds",
        "Start of each unresolved incident.",
        labels=["incident"],
    )
    monitoring = GaugeMetricFamily(
        "estado_incident_monitoring_timestamp_seconds",
        "Recovery of each observed one.",
        labels=["incident"],
    )
    for incident in metrics.incidents:
        started.add_metric([incident.id], float(incident.started_at))
        if incident.monitoring_at is not None:
            monitoring.add_metric([incident.id], float(incident.monitoring_at))
    yield gauge("estado_incidents_unresolved", "How many there are.", len(metrics.incidents))
    yield started
    yield monitoring
