"""The core of itself: its tick, its sight, what it has yet to read, and what it owes."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import Metric

from monitor.metrics.core_metrics import CoreMetrics
from monitor.metrics.http.families import gauge


def core_families(figures: CoreMetrics) -> Iterable[Metric]:
    yield gauge("estado_core_tick_timestamp_seconds", "Last tick.", figures.ticked_at.at)
    yield gauge("estado_core_blind", "1 while our own line is believed cut.", figures.is_blind)
    yield gauge("estado_core_unresolved", "1 while our own resolver is ill.", figures.is_unresolved)
    yield gauge("estado_log_depth", "Results not folded yet.", figures.log_depth)
    yield gauge("estado_catalogue_revision", "Configuration in force.", figures.revision)
    yield gauge("estado_notifications_sent", "Messages kept as sent.", figures.sent)
    yield gauge("estado_notifications_owed", "Messages not sent yet.", figures.owed)
    yield gauge("estado_notifications_given_up", "Messages given up.", figures.given_up)
    yield gauge("estado_late_refused", "Late days left as they were.", figures.late_refused)
    yield gauge(
        "estado_notifications_unheard",
        "1 while no route takes an alert.",
        figures.unheard_since is not None,
    )
    if figures.rendered_at is not None:
        yield gauge("estado_page_timestamp_seconds", "Last render.", figures.rendered_at.at)
    if figures.disk is not None:
        yield gauge("estado_data_free_bytes", "Free on the data folder's disk.", figures.disk.free)
        yield gauge("estado_data_size_bytes", "Size of that disk.", figures.disk.size)
