"""The follower that forwards results to a store and counts latencies."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import Metric

from monitor.metrics.core_metrics import CoreMetrics
from monitor.metrics.http.families import counter, gauge


def store_families(metrics: CoreMetrics) -> Iterable[Metric]:
    """Nothing until the role has reported."""
    store = metrics.store
    if store is None:
        return
    yield gauge("estado_store_timestamp_seconds", "The follower's last figures.", store.at)
    yield gauge("estado_store_lag_rows", "Results not stored yet.", store.lag_rows)
    lag = store.lag_s(metrics.at)
    yield gauge("estado_store_lag_seconds", "Age of the oldest of them.", lag)
    yield gauge("estado_store_windows_lag_rows", "Results not counted.", store.windows_lag_rows)
    yield gauge("estado_store_dead_letters", "Results that it refused.", store.dead_letters)
    yield counter("estado_store_missed_rows_total", "Results pruned first, at most.", store.missed)
    yield gauge("estado_store_paused", "1 while a person has to act.", bool(store.paused))
    if store.last_write is not None:
        yield gauge("estado_store_last_write_timestamp_seconds", "Last write.", store.last_write)
