"""Where tables go: a terminal as wide as it is, a pipe as wide as its rows."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.text import Text

from monitor.domain.untrusted_text import visible

_NEVER_FOLDED = 1000


def table_console() -> Console:
    """Rows for programs are never folded, and have no colour."""
    width = None if sys.stdout.isatty() else _NEVER_FOLDED
    return Console(highlight=False, markup=False, width=width)


def untrusted_text(words: str) -> Text:
    """A name that somebody else wrote, as it is, with no markup and nothing that a terminal would
    act on."""
    return Text(visible(words))


def counted(number: int, what: str) -> str:
    """
    >>> counted(1, "credit"), counted(0, "credit")
    ('1 credit', '0 credits')
    """
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
