"""Where tables go: a terminal as wide as it is, a pipe as wide as its rows."""

from __future__ import annotations

import sys

from rich.console import Console

_NEVER_FOLDED = 1000


def table_console() -> Console:
    """Rows for programs are never folded, and have no colour."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _NEVER_FOLDED)
