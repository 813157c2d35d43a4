"""Text of others made harmless: for terminals, and for spreadsheets that open a CSV file."""

from __future__ import annotations

import re
from collections.abc import Mapping

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""C0 and C1 without tab and newline, and DEL."""
_NO_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What no line of plain text contains: those, all line ends, and marks that reverse the writing."""


def is_plain_line(words: str) -> bool:
    """Whether the words stay in one line, unchanged, wherever they are shown.

    >>> is_plain_line("Hosting\\u00a0básico"), is_plain_line("C-1\\x1b[2J"), is_plain_line("a\\nb")
    (True, False, False)
    """
    return words.isprintable() or not _NO_LINE.search(words)


def visible(words: str) -> str:
    """The words with each control character written out.

    >>> visible("220 \\x1b[2Jhello\\x9b\\r"), visible("a\\tb\\nc")
    ('220 \\\\x1b[2Jhello\\\\x9b\\\\x0d', 'a\\tb\\nc')
    """
    if words.isprintable():
        return words
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", words)


_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0")  # noqa: RUF001
"""What begins a formula, also after what a spreadsheet drops (ASVS 5.0, 1.2.10)."""


def text_cell(value: object) -> str:
    """Text that a spreadsheet would run as a formula is quoted.

    >>> text_cell("=1+1"), text_cell(["a", "b"]), text_cell(None)
    ("'=1+1", 'a b', '')
    """
    text = plain_cell(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain_cell(value: object) -> str:
    """As it is: for numbers of our own, which may be negative."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return " ".join(f"{key}={found}" for key, found in value.items())
    return " ".join(map(plain_cell, value)) if isinstance(value, list) else str(value)


def comma_cell(value: object) -> str:
    """A number of our own where cells are cut by semicolons: a spreadsheet that wants those reads a
    decimal comma. To it `1.66` is a text, and `1.660` is 1660.

    >>> comma_cell("-2.29"), comma_cell(3900), comma_cell("8838/3")
    ('-2,29', '3900', '8838/3')
    """
    text = plain_cell(value)
    return text.replace(".", ",") if _DECIMAL.fullmatch(text) else text
