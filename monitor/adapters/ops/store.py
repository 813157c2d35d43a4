"""The follower that copies results into a store; nothing where none is configured."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import Metric

from monitor.adapters.ops.families import gauge
from monitor.engine.figures import CoreFigures


def store_families(figures: CoreFigures) -> Iterable[Metric]:
    store = figures.store
    if store is None:
        return
    yield gauge("estado_store_lag_rows", "Results not stored yet.", store.lag_rows)
    yield gauge("estado_store_lag_seconds", "Age of the oldest of them.", store.lag_s)
    yield gauge("estado_store_dead_letters", "Results that it refused.", store.dead_letters)
    yield gauge("estado_store_paused", "1 while it is not written to.", store.is_paused)
    if store.last_write_at is not None:
        yield gauge("estado_store_last_write_timestamp_seconds", "Last write.", store.last_write_at)
