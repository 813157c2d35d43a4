"""The prober's figures, gathered from its parts and from the kernel."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from monitor.adapters.log_writer import LogWriter
from monitor.domain.interval import Second
from monitor.engine.slots import Slots
from monitor.engine.tally import Tally, quantile
from monitor.ports.results import Figures

_STATM = Path("/proc/self/statm")


def gather(
    tally: Tally, slots: Slots, writer: LogWriter, *, started_at: Second, now: Second
) -> Figures:
    """What was counted since the start and measured since the last time; measuring begins anew."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures = Figures(
        at=now,
        started_at=started_at,
        lateness_p50_ms=quantile(tally.lateness_s, 0.5) * 1000,
        lateness_p99_ms=quantile(tally.lateness_s, 0.99) * 1000,
        loop_lag_ms=tally.loop_lag_s * 1000,
        missed=slots.missed,
        started=tally.started,
        finished=tally.finished,
        unwritten=writer.unwritten,
        wall_steps=slots.time.steps,
        last_wall_step_s=slots.time.last_step_s,
        cpu_s=used.ru_utime + used.ru_stime,
        rss_bytes=_rss(used),
        extra={
            "lost": float(writer.lost),
            "held": float(tally.held),
            "no_network": float(tally.unseen),
        },
    )
    tally.forget()
    return figures


def _rss(used: resource.struct_rusage) -> int:
    """What is resident now; where the kernel does not say, the most that ever was."""
    try:
        pages = int(_STATM.read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return used.ru_maxrss * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")
