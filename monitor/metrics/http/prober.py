"""The prober itself, as it last wrote beside its log."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import Metric

from monitor.metrics.core_metrics import CoreMetrics
from monitor.metrics.http.families import counter, gauge
from monitor.results.log.ports import ProberMetrics


def prober_families(metrics: CoreMetrics) -> Iterable[Metric]:
    prober = metrics.prober
    if prober is None:
        return
    yield gauge("estado_prober_timestamp_seconds", "The prober's last figures.", prober.at)
    yield _lateness(prober)
    yield gauge("estado_loop_lag_seconds", "Lag of the prober's loop.", prober.loop_lag_ms / 1000)
    doubted = prober.extra.get("clock_doubted_s", 0)
    yield gauge("estado_clock_doubted_seconds", "How far the clock is not believed.", doubted)
    yield gauge("estado_results_unwritten", "Results waiting for the disk.", prober.unwritten)
    for name, words, value in (
        ("estado_slots_started", "Looks begun.", prober.started),
        ("estado_slots_finished", "Looks ended.", prober.finished),
        ("estado_slots_missed", "Slots never run: a gap.", prober.missed),
        ("estado_wall_steps", "Steps of the wall clock over 1 s.", prober.wall_steps),
        ("estado_results_lost", "Results dropped before a full disk.", prober.extra.get("lost", 0)),
        ("estado_looks_held", "Failures that asked of our line.", prober.extra.get("held", 0)),
        ("estado_looks_blind", "Failures of our own line.", prober.extra.get("no_network", 0)),
        ("estado_prober_stalls", "Times that it stood still.", prober.extra.get("stalls", 0)),
        ("estado_prober_stalled_seconds", "For how long.", prober.extra.get("stalled_s", 0)),
        (
            "estado_looks_unresolved",
            "Failures of our resolver.",
            prober.extra.get("no_resolver", 0),
        ),
    ):
        yield counter(name, words, value)


def _lateness(prober: ProberMetrics) -> Metric:
    """A summary over the last few seconds; the prober keeps no sum of it."""
    name = "estado_slot_lateness_seconds"
    late = Metric(name, "How late slots start.", "summary")
    late.add_sample(name, {"quantile": "0.5"}, prober.lateness_p50_ms / 1000)
    late.add_sample(name, {"quantile": "0.99"}, prober.lateness_p99_ms / 1000)
    return late
