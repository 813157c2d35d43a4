"""Logs of a role that imports little: the standard library's, as JSON lines with their fields.

structlog costs 8 MiB of memory with what it brings along; the prober logs a few lines a day.
"""

from __future__ import annotations

import json
import logging
import sys
import time

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """`{"role": ..., "level": ..., "event": ..., "timestamp": ...}` and whatever `extra` holds."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "event": record.getMessage(),
            "role": self._role,
            "level": record.levelname.lower(),
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            **{name: value for name, value in vars(record).items() if name not in _KNOWN},
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event, default=str)


def configure_plain_logs(role: str) -> None:
    """Send everything from INFO up to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(role))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
