"""Control characters in what a target says: nothing stored or shown may act on a terminal."""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""C0 and C1 without tab and newline, and DEL."""


def visible(words: str) -> str:
    """The words with each control character written out.

    >>> visible("220 \\x1b[2Jhello\\x9b\\r"), visible("a\\tb\\nc")
    ('220 \\\\x1b[2Jhello\\\\x9b\\\\x0d', 'a\\tb\\nc')
    """
    if words.isprintable():
        return words
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", words)
