"""A message to operators as plain text: complete, and readable in a terminal or on a watch."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from monitor.alerting.sections import Section

_WIDTH = 78
_LABEL = 14


def as_text(headline: str, second: str, parts: Sequence[Section], closing: str) -> str:
    """Headline, what was seen, sections with their labels in a column, what comes next."""
    blocks = [f"{headline}\n{_wrapped(second)}", "\n".join(map(_section, parts)), _wrapped(closing)]
    return "\n\n".join(block for block in blocks if block.strip()) + "\n"


def _section(section: Section) -> str:
    indent = " " * _LABEL
    lines = list(section.lines)
    if not section.is_verbatim:
        lines = [row for line in lines for row in textwrap.wrap(line, _WIDTH - _LABEL) or [""]]
    first = f"{section.label:<{_LABEL}}{lines[0]}"
    return "\n".join([first, *(indent + line for line in lines[1:])])


def _wrapped(words: str) -> str:
    return textwrap.fill(words, _WIDTH, break_long_words=False, break_on_hyphens=False)
