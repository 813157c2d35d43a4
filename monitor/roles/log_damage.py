"""A reader reports to the log's one writer that the file is damaged where the writer does not read.

The prober touches the end of its log alone; the core reads all of it. The core names the file by
its device and inode, so that a report about a log that was set aside already has no effect.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from pathlib import Path

from monitor.results.log.set_aside import FileId, file_id, is_damage
from monitor.roles.settings import damage_file, log_file


def report_damage(data_dir: Path, error: sqlite3.Error) -> bool:
    """Whether the error is damage, and was reported. Raises OSError."""
    damaged = file_id(log_file(data_dir))
    if not is_damage(error) or damaged is None:
        return False
    report = damage_file(data_dir)
    aside = report.with_name(f"{report.name}.new")
    aside.write_text(json.dumps(damaged), "utf-8")
    aside.replace(report)
    return True


def reported_damage(data_dir: Path) -> FileId | None:
    """The file that was last reported."""
    with suppress(OSError, ValueError, TypeError):
        device, inode = json.loads(damage_file(data_dir).read_text("utf-8"))
        return int(device), int(inode)
    return None
