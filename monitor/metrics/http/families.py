"""What the families share: a family of one sample, and an outcome as a number."""

from __future__ import annotations

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from monitor.domain.checks.observation import Outcome

VALUE = {Outcome.UP: 1.0, Outcome.DEGRADED: 0.5, Outcome.DOWN: 0.0, Outcome.UNKNOWN: -1.0}
VALUE_WORDS = "1 up, 0.5 degraded, 0 down, -1 unknown"


def gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def counter(name: str, words: str, value: float) -> Metric:
    """A counter; `_total` is put behind its name."""
    return CounterMetricFamily(name, words, value=value)
