"""Who asked to be told, and how far the dispatcher of each kind has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from monitor.domain.subscriptions.delivery_figures import DeliveryFigures, SubscribersMetrics
from monitor.metrics.core_metrics import CoreMetrics


def subscribers_families(metrics: CoreMetrics) -> Iterable[Metric]:
    """Nothing where nobody may subscribe."""
    found = metrics.subscribers
    if found is None:
        return
    yield _counts(found)
    yield _signs(found)
    yield from _queues(found)
    yield _counter(found, "sent", "Messages that were taken.")
    yield _counter(found, "failed", "Messages that were given up.")


def _counts(found: SubscribersMetrics) -> Metric:
    family = GaugeMetricFamily("estado_subscribers", "Subscriptions.", labels=["kind", "state"])
    for (kind, state), number in found.counts.items():
        family.add_metric([kind, state.value], number)
    return family


def _signs(found: SubscribersMetrics) -> Metric:
    name = "estado_subscribers_dispatcher_timestamp_seconds"
    family = GaugeMetricFamily(name, "When it last came any further.", labels=["kind"])
    for kind, sign in found.signs.items():
        if sign is not None:
            family.add_metric([kind], sign.at)
    return family


def _queues(found: SubscribersMetrics) -> Iterator[Metric]:
    labels = ["kind", "attempt"]
    sizes = GaugeMetricFamily("estado_subscribers_queued", "Messages not sent yet.", labels=labels)
    ages = GaugeMetricFamily(
        "estado_subscribers_oldest_timestamp_seconds", "The oldest of them.", labels=labels
    )
    for kind, figures in found.figures.items():
        for attempt, queue in (("first", figures.untried), ("again", figures.retried)):
            sizes.add_metric([kind, attempt], queue.size)
            if queue.oldest is not None:
                ages.add_metric([kind, attempt], queue.oldest)
    yield sizes
    yield ages


def _counter(found: SubscribersMetrics, of: str, words: str) -> Metric:
    family = CounterMetricFamily(f"estado_subscribers_{of}", words, labels=["kind"])
    for kind, figures in found.figures.items():
        family.add_metric([kind], _of(figures, of))
    return family


def _of(figures: DeliveryFigures, name: str) -> int:
    return figures.sent if name == "sent" else figures.failed
