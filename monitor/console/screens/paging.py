"""Long lists, a page at a time."""

from __future__ import annotations

from urllib.parse import urlencode

from monitor.console.visit import Visit

PAGE = 100
"""Rows of a list that are shown at once."""
_MOST_DIGITS = 7


def first_of(visit: Visit) -> int:
    """Which row is the first that is shown, from 0; the list's first where none is named."""
    written = visit.query.get("from", "")
    is_number = written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS
    return int(written) if is_number else 0


def next_url(visit: Visit, path: str, first: int, found: int) -> str:
    """Where the list goes on; empty where it does not."""
    if first + PAGE >= found:
        return ""
    asked = {name: value for name, value in visit.query.items() if value and name != "done"}
    return f"{path}?{urlencode({**asked, 'from': first + PAGE})}"
