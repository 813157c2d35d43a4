"""The core itself: its tick, its connectivity, what it has yet to read, and what is pending."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from monitor.domain.time.interval import Second
from monitor.metrics.core_metrics import CoreMetrics
from monitor.metrics.http.families import gauge


def core_families(metrics: CoreMetrics) -> Iterable[Metric]:
    yield gauge("estado_core_tick_timestamp_seconds", "Last tick.", metrics.ticked_at.at)
    yield gauge("estado_core_blind", "1 while our own line is believed cut.", metrics.is_offline)
    yield gauge("estado_core_unresolved", "1 while our own resolver is ill.", metrics.is_unresolved)
    yield gauge(
        "estado_journal_held_seconds", "How long nothing could be recorded.", metrics.held_s
    )
    yield gauge("estado_log_depth", "Results not folded yet.", metrics.log_depth)
    yield gauge("estado_catalogue_revision", "Configuration in force.", metrics.revision)
    yield gauge("estado_notifications_sent", "Messages kept as sent.", metrics.sent)
    yield gauge("estado_notifications_owed", "Messages not sent yet.", metrics.pending)
    yield gauge("estado_notifications_given_up", "Messages given up.", metrics.given_up)
    yield gauge("estado_late_refused", "Late days left as they were.", metrics.late_refused)
    yield gauge(
        "estado_credits_unanswered", "Asked for, and not answered.", metrics.credits_unanswered
    )
    if metrics.applying_paused_at is not None:
        yield gauge(
            "estado_credits_paused_timestamp_seconds",
            "Since when the brake is on.",
            metrics.applying_paused_at,
        )
    if metrics.closing is not None:
        done, every = metrics.closing.contracts, metrics.closing.of
        yield gauge("estado_closing_contracts", "Contracts of the month being closed.", every)
        yield gauge("estado_closing_contracts_done", "Those of them that are computed.", done)
    yield gauge(
        "estado_notifications_unheard",
        "1 while no route takes an alert.",
        metrics.undelivered_since is not None,
    )
    if metrics.rendered_at is not None:
        yield gauge("estado_page_timestamp_seconds", "Last render.", metrics.rendered_at.at)
    if metrics.private_pages_closed is not None:
        yield gauge(
            "estado_private_pages_closed",
            "1 while no link opens a private page.",
            bool(metrics.private_pages_closed),
        )
    if metrics.mirrors:
        yield _mirrors(metrics.mirrors)
    if metrics.disk is not None:
        yield gauge("estado_data_free_bytes", "Free on the data folder's disk.", metrics.disk.free)
        yield gauge("estado_data_size_bytes", "Size of that disk.", metrics.disk.size)


def _mirrors(times: Mapping[str, Second]) -> Metric:
    family = GaugeMetricFamily(
        "estado_mirror_timestamp_seconds", "Last up to date.", labels=["mirror"]
    )
    for mirror, at in times.items():
        family.add_metric([mirror], at)
    return family
