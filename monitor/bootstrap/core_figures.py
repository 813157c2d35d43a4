"""The core's own figures, gathered from the kernel."""

from __future__ import annotations

from pathlib import Path

from monitor.adapters.machine import cpu_s, disk_bytes, rss_bytes
from monitor.domain.interval import Second
from monitor.engine.figures import DiskFigures, ProcessFigures


def process_figures(started_at: Second) -> ProcessFigures:
    return ProcessFigures(started_at=started_at, cpu_s=cpu_s(), rss_bytes=rss_bytes())


def disk_figures(data_dir: Path) -> DiskFigures | None:
    """None where the folder cannot be asked for."""
    try:
        free, size = disk_bytes(data_dir)
    except OSError:
        return None
    return DiskFigures(free=free, size=size)
