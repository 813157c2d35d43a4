"""Placeholders in a document: what changes every minute is filled in last, where it is needed.

A placeholder is a name between two NULs. Nothing else in a document has a NUL: what people have
written loses its own where it is escaped (`statuspage.parts.html`). The words that replace a
placeholder are escaped already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from statuspage.parts.html import Html

NUL = "\0"
_PLACEHOLDER = re.compile(rb"\0([a-z0-9-]+)\0")


def placeholder(name: str) -> Html:
    return Html(f"{NUL}{name}{NUL}")


def placeholders_in(document: bytes) -> tuple[str, ...]:
    """The names of a document's placeholders, each once."""
    return tuple(sorted({found.decode() for found in _PLACEHOLDER.findall(document)}))


def fill(document: bytes, words: Mapping[str, str]) -> bytes:
    """The document with every placeholder replaced, once: the words are not searched again. Raises
    KeyError where words are missing.

    >>> fill(b"At \\0t\\0.", {"t": "14:35"})
    b'At 14:35.'
    """
    return _PLACEHOLDER.sub(lambda found: words[found[1].decode()].encode(), document)
