"""Answers as CSV: one row per item, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence

from monitor.domain.untrusted_text import plain_cell, text_cell

MEDIA_TYPE = "text/csv"
CHECKS = ("id", "component", "kind", "interval_s", "locations")
RESULTS = (
    "at", "location", "outcome", "failure", "message", "duration_ms", "phases_ms", "evidence",
    "revision",
)  # fmt: skip
RUNS = ("at", "location", "outcome", "duration_ms")
UPTIME = (
    "start", "end", "total_s", "up_s", "degraded_s", "down_s", "excluded_s", "unknown_s",
    "inferred_s", "uptime_fraction", "uptime_display",
)  # fmt: skip
PIECES = (
    "start", "end", "looks", "p50_ms", "p95_ms", "p99_ms", "mean_ms", "min_ms", "max_ms",
)  # fmt: skip


def table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """A header and its rows; lines end as RFC 4180 requires."""
    return header(columns) + lines(columns, rows)


def header(columns: Sequence[str]) -> bytes:
    return lines(columns, [dict(zip(columns, columns, strict=True))])


def lines(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Rows without a header."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in columns])
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: object) -> str:
    """Numbers are our own; everything else may be foreign text."""
    if isinstance(value, int | float):
        return plain_cell(value)
    if isinstance(value, Mapping):
        return text_cell(json.dumps(value, ensure_ascii=False) if value else "")
    return text_cell(value)
