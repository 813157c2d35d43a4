"""Times as people type them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from monitor.domain.time.calendar import second_of
from monitor.domain.time.interval import Second

if TYPE_CHECKING:
    from monitor.client.ports import Product


def read_time(text: str, zone: ZoneInfo, now: Second) -> Second:
    """ISO 8601, in the company's zone unless it names another; or `now`."""
    if text == "now":
        return now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"want 2026-04-19T02:00 or now, got {text!r}") from None
    return second_of(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))


def optional_time(text: str | None, product: Product) -> Second | None:
    """The same by the product's zone and clock; None where nothing was typed."""
    return None if text is None else read_time(text, product.labels().zone, product.now())


def read_length(text: str) -> int:
    """`45m`, `1h30m`, `1d`, `90s`: seconds. Units go from large to small, each at most once."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None or not text.strip():
        raise typer.BadParameter(f"want 45m, 1h30m or 1d, got {text!r}")
    return sum(int(n or 0) * unit for n, unit in zip(found.groups(), _UNITS, strict=True))


_LENGTH = re.compile("(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?")
_UNITS = (86_400, 3_600, 60, 1)
