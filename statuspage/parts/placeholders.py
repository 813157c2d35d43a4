"""Holes in a document: what changes with every minute is filled in last, where it is needed.

A hole is a name between two NULs, and nothing else in a document has one: what people have written
loses its own where it is escaped (`statuspage.parts.html`). Words that fill a hole are escaped
already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from statuspage.parts.html import Html

NUL = "\0"
_HOLE = re.compile(rb"\0([a-z-]+)\0")


def placeholder(name: str) -> Html:
    return Html(f"{NUL}{name}{NUL}")


def placeholders_in(document: bytes) -> tuple[str, ...]:
    """The names of a document's holes, each once."""
    return tuple(sorted({found.decode() for found in _HOLE.findall(document)}))


def fill(document: bytes, words: Mapping[str, str]) -> bytes:
    """The document with every hole filled, once: words are not looked through again. Raises
    KeyError where words are missing.

    >>> fill(b"At \\0t\\0.", {"t": "14:35"})
    b'At 14:35.'
    """
    return _HOLE.sub(lambda found: words[found[1].decode()].encode(), document)
