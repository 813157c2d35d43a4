"""Times as people type them."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import typer

from monitor.domain.time.calendar import second_of
from monitor.domain.time.interval import Second


def read_time(text: str, zone: ZoneInfo, now: Second) -> Second:
    """ISO 8601, in the company's zone unless it names another; or `now`."""
    if text == "now":
        return now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"want 2026-04-19T02:00 or now, got {text!r}") from None
    return second_of(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))


def read_length(text: str) -> int:
    """`45m`, `2h`, `1d`, `90s`: seconds."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(f"want 45m, 2h or 1d, got {text!r}")
    return int(found[1]) * _UNITS[found[2]]


_LENGTH = re.compile("([0-9]{1,6})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
