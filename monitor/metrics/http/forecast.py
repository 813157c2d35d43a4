"""What the month under way will come to, for looking at: never of a single contract or customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.metrics.core_metrics import CoreMetrics
from monitor.metrics.http.families import gauge


def forecast_families(metrics: CoreMetrics) -> Iterable[Metric]:
    found = metrics.forecast
    if found is None:
        return
    yield gauge("estado_forecast_timestamp_seconds", "When it was computed.", found.at)
    yield gauge("estado_forecast_contracts", "Contracts of this month.", found.contracts)
    yield gauge("estado_forecast_contracts_down", "Whose outage goes on.", found.going_on)
    yield _labelled(
        "estado_forecast_contracts_reached",
        "Contracts that have used up so many percent of what is allowed.",
        "percent",
        {str(percent): float(count) for percent, count in found.reached.items()},
    )
    if found.breaks_at is not None:
        yield gauge(
            "estado_forecast_breach_timestamp_seconds",
            "When the next guarantee is broken if the outage goes on.",
            found.breaks_at,
        )
    yield _labelled(
        "estado_forecast_due", "Due once each guarantee is broken.", "currency", found.then
    )
    yield _labelled(
        "estado_forecast_due_hour_later", "Due an hour after that.", "currency", found.later
    )
    yield _labelled(
        "estado_forecast_used_ratio",
        "Used of what the guarantee allows this month.",
        "terms",
        found.used,
    )
    yield _labelled(
        "estado_forecast_component_down_seconds",
        "Downtime of this month that contracts count.",
        "component",
        {str(component): float(seconds) for component, seconds in found.downtime.items()},
    )


def _labelled(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family
