"""The prober's metrics, gathered from its parts and from the kernel."""

from __future__ import annotations

from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second
from monitor.results.log.ports import RECENT_STALLS, STALLED_BY, ProberMetrics
from monitor.results.log.writer import LogWriter
from monitor.runtime.processes.process_stats import cpu_s, rss_bytes
from monitor.scheduling.metrics import ProberCounters, quantile
from monitor.scheduling.scheduler import Scheduler
from monitor.scheduling.stalls import StallDetector


def gather(
    counters: ProberCounters,
    scheduler: Scheduler,
    writer: LogWriter,
    stalls: StallDetector,
    *,
    started_at: Second,
    now: ClockReading,
) -> ProberMetrics:
    """What was counted since the start and measured since the last call; measuring begins anew."""
    metrics = ProberMetrics(
        at=now.at,
        boottime=now.boottime,
        boot_id=now.boot_id,
        started_at=started_at,
        lateness_p50_ms=quantile(counters.lateness_s, 0.5) * 1000,
        lateness_p99_ms=quantile(counters.lateness_s, 0.99) * 1000,
        loop_lag_ms=counters.loop_lag_s * 1000,
        missed=scheduler.missed,
        started=counters.started,
        finished=counters.finished,
        unwritten=writer.unwritten,
        wall_steps=scheduler.time.steps,
        last_wall_step_s=scheduler.time.last_step_s,
        cpu_s=cpu_s(),
        rss_bytes=rss_bytes(),
        extra={
            "lost": float(writer.lost),
            "held": float(counters.held),
            "no_network": float(counters.unseen),
            "clock_doubted_s": scheduler.time.distrusted_s,
            "stalls": float(stalls.count),
            "stalled_s": stalls.lost_s(),
            RECENT_STALLS: float(stalls.recent()),
            "no_resolver": float(counters.unresolved),
            **({f"{STALLED_BY}{culprit}": 1.0} if (culprit := stalls.culprit()) else {}),
        },
    )
    counters.forget()
    return metrics
